/* Who a conversation belongs to: recado takeover, recado handback. */

#include "daemon/recado/cmd.h"

#include "base/clock.h"
#include "daemon/recado/contact_named.h"
#include "daemon/tenant.h"
#include "store/owner.h"

#include <stdio.h>
#include <unistd.h>

#define SETTLE_MS 20000 /* long enough for sends in flight, unless a provider is very slow */

/* Waits for sends that began before the takeover, so that no message of the bot arrives after
 * this command ends. */
static int wait_for_sends(struct rcd_db *db, int64_t id, int64_t *left, struct rcd_err *err)
{
	int64_t until = rcd_deadline_in(SETTLE_MS);

	for (;;) {
		if (rcd_owner_on_the_way(db, RCD_TENANT, id, left, err) != 0)
			return -1;
		if (*left == 0 || rcd_mono_ms() >= until)
			return 0;
		(void)usleep(20000);
	}
}

static void print_owner(const struct rcd_cli *cli, enum rcd_owner now, enum rcd_owner was,
                        int64_t left)
{
	if (cli->json) {
		printf("{\"owner\":\"%s\",\"was\":\"%s\",\"on_the_way\":%lld}\n", rcd_owner_name[now],
		       rcd_owner_name[was], (long long)left);
		return;
	}
	if (now == RCD_OWNER_BOT)
		puts(was == now ? "the bot has this conversation" : "the bot has this conversation again");
	else
		puts(was == now ? "this conversation is a person's already"
		                : "this conversation is yours: the bot is silent until recado handback");
	if (left > 0)
		printf("%lld messages of the bot are still on their way\n", (long long)left);
}

static int change_owner(struct rcd_cli *cli, int argc, char **argv, enum rcd_owner owner)
{
	struct rcd_conf *conf;
	struct rcd_db *db = NULL;
	struct rcd_err err = {0};
	enum rcd_owner was = owner;
	int64_t id = 0, left = 0;
	int status;

	if (!rcd_cli_args(cli, argc, argv, 1, 1))
		return RCD_EXIT_USAGE;
	status = rcd_cli_store(cli, &conf, &db);
	if (status != RCD_EXIT_OK)
		return status;
	if (rcd_contact_named(db, RCD_TENANT, argv[optind], &id, &err) != 0 ||
	    rcd_owner_set(db, RCD_TENANT, id, owner, &was, &err) != 0 ||
	    (owner != RCD_OWNER_BOT && wait_for_sends(db, id, &left, &err) != 0))
		status = rcd_cli_fail(cli, "%s", err.msg);
	else
		print_owner(cli, owner, was, left);
	rcd_db_close(db);
	rcd_conf_free(conf);
	return status;
}

int rcd_cmd_takeover(struct rcd_cli *cli, int argc, char **argv)
{
	return change_owner(cli, argc, argv, RCD_OWNER_PERSON);
}

int rcd_cmd_handback(struct rcd_cli *cli, int argc, char **argv)
{
	return change_owner(cli, argc, argv, RCD_OWNER_BOT);
}
