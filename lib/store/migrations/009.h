/* Schema 9: where in which note a sentence was spoken (said: a key of the words and the voice), in
 * place of a key for the whole of it. media.said stays, unused, for older processes that may still
 * run on the same database. */
"CREATE TABLE speech(\n"
" tenant_id " I64 " NOT NULL,\n"
" said TEXT NOT NULL,\n"
" name TEXT NOT NULL REFERENCES media ON DELETE CASCADE,\n"
" first_packet " I64 " NOT NULL,\n"
" packets " I64 " NOT NULL,\n"
" PRIMARY KEY(tenant_id, said)\n"
")" CLUSTERED ";\n"
"CREATE INDEX speech_name ON speech(name);\n"
,
