/* Forgetting a contact: its files, what a provider keeps of it, its rows. */

#include "base/clock.h"
#include "memory/memory.h"
#include "provider/openai.h"
#include "store/sms_past.h"

#include <stdio.h>
#include <string.h>

#define DEADLINE_MS 20000
#define BATCH 64
#define TOMBSTONES_PATH 1100

/* A key that no longer leads to anything is removed as well as one that does. */
static int remove_files(const struct rcd_memory_env *env, const json_t *files, const char *prefix,
                        const char *column, struct rcd_err *err)
{
	const json_t *f;
	size_t i;

	json_array_foreach (files, i, f) {
		const struct rcd_sv name = rcd_json_sv(f, column);
		char key[RCD_BLOB_KEY];

		if (name.n == 0)
			continue;
		(void)snprintf(key, sizeof(key), "%s%.*s", prefix, RCD_SV_ARG(name));
		if (rcd_blob_remove(env->blobs, key, err) != 0)
			return -1;
	}
	return 0;
}

static void write_note(const struct rcd_memory_env *env, const char *event, const char *why)
{
	char text[256];

	(void)snprintf(text, sizeof(text), "%s err=\"%s\"", event, why);
	if (env->note != NULL)
		env->note(env->note_arg, 0, text);
}

/* The model's own copy of a conversation. It goes if it can: the customer is not to wait for a
 * provider that is down. */
static void delete_conversations(const struct rcd_memory_env *env, const json_t *turns)
{
	char before[RCD_CONVERSATION_ID] = "", id[RCD_CONVERSATION_ID];
	const json_t *t;
	struct rcd_err err = {0};
	size_t i;

	json_array_foreach (turns, i, t) {
		const struct rcd_sv name = rcd_json_sv(t, "thread_id");

		if (name.n == 0 || name.n >= sizeof(id))
			continue;
		(void)snprintf(id, sizeof(id), "%.*s", RCD_SV_ARG(name));
		if (!rcd_openai_is_conversation(id) || strcmp(id, before) == 0)
			continue;
		memcpy(before, id, sizeof(id));
		if (env->http == NULL || !rcd_openai_usable(env->openai))
			write_note(env, "conversation_not_deleted", "no client or no key");
		else if (rcd_openai_conversation_delete(env->http, env->openai, id,
		                                        rcd_deadline_in(DEADLINE_MS), &err) != 0 &&
		         err.code != RCD_NOENT)
			write_note(env, "conversation_not_deleted", err.msg);
	}
}

static void make_tombstones_path(const struct rcd_memory_env *env, char out[TOMBSTONES_PATH])
{
	(void)snprintf(out, TOMBSTONES_PATH, "%s/forgotten", env->blobs->conf->state_dir);
}

int rcd_memory_forget(const struct rcd_memory_env *env, const struct rcd_forget *what,
                      struct rcd_err *err)
{
	char path[TOMBSTONES_PATH];
	struct rcd_forget rows = *what;
	json_t *all = NULL;
	int ret;

	make_tombstones_path(env, path);
	rows.tombstones = path;
	if ((what->sms_only
	         ? rcd_sms_past_files(env->db, what, &all, err)
	         : rcd_contact_export(env->db, what->tenant, what->contact_id, &all, err)) != 0)
		return -1;
	ret = remove_files(env, json_object_get(all, "spoken"), RCD_BLOB_AUDIO, "name", err);
	if (ret == 0)
		ret = remove_files(env, json_object_get(all, "attachments"), "", "path", err);
	if (ret == 0)
		delete_conversations(env, json_object_get(all, "conversations"));
	json_decref(all);
	if (ret != 0 || rcd_forget_rows(env->db, &rows, err) != 0)
		return -1;
	if (rcd_tombstones_merge(env->db, what->tenant, path, err) != 0)
		return -1;
	if (rcd_db_scrub(env->db, err) != 0)
		write_note(env, "scrub_incomplete", err->msg);
	return 0;
}

int rcd_memory_forget_again(const struct rcd_memory_env *env, int64_t tenant, int *n,
                            struct rcd_err *err)
{
	struct rcd_forgotten who[BATCH];
	char path[TOMBSTONES_PATH];
	int found = BATCH;

	*n = 0;
	make_tombstones_path(env, path);
	while (found == BATCH) {
		if (rcd_tombstones_check(env->db, tenant, path, who, BATCH, &found, err) != 0)
			return -1;
		for (int i = 0; i < found; i++, (*n)++) {
			const struct rcd_forget what = {tenant, who[i].contact_id, who[i].until_ms, NULL, NULL,
			                                false};

			if (rcd_memory_forget(env, &what, err) != 0)
				return -1;
		}
	}
	return rcd_tombstones_merge(env->db, tenant, path, err);
}
