/* Faults planted on purpose, to see whether the crash harness notices: RCD_FAULT in the
 * environment names one. The linker of the V=crash build puts these functions in front of the
 * real ones; no other build has them. */
#include "tests/crash/plant.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "provider/twilio.h"
#include "store/inbox.h"
#include "store/job.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool planted(const char *what)
{
	const char *v = getenv("RCD_FAULT");

	return v != NULL && strcmp(v, what) == 0;
}

/* --- ack-before-commit: a webhook is answered, and stored a little later ---------------- */

struct later {
	struct rcd_db *db;
	struct rcd_inbox_in in;
};

static void *put_later(void *arg)
{
	struct later *l = arg;
	struct rcd_err err;
	bool fresh;

	(void)usleep(20000);
	(void)__real_rcd_inbox_put(l->db, &l->in, &fresh, &err);
	free((void *)(uintptr_t)l->in.event_key.p);
	free((void *)(uintptr_t)l->in.sender.p);
	free((void *)(uintptr_t)l->in.route.p);
	free((void *)(uintptr_t)l->in.body.p);
	free(l);
	return NULL;
}

static struct rcd_sv copy(struct rcd_sv v)
{
	return (struct rcd_sv){rcd_sv_dup(v), v.n};
}

static int ack_first(struct rcd_db *db, const struct rcd_inbox_in *in, bool *fresh)
{
	struct later *l = calloc(1, sizeof(*l));
	pthread_t t;

	if (l == NULL)
		return -1;
	*l = (struct later){db, *in};
	l->in.event_key = copy(in->event_key);
	l->in.sender = copy(in->sender);
	l->in.route = copy(in->route);
	l->in.body = copy(in->body);
	if (pthread_create(&t, NULL, put_later, l) != 0)
		return -1;
	(void)pthread_detach(t);
	*fresh = true;
	return 0;
}

/* --- no-unique: a message that comes again is a new one --------------------------------- */

static int put_again(struct rcd_db *db, const struct rcd_inbox_in *in, bool *fresh,
                     struct rcd_err *err)
{
	struct rcd_inbox_in other = *in;
	char key[128], salt[9];

	rcd_random_hex(salt, 4);
	(void)snprintf(key, sizeof(key), "%.*s %s", RCD_SV_ARG(in->event_key), salt);
	other.event_key = rcd_sv(key);
	return __real_rcd_inbox_put(db, &other, fresh, err);
}

int __wrap_rcd_inbox_put(struct rcd_db *db, const struct rcd_inbox_in *in, bool *fresh,
                         struct rcd_err *err)
{
	if (planted("ack-before-commit"))
		return ack_first(db, in, fresh);
	if (planted("no-unique"))
		return put_again(db, in, fresh, err);
	return __real_rcd_inbox_put(db, in, fresh, err);
}

/* --- no-fence: who lost a job goes on with it all the same ------------------------------ */

int __wrap_rcd_job_check(struct rcd_conn *conn, const struct rcd_job *job, struct rcd_err *err)
{
	return planted("no-fence") ? 0 : __real_rcd_job_check(conn, job, err);
}

int __wrap_rcd_job_hold(struct rcd_conn *conn, const struct rcd_job *job, struct rcd_err *err)
{
	return planted("no-fence") ? 0 : __real_rcd_job_hold(conn, job, err);
}

int __wrap_rcd_job_finish(struct rcd_conn *conn, const struct rcd_job *job, struct rcd_err *err)
{
	static const char get[] =
		"SELECT fence FROM job WHERE tenant_id = $1 AND kind = $2 AND key = $3";
	struct rcd_job now = *job;

	if (!planted("no-fence"))
		return __real_rcd_job_finish(conn, job, err);
	if (rcd_get_i64(conn, &now.fence, get,
	                RCD_BIND(rcd_i64(job->tenant), rcd_str(job->kind), rcd_str(job->key)),
	                err) == 0)
		(void)__real_rcd_job_finish(conn, &now, err);
	return 0;
}

/* --- blind-resend: what may have arrived is never looked up ------------------------------ */

int __wrap_rcd_twilio_find(struct rcd_http *http, const struct rcd_twilio_conf *conf,
                           const struct rcd_twilio_send *msg, int64_t since_ms, rcd_sid_fn *another,
                           void *arg, int64_t deadline, char sid[64], struct rcd_err *err)
{
	if (planted("blind-resend"))
		return rcd_fail(err, RCD_NOENT, 0, "not looked for");
	return __real_rcd_twilio_find(http, conf, msg, since_ms, another, arg, deadline, sid, err);
}

/* --- late-send: whoever stood still goes on as if nothing had happened ------------------- */

int __wrap_rcd_twilio_send(struct rcd_http *http, const struct rcd_twilio_conf *conf,
                           const struct rcd_twilio_send *msg, int64_t deadline, enum rcd_sent *what,
                           char sid[64], struct rcd_err *err)
{
	struct rcd_twilio_send any_time = *msg;

	any_time.begin_by = 0;
	if (planted("late-send"))
		return __real_rcd_twilio_send(http, conf, &any_time, rcd_deadline_in(15000), what, sid,
		                              err);
	return __real_rcd_twilio_send(http, conf, msg, deadline, what, sid, err);
}
