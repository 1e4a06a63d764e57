/* Schema 6: what was said in a spoken answer (a key of the words and the voice), so that the same
 * is not made twice, and what a paid voice has spoken on a day. */
"ALTER TABLE media ADD COLUMN said TEXT;\n"
"CREATE INDEX media_said ON media(said) WHERE said IS NOT NULL;\n"

/* told: 1 when somebody was told that the day's characters are spent */
"CREATE TABLE voice_day(\n"
" tenant_id " I64 " NOT NULL,\n"
" day " I64 " NOT NULL,\n"
" characters " I64 " NOT NULL,\n"
" told " I64 " NOT NULL,\n"
" PRIMARY KEY(tenant_id, day)\n"
")" CLUSTERED ";\n"
,
