#include "provider/voice.h"

const struct rcd_voice_ops *rcd_voice_pick(const struct rcd_voice_conf *conf)
{
	if (rcd_secret_set(&conf->key) && conf->voice_id != NULL && conf->voice_id[0] != '\0')
		return &rcd_voice_elevenlabs;
	return &rcd_voice_offline;
}

void rcd_voice_line(const struct rcd_voice_ops *ops, const struct rcd_voice_conf *conf,
                    struct rcd_buf *out)
{
	if (ops == &rcd_voice_offline)
		rcd_buf_fmt(out, "%s %s %s", ops->name, conf->offline_program, conf->offline_voice);
	else
		rcd_buf_fmt(out, "%s %s %s %s %g %g %g %g %d", ops->name, conf->voice_id, conf->model,
		            conf->language != NULL ? conf->language : "", conf->stability, conf->similarity,
		            conf->style, conf->speed, (int)conf->speaker_boost);
}
