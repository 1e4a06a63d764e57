/* A voice note becomes words: decoded once, listened to for speech, then heard by the session that
 * will answer, or else transcribed. */

#include "audio/encode.h"
#include "audio/vad.h"
#include "base/cancel.h"
#include "base/clock.h"
#include "media/media_int.h"
#include "provider/openai_realtime.h"

#include <stdatomic.h>

#define NOTE_HZ 16000 /* what is listened to for speech */

struct voice_note {
	const struct rcd_attachment *at;
	struct rcd_sv bytes;
	enum rcd_kind kind;
	struct rcd_pcm pcm;  /* for a session; empty: what hears it is handed bytes */
	struct rcd_buf opus; /* of a kind that no service takes as it is: as Ogg/Opus */
	bool silent;         /* nobody speaks in it */
	int64_t live_bytes;  /* reserved for pcm */
};

/* A broken or endless file is not handed on; what merely cannot be read here is, where it is taken.
 * Of the containers that ffmpeg reads we cannot tell the one from the other. */
static bool may_go_unheard(const struct voice_note *n, const struct rcd_err *err)
{
	bool container = n->kind == RCD_KIND_MP4_AUDIO || n->kind == RCD_KIND_WEBM;

	if (err->code == RCD_NOMEM || err->code == RCD_LIMIT || err->code == RCD_CANCELLED)
		return false;
	return (err->code != RCD_PROTO || container) && rcd_kind_filename(n->kind) != NULL;
}

/* A longer note takes longer to hear, and the turn that much longer to answer. */
static void add_time(const struct rcd_media *m, int64_t note_ms)
{
	int64_t more = note_ms * m->note_ms_per_s / 1000;

	rcd_media_extend(m, more > m->hear_ms ? m->hear_ms : more);
}

/* A session hears for seconds, and there may be as many as turns. */
static bool reserve_live_bytes(const struct rcd_media *m, struct voice_note *n)
{
	int64_t bytes = (int64_t)(n->pcm.n * sizeof(n->pcm.s[0]));

	if (m->gates == NULL)
		return true;
	if (atomic_fetch_add(&m->gates->live_bytes, bytes) + bytes > RCD_MAX_LIVE_BYTES) {
		atomic_fetch_sub(&m->gates->live_bytes, bytes);
		rcd_media_log(m, "voice_note_not_heard_live next=transcription err=\"%s\"",
		              "sessions have too many samples to hear");
		return false;
	}
	n->live_bytes = bytes;
	return true;
}

static void free_samples(const struct rcd_media *m, struct voice_note *n)
{
	rcd_pcm_free(&n->pcm);
	if (n->live_bytes > 0)
		atomic_fetch_sub(&m->gates->live_bytes, n->live_bytes);
	n->live_bytes = 0;
}

/* Samples take ten times the memory of a note, and transcription takes seconds: only a session
 * needs them, and that only up to a length and to a sum of all notes. */
static int drop_samples(const struct rcd_media *m, struct voice_note *n, struct rcd_err *err)
{
	bool live = n->pcm.hz == RCD_REALTIME_HZ &&
	            n->pcm.n <= (size_t)RCD_MAX_LIVE_NOTE_SECONDS * RCD_REALTIME_HZ;
	int ret = 0;

	if (live && !n->silent && reserve_live_bytes(m, n))
		return 0;
	if (!n->silent && rcd_kind_filename(n->kind) == NULL)
		ret = rcd_encode_pcm(&n->pcm, &n->opus, err);
	rcd_pcm_free(&n->pcm);
	return ret;
}

/* Decoded once, at the rate of whoever will hear it. -1: not what it says, or of a kind that no
 * service would take as it is. */
static int decode_note(const struct rcd_media *m, struct voice_note *n, struct rcd_err *err)
{
	int hz = m->turn->hears_live(m->arg) ? RCD_REALTIME_HZ : NOTE_HZ;
	int64_t began = rcd_mono_us(), note_ms;

	if (rcd_decode(m->decoder, n->bytes, n->kind, hz, &n->pcm, err) != 0) {
		if (!may_go_unheard(n, err))
			return -1;
		rcd_media_log(m, "voice_note_not_decoded next=transcription err=\"%s\"", err->msg);
		return 0;
	}
	rcd_media_figure(m, "decode_us", rcd_mono_us() - began);
	n->silent = rcd_vad_nobody_speaks(&n->pcm);
	note_ms = (int64_t)(n->pcm.n * 1000 / (size_t)hz);
	add_time(m, note_ms);
	rcd_media_figure(m, "note_ms", note_ms);
	return drop_samples(m, n, err);
}

static int decode_in_turn(const struct rcd_media *m, struct voice_note *n, struct rcd_err *err)
{
	struct rcd_gate *gate = NULL;
	int ret;

	if (m->gates != NULL)
		gate = n->kind == RCD_KIND_OGG_OPUS ? &m->gates->opus : &m->gates->decoders;
	if (rcd_media_enter_gate(m, gate, err) != 0)
		return -1;
	ret = decode_note(m, n, err);
	rcd_gate_leave(gate);
	return ret;
}

/* The note as it came where the service takes that, without what stands in front of its audio;
 * else as Ogg/Opus. */
static int transcribe_note(const struct rcd_media *m, const struct voice_note *n,
                           struct rcd_buf *text, struct rcd_err *err)
{
	struct rcd_buf opus;
	int ret;

	if (n->opus.n > 0)
		return rcd_transcribe(m, rcd_buf_view(&n->opus), RCD_KIND_OGG_OPUS, text, err);
	if (rcd_kind_filename(n->kind) != NULL)
		return rcd_transcribe(m, rcd_sniff_audio(n->bytes, n->kind), n->kind, text, err);
	rcd_buf_init(&opus, RCD_MAX_MEDIA);
	ret = rcd_encode_pcm(&n->pcm, &opus, err);
	if (ret == 0)
		ret = rcd_transcribe(m, rcd_buf_view(&opus), RCD_KIND_OGG_OPUS, text, err);
	rcd_buf_free(&opus);
	return ret;
}

/* By a session where one will answer, else (or when that fails) by transcription. */
static int get_words(const struct rcd_media *m, const struct voice_note *n, struct rcd_buf *text,
                     bool *live, struct rcd_err *err)
{
	*live = n->pcm.hz == RCD_REALTIME_HZ;
	if (*live) {
		if (m->turn->hear_live(m->arg, &n->pcm, text, err) == 0)
			return 0;
		if (err->code == RCD_NOMEM || err->code == RCD_CANCELLED)
			return -1;
		rcd_media_log(m, "voice_note_not_heard_live next=transcription err=\"%s\"", err->msg);
		rcd_buf_reset(text);
		*live = false;
	}
	return transcribe_note(m, n, text, err);
}

static int store_words(const struct rcd_media *m, const struct voice_note *n, struct rcd_sv text,
                       struct rcd_err *err)
{
	return rcd_heard_put(m->db, m->tenant, n->at->inbox_id, n->at->part, text, err);
}

/* Words that come late leave the answer its part of a turn's time all the same. */
static void keep_answer_time(const struct rcd_media *m)
{
	int64_t part = (int64_t)m->deadline_ms * (100 - RCD_HEAR_SHARE) / 100;

	if (rcd_deadline_left(*m->deadline, INT32_MAX) < part)
		*m->deadline = rcd_deadline_in(part);
}

/* A note that is being heard when a newer message stops the turn is heard to its end: the turn that
 * begins anew finds its words kept, instead of paying for them once more. */
static int understand_note(const struct rcd_media *m, const struct voice_note *n,
                           struct rcd_received *h, struct rcd_err *err)
{
	struct rcd_cancel *cancel = rcd_cancel_under(NULL);
	int64_t began = rcd_mono_ms();
	struct rcd_buf text;
	bool live;
	int ret;

	rcd_buf_init(&text, RCD_MAX_TEXT);
	m->turn->begin_wait(m->arg);
	ret = get_words(m, n, &text, &live, err);
	m->turn->end_wait(m->arg);
	if (ret == 0) {
		rcd_media_figure(m, live ? "live_ms" : "transcribe_ms", rcd_mono_ms() - began);
		rcd_received_transcript(h, rcd_buf_view(&text), live);
		ret = store_words(m, n, rcd_buf_view(&text), err);
	}
	(void)rcd_cancel_under(cancel);
	keep_answer_time(m);
	rcd_buf_free(&text);
	return ret;
}

static void put_notice(const struct rcd_media *m, struct rcd_received *h, enum rcd_media_text mark,
                       enum rcd_notice notice)
{
	rcd_received_mark(h, rcd_media_text(m->lang, mark));
	rcd_received_notice(h, notice);
}

static bool must_fail(const struct rcd_err *err)
{
	return err->code == RCD_NOMEM || err->code == RCD_CANCELLED;
}

static int hear_note(const struct rcd_media *m, struct voice_note *n, struct rcd_received *h,
                     struct rcd_err *err)
{
	if (decode_in_turn(m, n, err) != 0) {
		if (must_fail(err))
			return -1;
		rcd_media_log(m, "voice_note_not_decoded next=notice err=\"%s\"", err->msg);
		put_notice(m, h, RCD_MARK_VOICE_NOTE,
		           err->code == RCD_BUSY ? RCD_NOTICE_NOT_HEARD : RCD_NOTICE_NOT_AUDIO);
	} else if (n->silent) {
		put_notice(m, h, RCD_MARK_NO_SPEECH, RCD_NOTICE_NO_SPEECH);
	} else if (understand_note(m, n, h, err) != 0) {
		if (must_fail(err))
			return -1;
		rcd_media_log(m, "voice_note_not_transcribed err=\"%s\"", err->msg);
		put_notice(m, h, RCD_MARK_VOICE_NOTE, RCD_NOTICE_NOT_HEARD);
	}
	return 0;
}

int rcd_voice_note_hear(const struct rcd_media *m, const struct rcd_attachment *a,
                        struct rcd_sv bytes, enum rcd_kind kind, struct rcd_received *h,
                        struct rcd_err *err)
{
	struct voice_note n = {.at = a, .bytes = bytes, .kind = kind};
	int ret;

	h->has_voice_note = true;
	rcd_buf_init(&n.opus, RCD_MAX_MEDIA);
	ret = hear_note(m, &n, h, err);
	rcd_buf_free(&n.opus);
	free_samples(m, &n);
	return ret;
}

int rcd_voice_note_recall(const struct rcd_media *m, const struct rcd_attachment *a,
                          struct rcd_received *h, bool *known, struct rcd_err *err)
{
	struct rcd_buf text;

	rcd_buf_init(&text, RCD_MAX_TEXT);
	*known = rcd_heard_get(m->db, m->tenant, a->inbox_id, a->part, &text, err) == 0;
	if (*known) {
		h->has_voice_note = true;
		rcd_received_transcript(h, rcd_buf_view(&text), false);
	}
	rcd_buf_free(&text);
	return *known || !must_fail(err) ? 0 : -1;
}
