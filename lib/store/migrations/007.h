/* Schema 7: what the model's tools did, once per turn, and what they keep: the contact's card,
 * where it stands as a customer, follow-ups, who asked for a person and why. */
"CREATE TABLE tool_call(\n"
" turn_id " I64 " NOT NULL,\n"
" key TEXT NOT NULL,\n"       /* of the name and the arguments */
" tenant_id " I64 " NOT NULL,\n"
" contact_id " I64 " NOT NULL,\n"
" name TEXT NOT NULL,\n"
" result TEXT,\n"             /* NULL: begun, and nobody knows what became of it */
" ms " I64 " NOT NULL,\n"
" PRIMARY KEY(turn_id, key)\n"
")" CLUSTERED ";\n"
"CREATE INDEX tool_call_contact ON tool_call(tenant_id, contact_id);\n"

"CREATE TABLE contact_card(\n"
" contact_id " I64 " PRIMARY KEY,\n"
" tenant_id " I64 " NOT NULL,\n"
" name TEXT,\n"
" email TEXT,\n"
" notes TEXT NOT NULL,\n"
" ms " I64 " NOT NULL\n"
")" STRICT ";\n"

"CREATE TABLE lead(\n"
" contact_id " I64 " PRIMARY KEY,\n"
" tenant_id " I64 " NOT NULL,\n"
" stage TEXT NOT NULL,\n"
" reason TEXT NOT NULL,\n"
" quote TEXT NOT NULL,\n"
" ms " I64 " NOT NULL\n"
")" STRICT ";\n"

"CREATE TABLE followup(\n"
" turn_id " I64 " PRIMARY KEY,\n" /* that asked for it */
" tenant_id " I64 " NOT NULL,\n"
" contact_id " I64 " NOT NULL,\n"
" state " I64 " NOT NULL,\n"      /* 0 waits, 1 sent as a turn, 2 dropped */
" due_ms " I64 " NOT NULL,\n"
" from_address TEXT NOT NULL,\n"
" to_address TEXT NOT NULL,\n"
" body TEXT NOT NULL,\n"
" ms " I64 " NOT NULL\n"
")" STRICT ";\n"
"CREATE INDEX followup_contact ON followup(tenant_id, contact_id);\n"

"CREATE TABLE handoff(\n"
" contact_id " I64 " PRIMARY KEY,\n"
" tenant_id " I64 " NOT NULL,\n"
" turn_id " I64 " NOT NULL,\n"    /* whose answer still goes out */
" reason TEXT NOT NULL,\n"
" ms " I64 " NOT NULL\n"
")" STRICT ";\n"
,
