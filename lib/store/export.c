/* All that is known of a contact. */
#include "store/forget.h"

#include <string.h>

#define OF " WHERE tenant_id = $1 AND contact_id = $2"
#define TURNS "(SELECT id FROM turn" OF ")"
#define MESSAGES "(SELECT id FROM inbox WHERE tenant_id = $1 AND turn_id IN " TURNS ")"

static const struct section {
	const char *name, *columns, *types, *sql;
} sections[] = {
	{"contact", "id,phone,bsuid,first_name,last_name,first_ms,last_ms,messages", "ivvvviii",
     "SELECT id, phone, bsuid, first_name, last_name, first_ms, last_ms, messages FROM contact"
     " WHERE tenant_id = $1 AND id = $2"},
	{"ids", "kind,value", "vv", "SELECT kind, value FROM contact_alias" OF " ORDER BY kind, value"},
	{"summary", "text,made_ms", "vi", "SELECT text, made_ms FROM summary" OF},
	{"facts", "kind,value,quote,made_ms", "vvvi",
     "SELECT kind, value, quote, made_ms FROM fact" OF " ORDER BY made_ms, kind, value"},
	{"card", "name,email,notes,ms", "vvvi", "SELECT name, email, notes, ms FROM contact_card" OF},
	{"lead", "stage,reason,quote,ms", "vvvi", "SELECT stage, reason, quote, ms FROM lead" OF},
	{"followups", "due_ms,state,body", "iiv",
     "SELECT due_ms, state, body FROM followup" OF " ORDER BY due_ms"},
	{"handoff", "reason,ms", "vi", "SELECT reason, ms FROM handoff" OF},
	{"requests", "channel,sender,reasons,detail,since_ms,last_ms,times,closed_ms", "vviviiii",
     "SELECT channel, sender, reasons, detail, since_ms, last_ms, times, closed_ms FROM request" OF
     " ORDER BY id"},
	{"suppressions",
     "scope,since_ms,source,reason,inbox_id,until_ms,end_source,end_reason,end_inbox_id",
     "vivviivvi",
     "SELECT scope, since_ms, source, reason, inbox_id, until_ms, end_source, end_reason, "
     "end_inbox_id"
     " FROM suppression" OF " ORDER BY since_ms, scope"},
	{"tool_calls", "turn_id,name,result,ms", "ivvi",
     "SELECT turn_id, name, result, ms FROM tool_call" OF " ORDER BY turn_id, ms"},
	{"conversations",
     "id,started_ms,finished_ms,audio,user_message,bot_response,transcript,rung,thread_id",
     "iiiivvvvv",
     "SELECT id, started_ms, finished_ms, audio, user_message, bot_response, transcript, rung, "
     "thread_id"
     " FROM turn" OF " ORDER BY id"},
	{"messages", "id,received_ms,event_key,sender,route,body", "iivvvv",
     "SELECT id, received_ms, event_key, sender, route, body FROM inbox WHERE tenant_id = $1"
     " AND turn_id IN " TURNS " ORDER BY id"},
	{"heard", "inbox_id,part,text", "iiv",
     "SELECT inbox_id, part, text FROM heard WHERE inbox_id IN " MESSAGES
     " ORDER BY inbox_id, part"},
	{"sent", "id,created_ms,to,body,media_url,state,delivery", "iivvvii",
     "SELECT id, created_ms, to_address, body, media_url, state, delivery FROM outbox" OF
     " ORDER BY id"},
	{"spoken", "name,bytes,created_ms", "vii",
     "SELECT name, bytes, created_ms FROM media WHERE tenant_id = $1 AND turn_id IN " TURNS
     " ORDER BY name"},
	{"attachments", "path,kind,type,bytes", "vvvi",
     "SELECT path, kind, type, bytes FROM attachment" OF " ORDER BY inbox_id, part"},
};

static json_t *json_of_column(struct rcd_q *q, int col, char type)
{
	if (rcd_q_null(q, col))
		return json_null();
	return type == 'i' ? json_integer(rcd_q_i64(q, col)) : rcd_json_str(rcd_q_sv(q, col));
}

static int add_row(json_t *rows, struct rcd_q *q, const struct section *s, struct rcd_err *err)
{
	struct rcd_sv rest = rcd_sv(s->columns), name;
	json_t *row = json_object();
	int ret = row != NULL ? 0 : -1;

	for (int i = 0; rcd_sv_cut(&rest, ',', &name) && ret == 0; i++)
		ret = json_object_setn_new(row, name.p, name.n, json_of_column(q, i, s->types[i]));
	if (json_array_append_new(rows, row) != 0)
		ret = -1;
	return ret == 0 ? 0 : rcd_fail_nomem(err);
}

struct export
{
	int64_t tenant, contact_id;
	json_t *out;
};

static int add_section(struct rcd_conn *conn, const struct export *e, const struct section *s,
                       struct rcd_err *err)
{
	json_t *rows = json_array();
	struct rcd_q q;
	int row;

	if (json_object_set_new(e->out, s->name, rows) != 0)
		return rcd_fail_nomem(err);
	if (rcd_q(&q, conn, s->sql, RCD_BIND(rcd_i64(e->tenant), rcd_i64(e->contact_id)), err) != 0)
		return -1;
	while ((row = rcd_q_step(&q, err)) == 1)
		if (add_row(rows, &q, s, err) != 0) {
			row = -1;
			break;
		}
	rcd_q_end(&q);
	return row;
}

static int add_sections(struct rcd_conn *conn, const struct export *e, struct rcd_err *err)
{
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		if (add_section(conn, e, &sections[i], err) != 0)
			return -1;
	return 0;
}

int rcd_contact_export(struct rcd_db *db, int64_t tenant, int64_t contact_id, json_t **out,
                       struct rcd_err *err)
{
	struct export e = {tenant, contact_id, json_object()};
	struct rcd_read read = {.db = db};

	if (e.out == NULL)
		return rcd_fail_nomem(err);
	while (rcd_read_attempt(&read, err))
		read.ret = add_sections(read.conn, &e, err);
	if (read.ret != 0) {
		json_decref(e.out);
		return -1;
	}
	*out = e.out;
	return 0;
}
