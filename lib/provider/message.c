#include "provider/message.h"

int rcd_message_add(json_t *prompt, const char *role, struct rcd_sv text, struct rcd_err *err)
{
	json_t *m = json_pack("{s:s, s:o}", "role", role, "content", rcd_json_str(text));

	return json_array_append_new(prompt, m) == 0 ? 0 : rcd_fail_nomem(err);
}
