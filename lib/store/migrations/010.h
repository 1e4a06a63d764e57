/* Schema 10: requests for a person. */
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
,
