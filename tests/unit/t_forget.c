/* A contact is forgotten: rows, files, the bytes of the store, and again after a restore. */

#include "base/clock.h"
#include "base/file.h"
#include "memory/memory.h"
#include "store/contact.h"
#include "store/tombstone_key.h"
#include "tests/unit/store.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define CANARY "xq7zwk"
#define TURNS 120

struct house {
	struct rcd_memory_env env;
	struct rcd_blob_store blobs;
	struct rcd_blob_conf media;
	struct rcd_openai_conf openai;
	char audio[300];
};

static int build(struct house *h, struct rcd_err *err)
{
	*h = (struct house){0};
	(void)snprintf(h->audio, sizeof(h->audio), "%s/audio", t_dir());
	h->media = (struct rcd_blob_conf){.audio_dir = h->audio, .state_dir = t_dir()};
	rcd_blob_open(&h->blobs, &h->media, NULL);
	h->env = (struct rcd_memory_env){.openai = &h->openai, .blobs = &h->blobs};
	return t_store(&h->env.db, err);
}

struct person {
	const char *phone, *word;
	int64_t id, seen_ms;
	int turns;
};

/* One turn with everything that hangs on it. */
static int make_turn(struct rcd_conn *conn, const struct person *p, int i, const char *text,
                     struct rcd_err *err)
{
	static const char inbox[] =
		"INSERT INTO inbox(tenant_id, turn_id, received_ms, event_key, sender, route, body)"
		" VALUES(1, $1, $2, $3, $4, '/w', $5)";
	static const char turn[] =
		"INSERT INTO turn(tenant_id, contact_id, id, started_ms, answered_ms, finished_ms,"
		" user_message, bot_response, transcript, route, rung) VALUES(1, $1, $2, $3, $3, $3, $4, "
		"$4, $4, '/w', 'chat')";
	static const char outbox[] =
		"INSERT INTO outbox(id, tenant_id, turn_id, contact_id, part, key, state,"
		" from_address, to_address, body, created_ms, updated_ms) VALUES($1, 1, $2, $3, 0, $4, 2, "
		"'x', $5, $6, 1, 1)";
	static const char media[] =
		"INSERT INTO media(name, tenant_id, turn_id, bytes, duration_ms, created_ms,"
		" expires_ms) VALUES($1, 1, $2, 1, 1, 1, 1)";
	static const char speech[] = "INSERT INTO speech(tenant_id, said, name, first_packet, packets)"
								 " VALUES(1, $1, $1, 0, 50)";
	static const char attachment[] =
		"INSERT INTO attachment(tenant_id, inbox_id, part, contact_id, kind, path, bytes)"
		" SELECT 1, id, 0, $1, 'image', $2, 1 FROM inbox WHERE turn_id = $3";
	static const char heard[] = "INSERT INTO heard(inbox_id, part, tenant_id, text)"
								" SELECT id, 0, 1, $1 FROM inbox WHERE turn_id = $2";
	const int64_t id = rcd_id_new();
	char name[64], path[64], sender[64], sid[32];

	(void)snprintf(name, sizeof(name), "%s-%d.ogg", p->word, i);
	(void)snprintf(path, sizeof(path), "inbound/2026-11/%s-%d", p->word, i);
	(void)snprintf(sender, sizeof(sender), "whatsapp:%s", p->phone);
	(void)snprintf(sid, sizeof(sid), "SM%llx", (unsigned long long)id);
	return rcd_exec(conn, NULL, inbox,
	                RCD_BIND(rcd_i64(id), rcd_i64(p->seen_ms), rcd_str(sid), rcd_str(sender),
	                         rcd_bytes(rcd_sv(text))),
	                err) != 0 ||
	               rcd_exec(conn, NULL, turn,
	                        RCD_BIND(rcd_i64(p->id), rcd_i64(id), rcd_i64(p->seen_ms),
	                                 rcd_str(text)),
	                        err) != 0 ||
	               rcd_exec(conn, NULL, outbox,
	                        RCD_BIND(rcd_i64(rcd_id_new()), rcd_i64(id), rcd_i64(p->id),
	                                 rcd_str(name), rcd_str(sender), rcd_str(text)),
	                        err) != 0 ||
	               rcd_exec(conn, NULL, media, RCD_BIND(rcd_str(name), rcd_i64(id)), err) != 0 ||
	               rcd_exec(conn, NULL, speech, RCD_BIND(rcd_str(name)), err) != 0 ||
	               rcd_exec(conn, NULL, attachment,
	                        RCD_BIND(rcd_i64(p->id), rcd_str(path), rcd_i64(id)), err) != 0 ||
	               rcd_exec(conn, NULL, heard, RCD_BIND(rcd_str(text), rcd_i64(id)), err) != 0
	           ? -1
	           : 0;
}

static int make(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	static const char fact[] =
		"INSERT INTO fact VALUES(1, $1, 'name', $2, $2, 1) ON CONFLICT DO NOTHING";
	static const char summary[] =
		"INSERT INTO summary VALUES(1, $1, 1, $2, 1) ON CONFLICT DO NOTHING";
	struct person *p = arg;
	const struct rcd_contact_in in = {.tenant = 1,
	                                  .phone = rcd_sv(p->phone),
	                                  .name = rcd_sv(p->word),
	                                  .seen_ms = p->seen_ms,
	                                  .messages = 1};
	char text[3000];

	if (rcd_contact_resolve(conn, &in, &p->id, err) != 0)
		return -1;
	for (int i = 0; i < p->turns; i++) {
		size_t n = 0, want = 20 + (size_t)(i * 97 % 2500); /* some of a page and more */

		while (n < want)
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s %d ", p->word, i);
		if (make_turn(conn, p, i, text, err) != 0)
			return -1;
	}
	return rcd_exec(conn, NULL, fact, RCD_BIND(rcd_i64(p->id), rcd_str(p->word)), err) != 0 ||
	               rcd_exec(conn, NULL, summary, RCD_BIND(rcd_i64(p->id), rcd_str(p->word)), err) !=
	                   0
	           ? -1
	           : 0;
}

/* Their turns come one after the other's, so that they share pages. */
static int meet(struct house *h, struct person *a, struct person *b, struct rcd_err *err)
{
	a->turns = b->turns = 1;
	for (int i = 0; i < TURNS; i++) {
		char w[2][16];
		struct person one = *a, two = *b;

		(void)snprintf(w[0], sizeof(w[0]), "%s%d", a->word, i);
		(void)snprintf(w[1], sizeof(w[1]), "%s%d", b->word, i);
		one.word = w[0];
		two.word = w[1];
		if (rcd_db_write(h->env.db, make, &one, err) != 0 ||
		    rcd_db_write(h->env.db, make, &two, err) != 0)
			return -1;
		a->id = one.id;
		b->id = two.id;
	}
	return 0;
}

static bool in_file(const char *name, const char *word)
{
	char path[400];
	size_t n = 0;
	char *text;
	bool there;

	(void)snprintf(path, sizeof(path), "%s/%s", t_dir(), name);
	text = t_slurp(path, &n);
	there = text != NULL && memmem(text, n, word, strlen(word)) != NULL;
	free(text);
	return there;
}

static int left(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	static const char sql[] =
		"SELECT (SELECT count(*) FROM turn) + (SELECT count(*) FROM outbox)"
		" + (SELECT count(*) FROM media) + (SELECT count(*) FROM speech) + (SELECT count(*) FROM "
		"attachment) + (SELECT count(*) FROM heard)"
		" + (SELECT count(*) FROM inbox WHERE sender <> '-') + (SELECT count(*) FROM contact)"
		" + (SELECT count(*) FROM summary)";

	return rcd_get_i64(conn, arg, sql, RCD_BIND(), err);
}

static int forgotten(void)
{
	struct person ana = {.phone = "+5511987650001", .word = CANARY, .seen_ms = 1000},
				  bia = {.phone = "+5511987650002", .word = "bbianca", .seen_ms = 1000};
	struct rcd_forget what = {.tenant = 1};
	struct rcd_err err = {0};
	char audio[400], inbound[400];
	struct house h;
	int64_t n = 0;
	int ret = 0;

	T_DO(build(&h, &err), err);
	T_DO(meet(&h, &ana, &bia, &err), err);
	(void)snprintf(audio, sizeof(audio), "%s/%s3-0.ogg", h.audio, CANARY);
	(void)snprintf(inbound, sizeof(inbound), "%s/inbound/2026-11/%s3-0", t_dir(), CANARY);
	T_DO(rcd_file_write(audio, RCD_SV("som"), 0644, &err), err);
	T_DO(rcd_file_write(inbound, RCD_SV("foto"), 0640, &err), err);
	T_OK(t_pg() || in_file("t.db", CANARY) || in_file("t.db-wal", CANARY));
	what.contact_id = ana.id;
	what.until_ms = 2000;
	T_DO(rcd_memory_forget(&h.env, &what, &err), err);
	T_OK(access(audio, F_OK) != 0 && access(inbound, F_OK) != 0);
	T_DO(rcd_db_read(h.env.db, left, &n, &err), err);
	T_INT(n, 7 * TURNS + 2);
	if (!t_pg()) {
		T_OK(!in_file("t.db", CANARY) && !in_file("t.db-wal", CANARY));
		T_OK(!in_file("t.db", "987650001") && in_file("t.db", "bbianca"));
	}
	T_OK(in_file("forgotten", "1 ") && !in_file("forgotten", "987650001"));
out:
	rcd_db_close(h.env.db);
	return ret;
}

static int lose_tombstones(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	(void)arg;
	return rcd_exec(conn, NULL, "DELETE FROM forgotten", RCD_BIND(), err);
}

/* A store from before: whom it knows again is forgotten again, and who came later is not. */
static int restored(void)
{
	struct person ana = {.phone = "+5511987650001", .word = CANARY, .seen_ms = 1000, .turns = 2},
				  old = ana,
				  later = {.phone = "+5511987650001", .word = "later", .seen_ms = 9000, .turns = 1};
	struct rcd_forget what = {.tenant = 1, .until_ms = 2000};
	struct rcd_err err = {0};
	struct house h;
	int64_t n = 0;
	int ret = 0, again = 0;

	T_DO(build(&h, &err), err);
	T_DO(rcd_db_write(h.env.db, make, &ana, &err), err);
	what.contact_id = ana.id;
	T_DO(rcd_memory_forget(&h.env, &what, &err), err);
	T_DO(rcd_memory_forget_again(&h.env, 1, &again, &err), err);
	T_INT(again, 0);
	T_DO(rcd_db_write(h.env.db, lose_tombstones, NULL, &err), err);
	old.word = CANARY "2";
	T_DO(rcd_db_write(h.env.db, make, &old, &err), err);
	T_DO(rcd_memory_forget_again(&h.env, 1, &again, &err), err);
	T_INT(again, 1);
	T_DO(rcd_db_read(h.env.db, left, &n, &err), err);
	T_INT(n, 0);
	T_DO(rcd_db_write(h.env.db, lose_tombstones, NULL, &err), err);
	T_DO(rcd_db_write(h.env.db, make, &later, &err), err);
	T_DO(rcd_memory_forget_again(&h.env, 1, &again, &err), err);
	T_INT(again, 0);
	T_DO(rcd_db_read(h.env.db, left, &n, &err), err);
	T_INT(n, 9);
out:
	rcd_db_close(h.env.db);
	return ret;
}

static int older_tombstones(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	(void)arg;
	return rcd_exec(conn, NULL, "UPDATE forgotten SET ms = 2000", RCD_BIND(), err);
}

static int plain_tombstone(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	return rcd_exec(conn, NULL, "INSERT INTO forgotten(tenant_id, hash, ms) VALUES(1, $1, 2000)",
	                RCD_BIND(rcd_str((const char *)arg)), err);
}

/* Tombstones of before there was a key: the number that is here gets one under the key, the other
 * is kept for when it comes. Neither file nor table holds a plain hash of who is known. */
static int plain_hashes(void)
{
	struct person ana = {.phone = "+5511987650001", .word = CANARY, .seen_ms = 1000, .turns = 2};
	char mine[RCD_TOMBSTONE_HASH], other[RCD_TOMBSTONE_HASH], text[400], path[400];
	struct rcd_err err = {0};
	struct stat st;
	struct house h;
	int64_t n = 0;
	int ret = 0, again = 0;

	T_DO(build(&h, &err), err);
	T_DO(rcd_db_write(h.env.db, make, &ana, &err), err);
	T_DO(rcd_tombstone_plain_hash(RCD_SV("phone"), RCD_SV("+5511987650001"), mine, &err), err);
	T_DO(rcd_tombstone_plain_hash(RCD_SV("phone"), RCD_SV("+5511987650009"), other, &err), err);
	T_DO(rcd_db_write(h.env.db, plain_tombstone, other, &err), err);
	(void)snprintf(path, sizeof(path), "%s/forgotten", t_dir());
	(void)snprintf(text, sizeof(text), "1 %s 2000\n1 %s 2000\n", mine, other);
	T_DO(rcd_file_write(path, rcd_sv(text), 0640, &err), err);
	T_DO(rcd_memory_forget_again(&h.env, 1, &again, &err), err);
	T_INT(again, 1);
	T_DO(rcd_db_read(h.env.db, left, &n, &err), err);
	T_INT(n, 0);
	T_OK(!in_file("forgotten", mine) && in_file("forgotten", other) && in_file("forgotten", "1 2"));
	(void)snprintf(path, sizeof(path), "%s/forgotten.key", t_dir());
	T_OK(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600 && st.st_size == RCD_TOMBSTONE_KEY);
	/* and the one under the key is as good: the store comes back once more */
	T_DO(rcd_db_write(h.env.db, lose_tombstones, NULL, &err), err);
	ana.word = CANARY "3";
	T_DO(rcd_db_write(h.env.db, make, &ana, &err), err);
	T_DO(rcd_memory_forget_again(&h.env, 1, &again, &err), err);
	T_INT(again, 1);
out:
	rcd_db_close(h.env.db);
	return ret;
}

/* Forgotten, come back, saved in a backup, forgotten once more: the backup's own tombstone does
 * not hide the second. */
static int restored_twice(void)
{
	struct person ana = {.phone = "+5511987650001", .word = CANARY, .seen_ms = 1000, .turns = 2},
				  back = {.phone = "+5511987650001", .word = "back", .seen_ms = 3000, .turns = 1};
	struct rcd_forget what = {.tenant = 1, .until_ms = 2000};
	struct rcd_err err = {0};
	struct house h;
	int64_t n = 0;
	int ret = 0, again = 0;

	T_DO(build(&h, &err), err);
	T_DO(rcd_db_write(h.env.db, make, &ana, &err), err);
	what.contact_id = ana.id;
	T_DO(rcd_memory_forget(&h.env, &what, &err), err);
	T_DO(rcd_db_write(h.env.db, make, &back, &err), err);
	what.contact_id = back.id;
	what.until_ms = 4000;
	T_DO(rcd_memory_forget(&h.env, &what, &err), err);
	/* the store as it was in between */
	T_DO(rcd_db_write(h.env.db, older_tombstones, NULL, &err), err);
	back.word = "back2";
	T_DO(rcd_db_write(h.env.db, make, &back, &err), err);
	T_DO(rcd_memory_forget_again(&h.env, 1, &again, &err), err);
	T_INT(again, 1);
	T_DO(rcd_db_read(h.env.db, left, &n, &err), err);
	T_INT(n, 0);
	T_DO(rcd_memory_forget_again(&h.env, 1, &again, &err), err);
	T_INT(again, 0);
out:
	rcd_db_close(h.env.db);
	return ret;
}

/* All there is, and of nobody else. */
static int exported(void)
{
	struct person ana = {.phone = "+5511987650001", .word = CANARY, .seen_ms = 1000, .turns = 3},
				  bia = {.phone = "+5511987650002", .word = "bbianca", .seen_ms = 1000, .turns = 2};
	static const char *const three[] = {"conversations", "messages", "sent",
	                                    "heard",         "spoken",   "attachments"};
	struct rcd_err err = {0};
	struct rcd_buf text;
	json_t *all = NULL;
	struct house h;
	int ret = 0;

	rcd_buf_init(&text, 1 << 20);
	T_DO(build(&h, &err), err);
	T_DO(rcd_db_write(h.env.db, make, &ana, &err), err);
	T_DO(rcd_db_write(h.env.db, make, &bia, &err), err);
	T_DO(rcd_contact_export(h.env.db, 1, ana.id, &all, &err), err);
	for (size_t i = 0; i < sizeof(three) / sizeof(three[0]); i++)
		T_INT(json_array_size(json_object_get(all, three[i])), 3);
	T_INT(json_array_size(json_object_get(all, "facts")), 1);
	rcd_json_text(all, &text);
	all = NULL;
	T_OK(!text.bad && strstr(text.p, CANARY) != NULL && strstr(text.p, "bbianca") == NULL);
out:
	json_decref(all);
	rcd_buf_free(&text);
	rcd_db_close(h.env.db);
	return ret;
}

const struct t_case t_cases[] = {
	{"forgotten", forgotten, 0}, {"plain_hashes", plain_hashes, 0},
	{"restored", restored, 0},   {"restored_twice", restored_twice, 0},
	{"exported", exported, 0},   {NULL, NULL, 0},
};
