/* Schema 3: the quiet window and newer messages (job), who a conversation belongs to (contact),
 * what became of a message after it was accepted (outbox), dead letters, what was heard in a
 * voice note before a turn began anew, and how far the sweep of missed messages has got. */
"ALTER TABLE job ADD COLUMN latest_ms " I64 " NOT NULL DEFAULT 0;\n"
"ALTER TABLE job ADD COLUMN claimed_rev " I64 " NOT NULL DEFAULT 0;\n"
"ALTER TABLE job ADD COLUMN cancels " I64 " NOT NULL DEFAULT 0;\n"
"CREATE INDEX job_turn ON job(turn_id) WHERE turn_id <> 0;\n"

/* owner: 0 the bot, 1 a person, 2 waits for a person; owner_version grows with every change */
"ALTER TABLE contact ADD COLUMN owner " I64 " NOT NULL DEFAULT 0;\n"
"ALTER TABLE contact ADD COLUMN owner_version " I64 " NOT NULL DEFAULT 0;\n"
"ALTER TABLE contact ADD COLUMN owner_ms " I64 " NOT NULL DEFAULT 0;\n"
"CREATE INDEX contact_owned ON contact(tenant_id, owner) WHERE owner > 0;\n"

/* state 5: dropped, because a person took the conversation over. delivery: 0 nothing is known,
 * 1 queued, 2 sending, 3 sent, 4 delivered, 5 read, 9 failed */
"ALTER TABLE outbox ADD COLUMN resends " I64 " NOT NULL DEFAULT 0;\n"
"ALTER TABLE outbox ADD COLUMN delivery " I64 " NOT NULL DEFAULT 0;\n"
"ALTER TABLE outbox ADD COLUMN delivery_ms " I64 " NOT NULL DEFAULT 0;\n"
"CREATE INDEX outbox_open ON outbox(tenant_id, contact_id) WHERE state IN (0, 1, 4);\n"
"CREATE INDEX outbox_sid ON outbox(sid) WHERE sid IS NOT NULL;\n"

/* kind: part (a message was refused or not delivered), turn (no answer could be made), late
 * (found too late to be answered); retry_ms: when it is tried again by itself, 0 never */
"CREATE TABLE dead_letter(\n"
" id " I64 " PRIMARY KEY,\n"
" tenant_id " I64 " NOT NULL REFERENCES tenant,\n"
" kind TEXT NOT NULL,\n"
" sender TEXT NOT NULL,\n"
" contact_id " I64 " NOT NULL DEFAULT 0,\n"
" turn_id " I64 " NOT NULL DEFAULT 0,\n"
" inbox_id " I64 " NOT NULL DEFAULT 0,\n"
" outbox_id " I64 " NOT NULL DEFAULT 0,\n"
" code " I64 " NOT NULL DEFAULT 0,\n"
" why TEXT NOT NULL,\n"
" died_ms " I64 " NOT NULL,\n"
" retry_ms " I64 " NOT NULL DEFAULT 0\n"
")" STRICT ";\n"
"CREATE INDEX dead_letter_retry ON dead_letter(retry_ms) WHERE retry_ms > 0;\n"
"CREATE UNIQUE INDEX dead_letter_part ON dead_letter(outbox_id) WHERE outbox_id > 0;\n"
"CREATE UNIQUE INDEX dead_letter_late ON dead_letter(inbox_id) WHERE inbox_id > 0;\n"

"CREATE TABLE heard(\n"
" inbox_id " I64 " NOT NULL REFERENCES inbox,\n"
" part " I64 " NOT NULL,\n"
" tenant_id " I64 " NOT NULL,\n"
" text TEXT NOT NULL,\n"
" PRIMARY KEY(inbox_id, part)\n"
")" CLUSTERED ";\n"

"CREATE TABLE watermark(\n"
" tenant_id " I64 " NOT NULL,\n"
" name TEXT NOT NULL,\n"
" ms " I64 " NOT NULL,\n"
" PRIMARY KEY(tenant_id, name)\n"
")" CLUSTERED ";\n"
,
