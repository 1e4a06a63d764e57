/* The settings that point a Recado at the sandbox. The credentials are made up, unless the
 * sandbox's own environment names others. */

#include "daemon/sandbox/box.h"

#include <stdio.h>
#include <stdlib.h>

static const struct {
	const char *name, *value, *path; /* path: the origin with this behind it */
} settings[RCD_SB_N_SETTINGS] = {
	[RCD_SB_OPENAI_URL] = {"OPENAI_BASE_URL", NULL, "/v1"},
	[RCD_SB_OPENAI_KEY] = {"OPENAI_API_KEY", "sk-sandbox-0123456789abcdef", NULL},
	[RCD_SB_ELEVENLABS_URL] = {"ELEVENLABS_BASE_URL", NULL, ""},
	[RCD_SB_ELEVENLABS_KEY] = {"ELEVENLABS_API_KEY", "xi-sandbox-0123456789abcdef", NULL},
	[RCD_SB_ELEVENLABS_VOICE] = {"ELEVENLABS_VOICE_ID", "SandboxVoice00000001", NULL},
	[RCD_SB_TWILIO_URL] = {"TWILIO_BASE_URL", NULL, ""},
	[RCD_SB_TWILIO_ACCOUNT] = {"TWILIO_ACCOUNT_SID", "AC00000000000000000000000000000000", NULL},
	[RCD_SB_TWILIO_TOKEN] = {"TWILIO_AUTH_TOKEN", "5a9db0c50000000000000000005a9db0", NULL},
	[RCD_SB_TWILIO_NUMBER] = {"TWILIO_PHONE_NUMBER", "+14155238886", NULL},
	[RCD_SB_S3_URL] = {"AWS_ENDPOINT_URL_S3", NULL, "/s3"},
	[RCD_SB_S3_KEY_ID] = {"AWS_ACCESS_KEY_ID", "AKIASANDBOX000000001", NULL},
	[RCD_SB_S3_SECRET] = {"AWS_SECRET_ACCESS_KEY", "sandbox0123456789abcdef0123456789abcdef", NULL},
	[RCD_SB_S3_REGION] = {"AWS_REGION", "us-east-1", NULL},
};

static char *make_value(const struct rcd_sandbox *s, size_t i)
{
	const char *ours = settings[i].value, *theirs;
	char url[64];

	if (settings[i].path != NULL) {
		(void)snprintf(url, sizeof(url), "%s%s", s->origin, settings[i].path);
		return rcd_sv_dup(rcd_sv(url));
	}
	theirs = getenv(settings[i].name);
	return rcd_sv_dup(rcd_sv(theirs != NULL && theirs[0] != '\0' ? theirs : ours));
}

int rcd_sb_settings(struct rcd_sandbox *s, struct rcd_err *err)
{
	for (size_t i = 0; i < RCD_SB_N_SETTINGS; i++) {
		s->value[i] = make_value(s, i);
		if (s->value[i] == NULL)
			return rcd_fail_nomem(err);
		s->env[i] = (struct rcd_sandbox_env){settings[i].name, s->value[i]};
	}
	return 0;
}

const struct rcd_sandbox_env *rcd_sandbox_env(const struct rcd_sandbox *s)
{
	return s->env;
}
