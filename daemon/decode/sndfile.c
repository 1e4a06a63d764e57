/* WAV, FLAC and the Ogg codecs besides Opus, by libsndfile from memory. */
#include "audio/resample.h"
#include "base/limits.h"
#include "daemon/decode/readers.h"

#include <sndfile.h>
#include <stdlib.h>
#include <string.h>

/* What a header may claim; beyond it nothing is allocated or computed. */
#define MAX_CHANNELS 8
#define MIN_HZ 4000
#define MAX_HZ 192000
#define MAX_LINKS 256 /* of a chained file */
#define FRAMES 1024   /* decoded at a time */

struct memory {
	struct rcd_sv bytes;
	sf_count_t at;
};

static sf_count_t get_size(void *arg)
{
	const struct memory *m = arg;

	return (sf_count_t)m->bytes.n;
}

static sf_count_t seek_to(sf_count_t offset, int whence, void *arg)
{
	struct memory *m = arg;
	sf_count_t base = 0, to;

	if (whence == SEEK_CUR)
		base = m->at;
	else if (whence == SEEK_END)
		base = get_size(arg);
	if (__builtin_add_overflow(base, offset, &to) || to < 0 || to > get_size(arg))
		return -1;
	return m->at = to;
}

static sf_count_t read_bytes(void *p, sf_count_t n, void *arg)
{
	struct memory *m = arg;
	sf_count_t left = get_size(arg) - m->at;

	if (n < 0)
		n = 0;
	if (n > left)
		n = left;
	memcpy(p, m->bytes.p + m->at, (size_t)n);
	m->at += n;
	return n;
}

static sf_count_t write_nothing(const void *p, sf_count_t n, void *arg)
{
	(void)p;
	(void)n;
	(void)arg;
	return 0;
}

static sf_count_t get_position(void *arg)
{
	const struct memory *m = arg;

	return m->at;
}

/* The library guesses from the bytes by itself; what it takes them for must be what they
 * were found to be, or a rare format's reader would be open to everybody. */
static bool is_expected(int format, enum rcd_kind kind)
{
	switch (format & SF_FORMAT_TYPEMASK) {
	case SF_FORMAT_WAV:
	case SF_FORMAT_WAVEX:
	case SF_FORMAT_RF64:
		return kind == RCD_KIND_WAV;
	case SF_FORMAT_FLAC:
		return kind == RCD_KIND_FLAC;
	case SF_FORMAT_OGG:
		return kind == RCD_KIND_OGG_OTHER;
	default:
		return false;
	}
}

/* A codec that libsndfile does not know: Speex in Ogg, MP3 in WAV. */
static bool is_foreign(enum rcd_kind kind, int error)
{
	return kind == RCD_KIND_OGG_OTHER || error == SF_ERR_UNSUPPORTED_ENCODING;
}

static SNDFILE *open_file(struct memory *m, SF_INFO *info, enum rcd_kind kind, struct rcd_err *err)
{
	SF_VIRTUAL_IO io = {.get_filelen = get_size,
	                    .seek = seek_to,
	                    .read = read_bytes,
	                    .write = write_nothing,
	                    .tell = get_position};
	SNDFILE *f;

	*info = (SF_INFO){0};
	f = sf_open_virtual(&io, SFM_READ, info, m);
	if (f == NULL) {
		(void)rcd_fail(err, is_foreign(kind, sf_error(NULL)) ? RCD_DENIED : RCD_PROTO, 0,
		               "%s file that cannot be read", rcd_kind_name(kind));
		return NULL;
	}
	if (!is_expected(info->format, kind))
		(void)rcd_fail(err, RCD_PROTO, info->format, "%s in another format's clothes",
		               rcd_kind_name(kind));
	else if (info->channels < 1 || info->channels > MAX_CHANNELS)
		(void)rcd_fail(err, RCD_LIMIT, info->channels, "%d channels", info->channels);
	else if (info->samplerate < MIN_HZ || info->samplerate > MAX_HZ)
		(void)rcd_fail(err, RCD_LIMIT, info->samplerate, "%d samples per second", info->samplerate);
	else
		return f;
	(void)sf_close(f);
	return NULL;
}

static void average_channels(float *s, size_t frames, size_t channels)
{
	for (size_t i = 0; i < frames; i++) {
		float sum = 0;

		for (size_t c = 0; c < channels; c++)
			sum += s[i * channels + c];
		s[i] = sum / (float)channels;
	}
}

/* Damage in the middle ends the note there: what came before it is worth having. */
static int decode_frames(SNDFILE *f, const SF_INFO *info, struct rcd_resampler *r,
                         struct rcd_pcmbuf *out, int hz, struct rcd_err *err)
{
	float s[FRAMES * MAX_CHANNELS];
	int64_t most = (int64_t)RCD_MAX_NOTE_SECONDS * hz - (int64_t)out->n;
	int64_t left = most * info->samplerate / hz;
	sf_count_t n;

	/* a WAV file has as many frames as its bytes hold; the others' headers may claim any number */
	if ((info->format & SF_FORMAT_TYPEMASK) != SF_FORMAT_OGG &&
	    (info->format & SF_FORMAT_TYPEMASK) != SF_FORMAT_FLAC && info->frames > left)
		return rcd_fail(err, RCD_LIMIT, 0, "note longer than %d s", RCD_MAX_NOTE_SECONDS);
	while ((n = sf_readf_float(f, s, FRAMES)) > 0) {
		if ((left -= n) < 0)
			return rcd_fail(err, RCD_LIMIT, 0, "note longer than %d s", RCD_MAX_NOTE_SECONDS);
		if (info->channels > 1)
			average_channels(s, (size_t)n, (size_t)info->channels);
		if (rcd_resample(r, s, (size_t)n, out, err) != 0)
			return -1;
	}
	return rcd_resample_end(r, out, err);
}

/* One file, or one link of a chain, behind what out has. */
static int decode_link(struct rcd_sv bytes, enum rcd_kind kind, int hz, struct rcd_pcmbuf *out,
                       struct rcd_err *err)
{
	struct memory m = {bytes, 0};
	struct rcd_resampler *r = NULL;
	SF_INFO info;
	SNDFILE *f = open_file(&m, &info, kind, err);
	int ret = -1;

	if (f == NULL)
		return -1;
	if (rcd_resampler_open(&r, info.samplerate, hz, err) == 0)
		ret = decode_frames(f, &info, r, out, hz, err);
	(void)rcd_resampler_free(r);
	(void)sf_close(f);
	return ret;
}

/* Where the next link of a chained Ogg file begins, bytes.n when this is the last: libsndfile reads
 * one, and the next may have other channels and another rate. */
static size_t find_link_end(struct rcd_sv bytes)
{
	bool content = false;
	size_t at = 0;

	while (bytes.n - at >= 27 && memcmp(bytes.p + at, "OggS", 4) == 0) {
		size_t segments = (unsigned char)bytes.p[at + 26], n = 27 + segments;
		bool first = (bytes.p[at + 5] & 2) != 0;

		if (first && content)
			return at;
		content = content || !first;
		for (size_t i = 0; i < segments && at + 27 + i < bytes.n; i++)
			n += (unsigned char)bytes.p[at + 27 + i];
		if (n >= bytes.n - at)
			break;
		at += n;
	}
	return bytes.n;
}

int rcd_read_sndfile(struct rcd_sv bytes, enum rcd_kind kind, int hz, struct rcd_pcm *out,
                     struct rcd_err *err)
{
	struct rcd_pcmbuf b = {.max = (size_t)(RCD_MAX_NOTE_SECONDS + 1) * (size_t)hz};
	struct rcd_sv rest = rcd_sniff_audio(bytes, kind);
	struct rcd_err why = {0};
	int ret = 0, links = 0;

	do {
		size_t n = kind == RCD_KIND_OGG_OTHER ? find_link_end(rest) : rest.n;

		ret = decode_link((struct rcd_sv){rest.p, n}, kind, hz, &b, &why);
		rest = rcd_sv_skip(rest, n);
	} while (ret == 0 && rest.n > 0 && ++links < MAX_LINKS);
	if (ret != 0 && b.n > 0 && (why.code == RCD_PROTO || why.code == RCD_DENIED))
		ret = 0; /* the note ends where a link cannot be read */
	if (ret == 0)
		ret = rcd_pcmbuf_take(&b, hz, out, &why);
	if (ret != 0)
		*err = why;
	free(b.s);
	return ret;
}
