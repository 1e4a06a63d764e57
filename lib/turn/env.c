/* What other rooms get of a turn's environment. */

#include "turn/turn.h"

struct rcd_memory_env rcd_turn_memory_env(const struct rcd_turn_env *env)
{
	const struct rcd_turn_conf *conf = env->conf;

	return (struct rcd_memory_env){.db = env->db,
	                               .http = env->http,
	                               .openai = env->openai,
	                               .chat = env->chat,
	                               .blobs = env->blobs,
	                               .size = {conf->history_turns, conf->history_tokens},
	                               .note = env->note,
	                               .note_arg = env->note_arg};
}

struct rcd_persona_conf rcd_turn_persona_conf(const struct rcd_turn_conf *conf)
{
	return (struct rcd_persona_conf){.lang = conf->lang,
	                                 .zone = conf->zone,
	                                 .business_hours = conf->business_hours,
	                                 .speaks = conf->voice_on_request ||
	                                           conf->voice_when != RCD_VOICE_NEVER,
	                                 .sms_segments = conf->sms_segments};
}
