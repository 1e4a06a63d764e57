/* Schema 10: requests for a person; what contacts do not want; turns that run
 * ahead while their window is open. */
/* requests for a person; reasons: bits of enum rcd_waits; closed_ms: 0 while it is open */
"CREATE TABLE request(\n"
" id " I64 " PRIMARY KEY,\n"
" tenant_id " I64 " NOT NULL,\n"
" contact_id " I64 " NOT NULL,\n"
" channel TEXT NOT NULL,\n"
" sender TEXT NOT NULL,\n"
" turn_id " I64 " NOT NULL,\n"
" reasons " I64 " NOT NULL,\n"
" detail TEXT NOT NULL,\n"
" since_ms " I64 " NOT NULL,\n"
" last_ms " I64 " NOT NULL,\n"
" times " I64 " NOT NULL,\n"
" closed_ms " I64 " NOT NULL\n"
")" STRICT ";\n"
"CREATE UNIQUE INDEX request_open ON request(tenant_id, contact_id, channel) WHERE closed_ms = 0;\n"
"CREATE INDEX request_contact ON request(tenant_id, contact_id);\n"
/* what a contact does not want, one row per period, with what shows that it was said:
 * the scope, who said so (customer, provider, operator), the kind of words (never the words, which
 * the history has), the message, and the turn that confirmed it (0: none yet, -1: none ever will).
 * until_ms is NULL while it holds; end_* say the same of its end. */
"CREATE TABLE suppression(\n"
" id " I64 " PRIMARY KEY,\n"
" tenant_id " I64 " NOT NULL,\n"
" contact_id " I64 " NOT NULL,\n"
" scope TEXT NOT NULL,\n"
" since_ms " I64 " NOT NULL,\n"
" source TEXT NOT NULL,\n"
" reason TEXT NOT NULL,\n"
" inbox_id " I64 " NOT NULL DEFAULT 0,\n"
" told_turn_id " I64 " NOT NULL DEFAULT 0,\n"
" until_ms " I64 ",\n"
" end_source TEXT,\n"
" end_reason TEXT,\n"
" end_inbox_id " I64 " NOT NULL DEFAULT 0\n"
")" STRICT ";\n"
"CREATE INDEX suppression_contact ON suppression(contact_id);\n"
"CREATE UNIQUE INDEX suppression_in_force ON suppression(tenant_id, contact_id, scope)"
" WHERE until_ms IS NULL;\n"
/* turns that run ahead (job: may be claimed before due_ms; a message came before that), and what it
 * costs (tally) */
"ALTER TABLE job ADD COLUMN ahead " I64 " NOT NULL DEFAULT 0;\n"
"ALTER TABLE job ADD COLUMN joined " I64 " NOT NULL DEFAULT 0;\n"
"CREATE INDEX job_ahead ON job(due_ms) WHERE state = 0 AND ahead = 1;\n"
"ALTER TABLE tally ADD COLUMN ahead_abandoned " I64 " NOT NULL DEFAULT 0;\n"
"ALTER TABLE tally ADD COLUMN ahead_tokens " I64 " NOT NULL DEFAULT 0;\n"
,
