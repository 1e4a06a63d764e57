/* Schema 8: indexes that leave nothing to choose. A planner without statistics (a new database,
 * a server that crashed) takes any index that begins with tenant_id for as good as the one that
 * was meant, and reads all rows of the tenant. */
"DROP INDEX inbox_turn;\n"
"CREATE INDEX inbox_turn ON inbox(tenant_id, turn_id) WHERE turn_id IS NOT NULL;\n"
"DROP INDEX outbox_open;\n"
"CREATE INDEX outbox_open ON outbox(contact_id) WHERE state IN (0, 1, 4);\n"
"DROP INDEX outbox_sid;\n"
"CREATE INDEX outbox_sid ON outbox(tenant_id, sid) WHERE sid IS NOT NULL;\n"
"DROP INDEX job_turn;\n"
"CREATE INDEX job_turn ON job(tenant_id, turn_id) WHERE turn_id <> 0;\n"
,
