#include "daemon/turn_names.h"

const char *const rcd_voice_when_name[RCD_N_VOICE_WHEN] = {
	[RCD_VOICE_ALWAYS] = "always",
	[RCD_VOICE_SHORT] = "short",
	[RCD_VOICE_MIRROR] = "mirror",
	[RCD_VOICE_NEVER] = "never",
};

const char *const rcd_text_name[RCD_N_TEXTS] = {
	[RCD_TEXT_MEDIA_GONE] = "media_gone", [RCD_TEXT_NO_SPEECH] = "no_speech",
	[RCD_TEXT_NOT_AUDIO] = "not_audio",   [RCD_TEXT_NOT_HEARD] = "not_heard",
	[RCD_TEXT_HOLD_ON] = "hold_on",       [RCD_TEXT_IMAGE] = "image",
	[RCD_TEXT_VIDEO] = "video",           [RCD_TEXT_DOCUMENT] = "document",
	[RCD_TEXT_LOCATION] = "location",     [RCD_TEXT_STICKER] = "sticker",
	[RCD_TEXT_CONTACT] = "contact",       [RCD_TEXT_EMPTY] = "empty",
	[RCD_TEXT_NO_ANSWER] = "no_answer",   [RCD_TEXT_APOLOGY] = "apology",
	[RCD_TEXT_KNOWN] = "known",           [RCD_TEXT_FORGET] = "forget",
	[RCD_TEXT_FORGOTTEN] = "forgotten",   [RCD_TEXT_BY_SMS] = "by_sms",
	[RCD_TEXT_STOPPED] = "stopped",       [RCD_TEXT_STARTED] = "started",
	[RCD_TEXT_NO_OFFERS] = "no_offers",   [RCD_TEXT_OFFERS] = "offers",
	[RCD_TEXT_VOICE_DOWN] = "voice_down",
};

static const struct rcd_ladder written = {2, {RCD_RUNG_CHAT, RCD_RUNG_ASSISTANT}};
static const struct rcd_ladder live = {3, {RCD_RUNG_REALTIME, RCD_RUNG_CHAT, RCD_RUNG_ASSISTANT}};

void rcd_ladder_default(struct rcd_sv path, struct rcd_ladder *text, struct rcd_ladder *audio)
{
	*text = rcd_sv_is(path, "/webhook/whatsapp/realtime") ? live : written;
	*audio = rcd_sv_is(path, "/webhook/FUNCIONA") ? written : live;
}
