/* Which operation a request means: one table. */

#include "daemon/sandbox/box.h"

#include <string.h>

#define ACCOUNT "/2010-04-01/Accounts/*"

static const struct rcd_sb_route routes[] = {
	{"POST", ACCOUNT "/Messages.json", RCD_SB_TWILIO, "messages.create", false, rcd_sb_twilio_send},
	{"GET", ACCOUNT "/Messages.json", RCD_SB_TWILIO, "messages.list", false, rcd_sb_twilio_list},
	{"GET", ACCOUNT "/Messages/*.json", RCD_SB_TWILIO, "messages.get", false, rcd_sb_twilio_get},
	{"GET", ACCOUNT "/Messages/*/Media.json", RCD_SB_TWILIO, "messages.media", false,
     rcd_sb_twilio_media_list},
	{"GET", ACCOUNT "/Messages/*/Media/*", RCD_SB_TWILIO, "media.get", false, rcd_sb_twilio_media},
	{"GET", "/cdn/*", RCD_SB_TWILIO, "cdn.get", true, rcd_sb_twilio_cdn},
	{"POST", "/v2/Indicators/Typing.json", RCD_SB_TWILIO, "typing", false, rcd_sb_twilio_typing},
	{"POST", "/v3/Indicators/Typing.json", RCD_SB_TWILIO, "typing", false, rcd_sb_twilio_typing},
	{"POST", "/v1/chat/completions", RCD_SB_OPENAI, "chat", false, rcd_sb_openai_chat},
	{"POST", "/v1/responses", RCD_SB_OPENAI, "responses", false, rcd_sb_openai_respond},
	{"POST", "/v1/conversations", RCD_SB_OPENAI, "conversations.create", false,
     rcd_sb_openai_conversation_new},
	{"GET", "/v1/conversations/*", RCD_SB_OPENAI, "conversations.get", false,
     rcd_sb_openai_conversation},
	{"DELETE", "/v1/conversations/*", RCD_SB_OPENAI, "conversations.delete", false,
     rcd_sb_openai_conversation_delete},
	{"GET", "/v1/conversations/*/items", RCD_SB_OPENAI, "conversations.items", false,
     rcd_sb_openai_conversation_items},
	{"POST", "/v1/audio/transcriptions", RCD_SB_OPENAI, "transcribe", false,
     rcd_sb_openai_transcribe},
	{"POST", "/v1/embeddings", RCD_SB_OPENAI, "embeddings", false, rcd_sb_openai_embed},
	{"GET", "/v1/realtime", RCD_SB_OPENAI, "realtime.connect", false, rcd_sb_realtime_connect},
	{"GET", "/v1/models", RCD_SB_OPENAI, "models", false, rcd_sb_openai_models},
	{"GET", "/v1/models/*", RCD_SB_OPENAI, "models", false, rcd_sb_openai_models},
	{"POST", "/v1/text-to-speech/*/stream", RCD_SB_ELEVENLABS, "tts", false,
     rcd_sb_elevenlabs_speak},
	{"POST", "/v1/text-to-speech/*", RCD_SB_ELEVENLABS, "tts", false, rcd_sb_elevenlabs_speak},
	{"GET", "/v1/voices", RCD_SB_ELEVENLABS, "voices", false, rcd_sb_elevenlabs_voices},
	{"PUT", "/s3/*/**", RCD_SB_S3, "s3.put", true, rcd_sb_s3_put},
	{"HEAD", "/s3/*/**", RCD_SB_S3, "s3.head", true, rcd_sb_s3_get},
	{"GET", "/s3/*/**", RCD_SB_S3, "s3.get", true, rcd_sb_s3_get},
	{"DELETE", "/s3/*/**", RCD_SB_S3, "s3.delete", true, rcd_sb_s3_delete},
	{"GET", "/s3/*/", RCD_SB_S3, "s3.list", true, rcd_sb_s3_list},
	{"POST", "/_sandbox/media", RCD_SB_NOBODY, "sandbox.media", true, rcd_sb_own_media},
	{"POST", "/_sandbox/inbound", RCD_SB_NOBODY, "sandbox.inbound", true, rcd_sb_own_inbound},
	{"GET", "/_sandbox/ledger", RCD_SB_NOBODY, "sandbox.ledger", true, rcd_sb_own_ledger},
	{"POST", "/_sandbox/plan", RCD_SB_NOBODY, "sandbox.plan", true, rcd_sb_own_plan},
};

const char *rcd_sb_provider_name(enum rcd_sb_provider p)
{
	static const char *const names[] = {"twilio", "openai", "elevenlabs", "s3", "sandbox"};

	return names[p];
}

/* One segment against one of a pattern: the same, or "*" and the same end, which must leave
 * something for the star. */
static bool match_segment(struct rcd_sv pattern, struct rcd_sv path, struct rcd_sv *star)
{
	struct rcd_sv end = rcd_sv_skip(pattern, 1);

	if (pattern.n == 0 || pattern.p[0] != '*')
		return rcd_sv_eq(pattern, path);
	if (path.n <= end.n || !rcd_sv_ends(path, end))
		return false;
	*star = (struct rcd_sv){path.p, path.n - end.n};
	return true;
}

static bool match_path(const char *pattern, const char *path, struct rcd_sv star[RCD_SB_MAX_STARS])
{
	struct rcd_sv p = rcd_sv(pattern), q = rcd_sv(path), a, b, found;
	size_t n = 0;

	while (rcd_sv_cut(&p, '/', &a)) {
		bool wild = a.n > 0 && a.p[0] == '*';

		if (rcd_sv_is(a, "**")) {
			if (q.n > 0 && n < RCD_SB_MAX_STARS)
				star[n] = q;
			return q.n > 0;
		}
		if (!rcd_sv_cut(&q, '/', &b) || !match_segment(a, b, &found))
			return false;
		if (wild && n < RCD_SB_MAX_STARS)
			star[n++] = found;
	}
	return q.p == NULL;
}

const struct rcd_sb_route *rcd_sb_route_find(const char *method, const char *path,
                                             struct rcd_sv star[RCD_SB_MAX_STARS], bool *path_known)
{
	bool head = strcmp(method, "HEAD") == 0;

	*path_known = false;
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		if (!match_path(routes[i].pattern, path, star))
			continue;
		*path_known = true;
		if (strcmp(routes[i].method, method) == 0 || (head && strcmp(routes[i].method, "GET") == 0))
			return &routes[i];
	}
	return NULL;
}
