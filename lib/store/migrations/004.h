/* Schema 4: passages with their page, what tells that one has not changed, and the stems that
 * full text is over; embeddings; a number that grows with every change of a tenant's knowledge.
 * Files of the knowledge folder are read anew: only a program can make stems. */
"ALTER TABLE passage ADD COLUMN page " I64 " NOT NULL DEFAULT 0;\n"
"ALTER TABLE passage ADD COLUMN hash TEXT NOT NULL DEFAULT '';\n"
"ALTER TABLE passage ADD COLUMN stems TEXT NOT NULL DEFAULT '';\n"
PASSAGE_STEMS_FTS
"UPDATE source SET mtime_ns = 0;\n"

/* bits: the signs of the vector; codes: it in int8, times scale */
"CREATE TABLE embedding(\n"
" passage_id " I64 " NOT NULL REFERENCES passage ON DELETE CASCADE,\n"
" model TEXT NOT NULL,\n"
" dimensions " I64 " NOT NULL,\n"
" tenant_id " I64 " NOT NULL,\n"
" made_ms " I64 " NOT NULL,\n"
" scale " F64 " NOT NULL,\n"
" bits " BYTES " NOT NULL,\n"
" codes " BYTES " NOT NULL,\n"
" PRIMARY KEY(passage_id, model, dimensions)\n"
")" STRICT ";\n"

"CREATE TABLE knowledge(\n"
" tenant_id " I64 " PRIMARY KEY,\n"
" version " I64 " NOT NULL\n"
")" STRICT ";\n"
,
