#include "audio/sniff.h"

#include "audio/frames.h"

#include <string.h>

/* Three looks, from the surest to the weakest: fixed magic bytes, containers with a
 * brand inside, and streams that have nothing but a sync word, which must repeat where
 * the first frame says the next one begins. Encrypted bytes pass none of them. */

static const struct {
	const char *name, *filename, *type; /* the last two of what a transcription service takes */
	bool audio;
} kinds[RCD_N_KINDS] = {
	[RCD_KIND_UNKNOWN] = {"unknown", NULL, NULL, false},
	[RCD_KIND_OGG_OPUS] = {"ogg-opus", "note.ogg", "audio/ogg", true},
	[RCD_KIND_OGG_OTHER] = {"ogg", "note.ogg", "audio/ogg", true},
	[RCD_KIND_WAV] = {"wav", "note.wav", "audio/wav", true},
	[RCD_KIND_MP3] = {"mp3", "note.mp3", "audio/mpeg", true},
	[RCD_KIND_FLAC] = {"flac", "note.flac", "audio/flac", true},
	[RCD_KIND_MP4_AUDIO] = {"mp4-audio", "note.m4a", "audio/mp4", true},
	[RCD_KIND_3GP] = {"3gp", NULL, NULL, true},
	[RCD_KIND_AMR] = {"amr", NULL, NULL, true},
	[RCD_KIND_AAC] = {"aac", NULL, NULL, true},
	[RCD_KIND_AAC_LOAS] = {"aac-loas", NULL, NULL, true},
	[RCD_KIND_WEBM] = {"webm", "note.webm", "audio/webm", true},
	[RCD_KIND_IMAGE] = {"image", NULL, NULL, false},
	[RCD_KIND_STICKER] = {"sticker", NULL, NULL, false},
	[RCD_KIND_VIDEO] = {"video", NULL, NULL, false},
	[RCD_KIND_PDF] = {"pdf", NULL, NULL, false},
	[RCD_KIND_DOCUMENT] = {"document", NULL, NULL, false},
	[RCD_KIND_CONTACT] = {"contact", NULL, NULL, false},
	[RCD_KIND_TEXT] = {"text", NULL, NULL, false},
};

/* clang-format off */
#define MAGIC(k, lit) {k, lit, sizeof(lit) - 1}
/* clang-format on */
static const struct {
	enum rcd_kind kind;
	const char *p;
	size_t n;
} magics[] = {
	MAGIC(RCD_KIND_FLAC, "fLaC"),
	MAGIC(RCD_KIND_AMR, "#!AMR\n"),
	MAGIC(RCD_KIND_AMR, "#!AMR-WB\n"),
	MAGIC(RCD_KIND_IMAGE, "\xff\xd8\xff"),
	MAGIC(RCD_KIND_IMAGE, "\x89PNG\r\n\x1a\n"),
	MAGIC(RCD_KIND_IMAGE, "GIF87a"),
	MAGIC(RCD_KIND_IMAGE, "GIF89a"),
	MAGIC(RCD_KIND_IMAGE, "II*\0"),
	MAGIC(RCD_KIND_IMAGE, "MM\0*"),
	MAGIC(RCD_KIND_VIDEO, "FLV\x01"),
	MAGIC(RCD_KIND_VIDEO, "\0\0\x01\xba"), /* MPEG program stream */
	MAGIC(RCD_KIND_PDF, "%PDF-"),
	MAGIC(RCD_KIND_DOCUMENT, "PK\x03\x04"),
	MAGIC(RCD_KIND_DOCUMENT, "PK\x05\x06"),
	MAGIC(RCD_KIND_DOCUMENT, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), /* office before 2007 */
	MAGIC(RCD_KIND_DOCUMENT, "{\\rtf"),
	MAGIC(RCD_KIND_DOCUMENT, "7z\xbc\xaf\x27\x1c"),
	MAGIC(RCD_KIND_DOCUMENT, "Rar!\x1a\x07"),
	MAGIC(RCD_KIND_DOCUMENT, "\x1f\x8b\x08"),
};

static bool has_prefix(struct rcd_sv b, struct rcd_sv prefix)
{
	return b.n >= prefix.n && rcd_sv_ieq((struct rcd_sv){b.p, prefix.n}, prefix);
}

static enum rcd_kind sniff_magic(struct rcd_sv b)
{
	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
		if (rcd_sv_has_at(b, 0, (struct rcd_sv){magics[i].p, magics[i].n}))
			return magics[i].kind;
	return RCD_KIND_UNKNOWN;
}

/* --- containers ------------------------------------------------------------------------- */

static enum rcd_kind sniff_ogg(struct rcd_sv b)
{
	size_t packet = 27 + rcd_sv_byte(b, 26);

	if (rcd_sv_byte(b, 4) != 0 || b.n < packet)
		return RCD_KIND_UNKNOWN;
	if (rcd_sv_has_at(b, packet, RCD_SV("OpusHead")))
		return RCD_KIND_OGG_OPUS;
	return rcd_sv_has_at(b, packet, RCD_SV("\x80theora")) ? RCD_KIND_VIDEO : RCD_KIND_OGG_OTHER;
}

static enum rcd_kind sniff_riff(struct rcd_sv b, struct rcd_sv declared)
{
	if (rcd_sv_has_at(b, 8, RCD_SV("WAVE")))
		return RCD_KIND_WAV;
	if (rcd_sv_has_at(b, 8, RCD_SV("AVI ")))
		return RCD_KIND_VIDEO;
	if (!rcd_sv_has_at(b, 8, RCD_SV("WEBP")))
		return RCD_KIND_UNKNOWN;
	return declared.n == 0 || has_prefix(declared, RCD_SV("image/webp")) ? RCD_KIND_STICKER
	                                                                     : RCD_KIND_IMAGE;
}

static bool is_one_of(struct rcd_sv brand, const char *list)
{
	for (; *list != '\0'; list += 4)
		if (memcmp(brand.p, list, 4) == 0)
			return true;
	return false;
}

/* The box of brands that every MP4, M4A, 3GP, QuickTime and HEIC file begins with. */
static enum rcd_kind sniff_mp4(struct rcd_sv b, struct rcd_sv declared)
{
	size_t n = (size_t)rcd_sv_byte(b, 2) << 8 | rcd_sv_byte(b, 3); /* nobody has 64 KB of brands */
	bool image = false, audio = false, mobile = false;

	if (rcd_sv_byte(b, 0) != 0 || rcd_sv_byte(b, 1) != 0 || n < 16 || n > b.n)
		return RCD_KIND_UNKNOWN;
	for (size_t at = 8; at + 4 <= n; at += at == 8 ? 8 : 4) { /* 12 is the minor version */
		struct rcd_sv brand = {b.p + at, 4};

		audio |= is_one_of(brand, "M4A M4B M4P ");
		mobile |= at == 8 && (memcmp(brand.p, "3gp", 3) == 0 || memcmp(brand.p, "3g2", 3) == 0);
		image |= at == 8 && is_one_of(brand, "avifavisheicheixhevcmif1msf1");
	}
	if (image)
		return RCD_KIND_IMAGE;
	if (!audio && !has_prefix(declared, RCD_SV("audio/")))
		return RCD_KIND_VIDEO;
	return mobile ? RCD_KIND_3GP : RCD_KIND_MP4_AUDIO;
}

static enum rcd_kind sniff_container(struct rcd_sv b, struct rcd_sv declared)
{
	if (rcd_sv_has_at(b, 0, RCD_SV("OggS")))
		return sniff_ogg(b);
	if (rcd_sv_has_at(b, 0, RCD_SV("RIFF")) || rcd_sv_has_at(b, 0, RCD_SV("RF64")))
		return sniff_riff(b, declared);
	if (rcd_sv_has_at(b, 4, RCD_SV("ftyp")))
		return sniff_mp4(b, declared);
	if (rcd_sv_has_at(b, 0, RCD_SV("\x1a\x45\xdf\xa3")))
		return has_prefix(declared, RCD_SV("video/")) ? RCD_KIND_VIDEO : RCD_KIND_WEBM;
	return RCD_KIND_UNKNOWN;
}

/* --- sync words ------------------------------------------------------------------------- */

/* Where the first frame of an MP3 or AAC file is, behind tags and what else stands there. Far from
 * them it is looked for only in what somebody calls audio, or does not name: there are frames of
 * MPEG in the middle of other files. */
static enum rcd_framing find_frames(struct rcd_sv b, struct rcd_sv declared, size_t *at)
{
	bool search = declared.n == 0 || has_prefix(declared, RCD_SV("audio/")) ||
	              has_prefix(declared, RCD_SV("application/octet-stream"));
	size_t tags = rcd_frames_tags(b);
	enum rcd_framing f = rcd_frames_find(rcd_sv_skip(b, tags), search, at);

	*at += tags;
	return f == RCD_FRAMING_NONE && tags > 0 && search ? rcd_frames_find(b, true, at) : f;
}

static enum rcd_kind sniff_sync(struct rcd_sv b, struct rcd_sv declared)
{
	size_t at;

	if (rcd_sv_has_at(b, rcd_frames_tags(b), RCD_SV("fLaC")))
		return RCD_KIND_FLAC;
	switch (find_frames(b, declared, &at)) {
	case RCD_FRAMING_MPEG:
		return RCD_KIND_MP3;
	case RCD_FRAMING_ADTS:
		return RCD_KIND_AAC;
	case RCD_FRAMING_LOAS:
		return RCD_KIND_AAC_LOAS;
	default:
		return RCD_KIND_UNKNOWN;
	}
}

struct rcd_sv rcd_sniff_audio(struct rcd_sv bytes, enum rcd_kind k)
{
	size_t at = 0;

	if (k == RCD_KIND_MP3 || k == RCD_KIND_AAC || k == RCD_KIND_AAC_LOAS)
		(void)find_frames(bytes, (struct rcd_sv){0}, &at);
	else if (k == RCD_KIND_FLAC)
		at = rcd_frames_tags(bytes);
	return rcd_sv_skip(bytes, at);
}

/* --- text ------------------------------------------------------------------------------- */

#define LOOK 4096 /* enough of a text to tell it from something else */

static bool is_control(unsigned c)
{
	return c == 0x7f || (c < ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != 0x1b);
}

static bool is_printable(struct rcd_sv b)
{
	for (size_t i = 0; i < b.n; i++)
		if (is_control(rcd_sv_byte(b, i)))
			return false;
	return true;
}

static enum rcd_kind sniff_text(struct rcd_sv b, struct rcd_sv declared)
{
	struct rcd_sv look = {b.p, b.n > LOOK ? rcd_utf8_cut(b, LOOK) : b.n};

	/* Latin-1 is text only when somebody says so: any bytes are Latin-1 */
	if (!is_printable(look) || (!rcd_utf8_ok(look) && !has_prefix(declared, RCD_SV("text/"))))
		return RCD_KIND_UNKNOWN;
	if (rcd_sv_has_at(look, 0, RCD_SV("\xef\xbb\xbf")))
		look = rcd_sv_skip(look, 3);
	look = rcd_sv_trim(look);
	if (look.n == 0)
		return RCD_KIND_UNKNOWN;
	if (has_prefix(look, RCD_SV("BEGIN:VCARD")) || has_prefix(declared, RCD_SV("text/vcard")) ||
	    has_prefix(declared, RCD_SV("text/x-vcard")))
		return RCD_KIND_CONTACT;
	return RCD_KIND_TEXT;
}

enum rcd_kind rcd_sniff(struct rcd_sv bytes, struct rcd_sv declared)
{
	enum rcd_kind k = sniff_magic(bytes);

	if (k == RCD_KIND_UNKNOWN)
		k = sniff_container(bytes, declared);
	if (k == RCD_KIND_UNKNOWN)
		k = sniff_sync(bytes, declared);
	return k != RCD_KIND_UNKNOWN ? k : sniff_text(bytes, declared);
}

const char *rcd_kind_name(enum rcd_kind k)
{
	return k < RCD_N_KINDS ? kinds[k].name : "unknown";
}

bool rcd_kind_is_audio(enum rcd_kind k)
{
	return k < RCD_N_KINDS && kinds[k].audio;
}

const char *rcd_kind_filename(enum rcd_kind k)
{
	return k < RCD_N_KINDS ? kinds[k].filename : NULL;
}

const char *rcd_kind_type(enum rcd_kind k)
{
	return k < RCD_N_KINDS ? kinds[k].type : NULL;
}
