/* Turns everything the customer sent into words, or into the notice that answers it. */

#include "audio/decode.h"
#include "audio/encode.h"
#include "audio/vad.h"
#include "base/clip.h"
#include "base/clock.h"
#include "base/quote.h"
#include "base/visible.h"
#include "turn/hold_on.h"
#include "turn/steps.h"

#include <string.h>

#define NOTE_HZ 16000 /* what is listened to for speech */
#define HEAR_SHARE 55 /* percent of a turn's time */

/* The first thing that cannot be understood decides what is asked; words, if there are any,
 * are answered instead. */
static void notice(struct rcd_turn *t, enum rcd_text which)
{
	if (t->hear.notice < 0)
		t->hear.notice = (int)which;
}

static void line(struct rcd_buf *b, struct rcd_sv text)
{
	if (b->n > 0)
		rcd_buf_ch(b, '\n');
	rcd_buf_sv(b, text);
}

/* The customer's own words, and nothing that looks like what we put beside them. */
static void say(struct rcd_turn *t, struct rcd_sv words)
{
	struct rcd_buf clean;

	rcd_buf_init(&clean, 3 * words.n + 1);
	rcd_clean_text(&clean, words);
	rcd_buf_cut(&clean, rcd_utf8_cut(rcd_buf_view(&clean), RCD_MAX_TEXT));
	if (clean.bad)
		t->hear.customer_text.bad = true;
	line(&t->hear.customer_text, rcd_buf_view(&clean));
	line(&t->hear.unsent_text, rcd_buf_view(&clean));
	line(&t->hear.own_words, rcd_buf_view(&clean));
	t->hear.has_words = true;
	rcd_buf_free(&clean);
}

/* What stands in the place of an attachment, in the language of the prompt around it. */
static const char *in_language(enum rcd_lang lang, const char *what)
{
	static const char *const english[][2] = {{"imagem", "image"},
	                                         {"figurinha", "sticker"},
	                                         {"vídeo", "video"},
	                                         {"documento", "document"},
	                                         {"contato", "contact"},
	                                         {"arquivo", "file"},
	                                         {"anexo", "attachment"},
	                                         {"áudio", "voice note"},
	                                         {"áudio sem fala", "voice note without speech"}};

	for (size_t i = 0; lang == RCD_EN && i < sizeof(english) / sizeof(english[0]); i++)
		if (strcmp(what, english[i][0]) == 0)
			return english[i][1];
	return what;
}

static void mark(struct rcd_turn *t, const char *what)
{
	if (t->hear.customer_text.n > 0)
		rcd_buf_ch(&t->hear.customer_text, '\n');
	rcd_buf_fmt(&t->hear.customer_text, "[%s]", in_language(t->env->conf->lang, what));
}

static int hear_picture(struct rcd_turn *t, struct rcd_sv bytes, const char *said,
                        enum rcd_text text, struct rcd_err *err)
{
	bool shown = false;

	if (rcd_turn_show(t, bytes, &shown, err) != 0)
		return -1;
	t->hear.n_picture_marks += shown || strcmp(said, "imagem") == 0;
	mark(t, shown ? "imagem" : said);
	t->hear.has_shown = t->hear.has_shown || shown;
	notice(t, text);
	return 0;
}

/* One voice note on its way. */
struct spoken {
	size_t msg;
	int part;
	struct rcd_sv bytes;
	enum rcd_kind kind;
	struct rcd_pcm pcm;  /* for a session; empty: what hears it is handed bytes */
	struct rcd_buf note; /* those of a kind that nobody takes as it is, as Ogg/Opus */
	bool silent;         /* nobody speaks in it */
};

/* A broken or endless file is not handed on; what merely cannot be read here is, where it is taken.
 * Of the containers that ffmpeg reads we cannot tell the one from the other. */
static bool may_go_unheard(const struct spoken *s, const struct rcd_err *err)
{
	bool container = s->kind == RCD_KIND_MP4_AUDIO || s->kind == RCD_KIND_WEBM;

	if (err->code == RCD_NOMEM || err->code == RCD_LIMIT || err->code == RCD_CANCELLED)
		return false;
	return (err->code != RCD_PROTO || container) && rcd_kind_filename(s->kind) != NULL;
}

/* A longer note takes longer to hear, and the turn that much longer to answer. */
static void add_time(struct rcd_turn *t, int64_t note_ms)
{
	const struct rcd_turn_conf *conf = t->env->conf;
	int64_t more = note_ms * conf->note_ms_per_s / 1000;

	if (more > conf->hear_ms)
		more = conf->hear_ms;
	t->time.hear_by += more;
	t->time.deadline += more;
}

/* What has not come by then is not given up: the words would be paid for and the customer asked to
 * write them. The turn goes on when they come. */
static int64_t wait_until(const struct rcd_turn *t)
{
	int64_t until = rcd_deadline_in(t->env->conf->hear_ms);

	return until > t->time.hear_by ? until : t->time.hear_by;
}

int rcd_turn_enter_gate(struct rcd_turn *t, struct rcd_gate *gate, struct rcd_err *err)
{
	int64_t began = rcd_mono_ms(), waited;

	if (rcd_gate_enter(gate, wait_until(t), err) != 0)
		return -1;
	waited = rcd_mono_ms() - began;
	t->time.hear_by += waited;
	t->time.deadline += waited;
	return 0;
}

/* Samples take ten times the memory of a note, and somebody else hears it for seconds: only a
 * session needs them then, and that only up to a length. */
static int drop_samples(struct spoken *s, struct rcd_err *err)
{
	bool live = s->pcm.hz == RCD_REALTIME_HZ &&
	            s->pcm.n <= (size_t)RCD_MAX_LIVE_NOTE_SECONDS * RCD_REALTIME_HZ;
	int ret = 0;

	if (live && !s->silent)
		return 0;
	if (!s->silent && rcd_kind_filename(s->kind) == NULL)
		ret = rcd_encode_pcm(&s->pcm, &s->note, err);
	rcd_pcm_free(&s->pcm);
	return ret;
}

/* Decoded once, at the rate of whoever will hear it. -1: not what it says, or of a kind that
 * nobody would take as it is. */
static int decode_note(struct rcd_turn *t, struct spoken *s, struct rcd_err *err)
{
	int hz = rcd_turn_hears_live(t) ? RCD_REALTIME_HZ : NOTE_HZ;
	int64_t began = rcd_mono_us();

	if (rcd_decode(t->env->decoder, s->bytes, s->kind, hz, &s->pcm, err) != 0) {
		if (!may_go_unheard(s, err))
			return -1;
		rcd_turn_log(t, "a voice note goes on unheard: %s", err->msg);
		return 0;
	}
	rcd_turn_figure(t, "decode_us", rcd_mono_us() - began);
	s->silent = rcd_vad_nobody_speaks(&s->pcm);
	add_time(t, (int64_t)(s->pcm.n * 1000 / (size_t)hz));
	rcd_turn_figure(t, "note_ms", (int64_t)(s->pcm.n * 1000 / (size_t)hz));
	return drop_samples(s, err);
}

static int listen_to(struct rcd_turn *t, struct spoken *s, struct rcd_err *err)
{
	struct rcd_media_gates *gates = t->env->gates;
	struct rcd_gate *gate = NULL;
	int ret;

	if (gates != NULL)
		gate = s->kind == RCD_KIND_OGG_OPUS ? &gates->opus : &gates->decoders;
	if (rcd_turn_enter_gate(t, gate, err) != 0)
		return -1;
	ret = decode_note(t, s, err);
	rcd_gate_leave(gate);
	return ret;
}

/* live: the session that answers has it as it was spoken. */
static void heard(struct rcd_turn *t, struct rcd_sv text, bool live)
{
	size_t before = t->hear.unsent_text.n;

	line(&t->hear.transcript, text);
	if (!rcd_is_blank(text))
		say(t, text);
	else
		notice(t, RCD_TEXT_NO_SPEECH);
	if (live && !t->hear.unsent_text.bad)
		t->hear.unsent_text.n = before;
}

/* Words that come late leave the ladder its part of a turn's time all the same. */
static void keep_ladder_time(struct rcd_turn *t)
{
	int64_t part = (int64_t)t->env->conf->deadline_ms * (100 - HEAR_SHARE) / 100;

	if (rcd_deadline_left(t->time.deadline, INT32_MAX) < part)
		t->time.deadline = rcd_deadline_in(part);
}

static int ask_for_words(struct rcd_turn *t, struct rcd_sv bytes, enum rcd_kind kind,
                         struct rcd_buf *text, struct rcd_err *err)
{
	int ret;

	if (!rcd_openai_usable(t->env->openai))
		return rcd_fail(err, RCD_DENIED, 0, "no OpenAI key: voice notes are not transcribed");
	if (t->rules.ceiling >= RCD_CEILING_MODELS)
		return rcd_fail(err, RCD_LIMIT, 0, "the channel's model calls of the day are spent");
	if (rcd_breaker_enter(t->env->transcribe, "transcription", err) != 0)
		return -1;
	t->spent.requests++;
	ret = rcd_openai_transcribe(t->env->http, t->env->openai, bytes, rcd_kind_filename(kind),
	                            rcd_kind_type(kind), wait_until(t), text, err);
	rcd_breaker_settle(t->env->transcribe, ret, err);
	return ret;
}

/* The note as it came where the service takes that, without what stands in front of its audio;
 * else as Ogg/Opus. */
static int transcribe(struct rcd_turn *t, const struct spoken *s, struct rcd_buf *text,
                      struct rcd_err *err)
{
	struct rcd_buf note;
	int ret;

	if (s->note.n > 0)
		return ask_for_words(t, rcd_buf_view(&s->note), RCD_KIND_OGG_OPUS, text, err);
	if (rcd_kind_filename(s->kind) != NULL)
		return ask_for_words(t, rcd_sniff_audio(s->bytes, s->kind), s->kind, text, err);
	rcd_buf_init(&note, RCD_MAX_MEDIA);
	ret = rcd_encode_pcm(&s->pcm, &note, err);
	if (ret == 0)
		ret = ask_for_words(t, rcd_buf_view(&note), RCD_KIND_OGG_OPUS, text, err);
	rcd_buf_free(&note);
	return ret;
}

/* By a session where one will answer, else (or when that fails) by transcription. What is being
 * heard when a newer message stops the turn is heard to its end: the turn that begins anew finds it
 * kept, instead of paying for it once more. */
static int understand(struct rcd_turn *t, const struct spoken *s, struct rcd_err *err)
{
	struct rcd_buf text;
	int64_t began = rcd_mono_ms();
	struct rcd_cancel *sign = rcd_cancel_under(NULL);
	bool live = s->pcm.hz == RCD_REALTIME_HZ;
	int ret = -1;

	rcd_buf_init(&text, RCD_MAX_TEXT);
	rcd_hold_on_begin(t);
	if (live)
		ret = rcd_turn_hear_live(t, &s->pcm, &text, err);
	if (live && ret != 0 && err->code != RCD_NOMEM && err->code != RCD_CANCELLED) {
		rcd_turn_log(t, "a voice note is transcribed instead: %s", err->msg);
		rcd_buf_reset(&text);
		live = false;
	}
	if (!live)
		ret = transcribe(t, s, &text, err);
	rcd_hold_on_end(t);
	if (ret == 0) {
		rcd_turn_figure(t, live ? "live_ms" : "transcribe_ms", rcd_mono_ms() - began);
		heard(t, rcd_buf_view(&text), live);
		ret = rcd_heard_put(t->env->db, t->job.tenant, t->gather.row[s->msg].id, s->part,
		                    rcd_buf_view(&text), err);
	}
	(void)rcd_cancel_under(sign);
	keep_ladder_time(t);
	rcd_buf_free(&text);
	return ret;
}

/* By this turn before it began anew: not fetched, and not paid for, a second time. */
static bool heard_before(struct rcd_turn *t, size_t i, int part, struct rcd_err *err)
{
	struct rcd_buf text;
	int ret;

	rcd_buf_init(&text, RCD_MAX_TEXT);
	ret = rcd_heard_get(t->env->db, t->job.tenant, t->gather.row[i].id, part, &text, err);
	if (ret == 0) {
		t->hear.has_voice_note = true;
		heard(t, rcd_buf_view(&text), false);
	}
	rcd_buf_free(&text);
	return ret == 0;
}

static int hear_spoken(struct rcd_turn *t, struct spoken *s, struct rcd_err *err)
{
	if (listen_to(t, s, err) != 0) {
		if (err->code == RCD_NOMEM || err->code == RCD_CANCELLED)
			return -1;
		rcd_turn_log(t, "a voice note cannot be decoded: %s", err->msg);
		mark(t, "áudio");
		notice(t, err->code == RCD_BUSY ? RCD_TEXT_NOT_HEARD : RCD_TEXT_NOT_AUDIO);
	} else if (s->silent) {
		mark(t, "áudio sem fala");
		notice(t, RCD_TEXT_NO_SPEECH);
	} else if (understand(t, s, err) != 0) {
		if (err->code == RCD_NOMEM || err->code == RCD_CANCELLED)
			return -1;
		rcd_turn_log(t, "a voice note was not transcribed: %s", err->msg);
		mark(t, "áudio");
		notice(t, RCD_TEXT_NOT_HEARD);
	}
	return 0;
}

static int hear_note(struct rcd_turn *t, size_t i, int part, struct rcd_sv bytes,
                     enum rcd_kind kind, struct rcd_err *err)
{
	struct spoken s = {.msg = i, .part = part, .bytes = bytes, .kind = kind};
	int ret;

	t->hear.has_voice_note = true;
	rcd_buf_init(&s.note, RCD_MAX_MEDIA);
	ret = hear_spoken(t, &s, err);
	rcd_buf_free(&s.note);
	rcd_pcm_free(&s.pcm);
	return ret;
}

/* What is not speech is kept and answered as what it is. */
static const struct {
	const char *said;
	enum rcd_text text;
} as_it_is[RCD_N_KINDS] = {
	[RCD_KIND_UNKNOWN] = {"arquivo", RCD_TEXT_DOCUMENT},
	[RCD_KIND_IMAGE] = {"imagem", RCD_TEXT_IMAGE},
	[RCD_KIND_STICKER] = {"figurinha", RCD_TEXT_STICKER},
	[RCD_KIND_VIDEO] = {"vídeo", RCD_TEXT_VIDEO},
	[RCD_KIND_WEBM] = {"vídeo", RCD_TEXT_VIDEO},
	[RCD_KIND_PDF] = {"documento", RCD_TEXT_DOCUMENT},
	[RCD_KIND_DOCUMENT] = {"documento", RCD_TEXT_DOCUMENT},
	[RCD_KIND_TEXT] = {"documento", RCD_TEXT_DOCUMENT},
	[RCD_KIND_CONTACT] = {"contato", RCD_TEXT_CONTACT},
};

static bool tell_card(struct rcd_turn *t, struct rcd_sv bytes)
{
	struct rcd_buf text;
	bool told;

	rcd_buf_init(&text, RCD_MAX_CONTEXT);
	told = rcd_turn_card(t, bytes, &text);
	if (told) {
		line(&t->hear.customer_text, rcd_buf_view(&text));
		line(&t->hear.unsent_text, rcd_buf_view(&text));
		t->hear.has_words = true;
	}
	rcd_buf_free(&text);
	return told;
}

static bool is_document(enum rcd_kind kind)
{
	return kind == RCD_KIND_PDF || kind == RCD_KIND_DOCUMENT || kind == RCD_KIND_TEXT;
}

static int hear_bytes(struct rcd_turn *t, size_t i, int part, struct rcd_sv bytes,
                      struct rcd_sv type, struct rcd_err *err)
{
	enum rcd_kind kind = rcd_sniff(bytes, type);
	bool said_audio = rcd_sv_starts(type, RCD_SV("audio/")), told = false;

	if (rcd_kind_is_audio(kind))
		return hear_note(t, i, part, bytes, kind, err);
	if (rcd_turn_keep(t, i, part, kind, type, bytes, err) != 0)
		return -1;
	if (said_audio) {
		t->hear.has_voice_note = true;
		rcd_turn_log(t,
		             "an attachment said to be audio is %s (%zu bytes, kept): encrypted or broken",
		             rcd_kind_name(kind), bytes.n);
		mark(t, "áudio");
		notice(t, RCD_TEXT_NOT_AUDIO);
		return 0;
	}
	if (kind == RCD_KIND_CONTACT && tell_card(t, bytes))
		return 0;
	if (kind == RCD_KIND_IMAGE || kind == RCD_KIND_STICKER)
		return hear_picture(t, bytes, as_it_is[kind].said, as_it_is[kind].text, err);
	if (is_document(kind) && rcd_turn_read(t, i, part, bytes, type, &told, err) != 0)
		return -1;
	if (!told)
		mark(t, as_it_is[kind].said);
	notice(t, as_it_is[kind].text);
	return 0;
}

static bool may_be_document(struct rcd_sv declared)
{
	return !rcd_sv_starts(declared, RCD_SV("audio/")) &&
	       !rcd_sv_starts(declared, RCD_SV("image/")) && !rcd_sv_starts(declared, RCD_SV("video/"));
}

static int hear_media(struct rcd_turn *t, size_t i, int part, struct rcd_err *err)
{
	const struct rcd_twilio_msg *m = &t->gather.msg[i];
	struct rcd_sv declared = m->media[part].type;
	struct rcd_gate *gate = NULL;
	struct rcd_buf bytes;
	char type[96] = "";
	bool spared = false, told = false;
	int ret;

	if (heard_before(t, i, part, err))
		return 0;
	if (may_be_document(declared) && rcd_turn_read_before(t, i, part, &told, err) != 0)
		return -1;
	if (told) {
		notice(t, RCD_TEXT_DOCUMENT);
		return 0;
	}
	if (rcd_sv_starts(declared, RCD_SV("audio/")) && rcd_turn_spares_note(t, &spared, err) != 0)
		return -1;
	if (spared) {
		t->hear.has_voice_note = true;
		mark(t, "áudio");
		return 0;
	}
	ret = rcd_turn_fetch(t, i, part, &bytes, type, &gate, err);
	if (ret == 0)
		ret = hear_bytes(t, i, part, rcd_buf_view(&bytes), declared.n > 0 ? declared : rcd_sv(type),
		                 err);
	else if (err->code != RCD_NOMEM && err->code != RCD_CANCELLED) {
		rcd_turn_log(t, "an attachment was not fetched: %s", err->msg);
		t->hear.has_voice_note = t->hear.has_voice_note ||
		                         rcd_sv_starts(declared, RCD_SV("audio/"));
		mark(t, "anexo");
		notice(t, RCD_TEXT_MEDIA_GONE);
		ret = 0;
	}
	rcd_buf_free(&bytes);
	rcd_gate_leave(gate);
	return ret;
}

void rcd_media_gates_init(struct rcd_media_gates *g)
{
	rcd_gate_init(&g->large, RCD_MAX_LARGE_AT_ONCE);
	rcd_gate_init(&g->opus, RCD_MAX_OPUS_AT_ONCE);
	rcd_gate_init(&g->decoders, RCD_MAX_DECODERS);
	rcd_gate_init(&g->extractors, RCD_MAX_EXTRACTORS);
}

void rcd_media_gates_free(struct rcd_media_gates *g)
{
	rcd_gate_free(&g->large);
	rcd_gate_free(&g->opus);
	rcd_gate_free(&g->decoders);
	rcd_gate_free(&g->extractors);
}

/* What the provider tells beside the words: a quoted message, an ad, a place. */
static int tell_context(struct rcd_turn *t, size_t i, struct rcd_err *err)
{
	struct rcd_buf text;
	bool asks = false;
	int ret;

	rcd_buf_init(&text, RCD_MAX_CONTEXT);
	ret = rcd_turn_context(t, i, &text, &asks, err);
	if (ret == 0 && text.n > 0) {
		line(&t->hear.customer_text, rcd_buf_view(&text));
		line(&t->hear.unsent_text, rcd_buf_view(&text));
		t->hear.has_words = t->hear.has_words || asks;
	}
	rcd_buf_free(&text);
	return ret;
}

static int hear_message(struct rcd_turn *t, size_t i, struct rcd_err *err)
{
	const struct rcd_twilio_msg *m = &t->gather.msg[i];
	struct rcd_sv text = rcd_sv_trim(m->body);

	if (tell_context(t, i, err) != 0)
		return -1;
	if (!rcd_is_blank(text))
		say(t, text);
	else if (!rcd_is_blank(m->button))
		say(t, m->button);
	for (int part = 0; part < m->n_media; part++)
		if (m->media[part].url.n > 0 && hear_media(t, i, part, err) != 0)
			return -1;
	if (m->latitude.n > 0 && m->longitude.n > 0) {
		notice(t, RCD_TEXT_LOCATION); /* of a place that could not be told */
	} else if (rcd_sv_is(m->message_type, "contacts") && m->n_media == 0) {
		mark(t, "contato");
		notice(t, RCD_TEXT_CONTACT);
	}
	return 0;
}

/* More than a model is to read is shortened, the oldest first: whoever pastes a contract is
 * answered all the same, and so is what comes next. */
static void shorten(struct rcd_turn *t, const struct rcd_messages *said,
                    const struct rcd_messages *beside)
{
	static const char *const mark[2] = {" [… o resto desta mensagem foi cortado]",
	                                    " [… the rest of this message was cut]"};
	const struct rcd_messages whole = {.n = 1};
	const char *cut = mark[t->env->conf->lang];

	if (rcd_shorten(&t->hear.customer_text, said, RCD_MAX_SAID, cut))
		rcd_turn_log(t, "messages_shortened messages=%zu", t->gather.n);
	(void)rcd_shorten(&t->hear.unsent_text, beside, RCD_MAX_SAID, cut);
	(void)rcd_shorten(&t->hear.transcript, &whole, RCD_MAX_SAID, cut);
}

static int hear_messages(struct rcd_turn *t, struct rcd_err *err)
{
	struct rcd_messages said = {.n = t->gather.n}, beside = {.n = t->gather.n};

	for (size_t i = 0; i < t->gather.n; i++) {
		said.start[i] = t->hear.customer_text.n;
		beside.start[i] = t->hear.unsent_text.n;
		if (hear_message(t, i, err) != 0)
			return -1;
		t->hear.own_words_end[i] = t->hear.own_words.n;
	}
	shorten(t, &said, &beside);
	return t->hear.customer_text.bad || t->hear.transcript.bad || t->hear.unsent_text.bad ||
	               t->hear.own_words.bad
	           ? rcd_fail_nomem(err)
	           : 0;
}

struct rcd_sv rcd_turn_own(const struct rcd_turn *t)
{
	struct rcd_sv own = rcd_buf_view(&t->hear.own_words);

	return own.n > RCD_MAX_SAID ? rcd_sv_skip(own, own.n - RCD_MAX_SAID) : own;
}

int rcd_turn_hear(struct rcd_turn *t, struct rcd_err *err)
{
	t->time.hear_by = rcd_deadline_in(rcd_deadline_left(t->time.deadline, INT32_MAX) * HEAR_SHARE /
	                                  100);
	if (hear_messages(t, err) != 0)
		return -1;
	if (t->hear.has_shown && !t->hear.has_words)
		t->hear.unshown_notice = t->hear.notice;
	if (t->hear.has_words || t->hear.has_shown)
		t->hear.notice = -1;
	else if (t->hear.notice < 0)
		t->hear.notice = RCD_TEXT_EMPTY;
	return 0;
}
