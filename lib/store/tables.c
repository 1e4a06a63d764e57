#include "store/tables.h"

#include <stddef.h>

#define P1 "$1"
#define P2 P1 ", $2"
#define P3 P2 ", $3"
#define P4 P3 ", $4"
#define P5 P4 ", $5"
#define P6 P5 ", $6"
#define P7 P6 ", $7"
#define P8 P7 ", $8"
#define P9 P8 ", $9"
#define P10 P9 ", $10"
#define P11 P10 ", $11"
#define P12 P11 ", $12"
#define P13 P12 ", $13"
#define P14 P13 ", $14"
#define P15 P14 ", $15"
#define P16 P15 ", $16"

#define P17 P16 ", $17"
#define P18 P17 ", $18"
#define P19 P18 ", $19"

#define TEXT_OF(n) #n
#define NUMBER(n) TEXT_OF(n)
#define PAGE " LIMIT " NUMBER(RCD_TABLE_PAGE)

/* clang-format off */
/* N columns, of which the first K are KEY */
#define TABLE(NAME, N, TYPES, COLUMNS, K, KEY, ...)                                                \
	{                                                                                          \
		.name = NAME, .n_key = K, .types = TYPES, .columns = COLUMNS,                      \
		.all = "SELECT " COLUMNS " FROM " NAME,                                            \
		.add = "INSERT INTO " NAME "(" COLUMNS ") VALUES(" P##N ")",                       \
		.first = "SELECT " COLUMNS " FROM " NAME " ORDER BY " KEY PAGE,                    \
		.next = "SELECT " COLUMNS " FROM " NAME " WHERE (" KEY ") > (" P##K ")"                    \
			" ORDER BY " KEY PAGE,                                                                 \
		.any = "SELECT coalesce((SELECT 1 FROM " NAME " LIMIT 1), 0)",                     \
		.count = "SELECT count(*) FROM " NAME, __VA_ARGS__                                 \
	}

const struct rcd_table rcd_tables[] = {
	TABLE("tenant", 3, "ivi", "id, name, created_ms", 1, "id"),
	TABLE("contact", 13, "iivvvviiiiiii",
	      "id, tenant_id, phone, bsuid, first_name, last_name, is_active, first_ms, last_ms, "
	      "messages,"
	      " owner, owner_version, owner_ms", 1, "id"),
	TABLE("contact_alias", 4, "ivvi", "tenant_id, kind, value, contact_id", 3,
	      "tenant_id, kind, value"),
	TABLE("inbox", 8, "iiiivvvb",
	      "id, tenant_id, turn_id, received_ms, event_key, sender, route, body", 1, "id",
	      .auto_id = true),
	TABLE("job", 18, "ivviiiiiiiiiviiiii",
	      "tenant_id, kind, key, state, due_ms, rev, fence, owner, lease_until_ms, turn_id, "
	      "contact_id,"
	      " attempts, last_error, latest_ms, claimed_rev, cancels, ahead, joined", 3,
	      "tenant_id, kind, key"),
	TABLE("persona_version", 6, "iivvvi", "id, tenant_id, name, hash, text, imported_ms", 1, "id"),
	TABLE("turn", 14, "iiiiiiivvvvvvi",
	      "tenant_id, contact_id, id, started_ms, answered_ms, finished_ms, audio, user_message,"
	      " bot_response, transcript, thread_id, route, rung, persona_id", 3,
	      "tenant_id, contact_id, id"),
	TABLE("turn_trace", 4, "iivv", "turn_id, tenant_id, why, trace", 1, "turn_id"),
	TABLE("summary", 5, "iiivi", "tenant_id, contact_id, upto_turn_id, text, made_ms", 2,
	      "tenant_id, contact_id"),
	TABLE("fact", 6, "iivvvi", "tenant_id, contact_id, kind, value, quote, made_ms", 4,
	      "tenant_id, contact_id, kind, value"),
	TABLE("forgotten", 3, "ivi", "tenant_id, hash, ms", 2, "tenant_id, hash"),
	TABLE("outbox", 19, "iiiiiviiivvvvviiiii",
	      "id, tenant_id, turn_id, contact_id, part, key, state, attempts, code, sid, from_address,"
	      " to_address, body, media_url, created_ms, updated_ms, resends, delivery, delivery_ms", 1,
	      "id"),
	TABLE("dead_letter", 12, "iivviiiiivii",
	      "id, tenant_id, kind, sender, contact_id, turn_id, inbox_id, outbox_id, code, why, "
	      "died_ms,"
	      " retry_ms", 1, "id"),
	TABLE("heard", 4, "iiiv", "inbox_id, part, tenant_id, text", 2, "inbox_id, part"),
	TABLE("watermark", 3, "ivi", "tenant_id, name, ms", 2, "tenant_id, name"),
	TABLE("media", 8, "viiiiiiv",
	      "name, tenant_id, turn_id, bytes, duration_ms, created_ms, expires_ms, said", 1, "name"),
	TABLE("speech", 5, "ivvii", "tenant_id, said, name, first_packet, packets", 2,
	      "tenant_id, said"),
	TABLE("voice_day", 4, "iiii", "tenant_id, day, characters, told", 2, "tenant_id, day"),
	TABLE("attachment", 8, "iiiivvvi",
	      "tenant_id, inbox_id, part, contact_id, kind, type, path, bytes", 3,
	      "tenant_id, inbox_id, part"),
	TABLE("tally", 12, "iiiiiiiiiiii",
	      "tenant_id, day, shard, conversations, audio, users, new_users, received, sent, rejected,"
	      " ahead_abandoned, ahead_tokens", 3, "tenant_id, day, shard"),
	TABLE("source", 5, "iivii", "id, tenant_id, name, size, mtime_ns", 1, "id"),
	TABLE("passage", 8, "iiivvivv", "id, tenant_id, source_id, heading, text, page, hash, stems", 1,
	      "id"),
	TABLE("embedding", 8, "iviiidbb",
	      "passage_id, model, dimensions, tenant_id, made_ms, scale, bits, codes", 3,
	      "passage_id, model, dimensions"),
	TABLE("knowledge", 2, "ii", "tenant_id, version", 1, "tenant_id"),
	TABLE("tool_call", 7, "iviivvi", "turn_id, key, tenant_id, contact_id, name, result, ms", 2,
	      "turn_id, key"),
	TABLE("contact_card", 6, "iivvvi", "contact_id, tenant_id, name, email, notes, ms", 1,
	      "contact_id"),
	TABLE("lead", 6, "iivvvi", "contact_id, tenant_id, stage, reason, quote, ms", 1, "contact_id"),
	TABLE("followup", 9, "iiiiivvvi",
	      "turn_id, tenant_id, contact_id, state, due_ms, from_address, to_address, body, ms", 1,
	      "turn_id"),
	TABLE("suppression", 13, "iiivivviiivvi",
	      "id, tenant_id, contact_id, scope, since_ms, source, reason, inbox_id, told_turn_id, "
	      "until_ms,"
	      " end_source, end_reason, end_inbox_id", 1, "id"),
	TABLE("handoff", 5, "iiivi", "contact_id, tenant_id, turn_id, reason, ms", 1, "contact_id"),
	TABLE("request", 12, "iiivviiviiii",
	      "id, tenant_id, contact_id, channel, sender, turn_id, reasons, detail, since_ms, "
	      "last_ms, times,"
	      " closed_ms", 1, "id"),
	TABLE("channel_day", 7, "iiviiii",
	      "tenant_id, day, channel, shard, model_calls, messages, told", 4,
	      "tenant_id, day, channel, shard"),
	{.name = NULL},
};
/* clang-format on */
