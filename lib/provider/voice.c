#include "provider/voice.h"

const struct rcd_voice_ops *rcd_voice_pick(const struct rcd_voice_conf *conf)
{
	if (rcd_secret_set(&conf->key) && conf->voice_id != NULL && conf->voice_id[0] != '\0')
		return &rcd_voice_elevenlabs;
	return &rcd_voice_offline;
}
