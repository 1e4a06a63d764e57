#include "audio/sniff.h"

#include <string.h>

/* Three looks, from the surest to the weakest: fixed magic bytes, containers with a
 * brand inside, and streams that have nothing but a sync word, which must repeat where
 * the first frame says the next one begins. Encrypted bytes pass none of them. */

static const struct {
	const char *name, *filename, *type; /* the last two of audio kinds only */
} kinds[RCD_N_KINDS] = {
	[RCD_KIND_UNKNOWN] = {"unknown", NULL, NULL},
	[RCD_KIND_OGG_OPUS] = {"ogg-opus", "note.ogg", "audio/ogg"},
	[RCD_KIND_OGG_OTHER] = {"ogg", "note.ogg", "audio/ogg"},
	[RCD_KIND_WAV] = {"wav", "note.wav", "audio/wav"},
	[RCD_KIND_MP3] = {"mp3", "note.mp3", "audio/mpeg"},
	[RCD_KIND_FLAC] = {"flac", "note.flac", "audio/flac"},
	[RCD_KIND_MP4_AUDIO] = {"mp4-audio", "note.m4a", "audio/mp4"},
	[RCD_KIND_AMR] = {"amr", "note.amr", "audio/amr"},
	[RCD_KIND_AAC] = {"aac", "note.aac", "audio/aac"},
	[RCD_KIND_WEBM] = {"webm", "note.webm", "audio/webm"},
	[RCD_KIND_IMAGE] = {"image", NULL, NULL},
	[RCD_KIND_STICKER] = {"sticker", NULL, NULL},
	[RCD_KIND_VIDEO] = {"video", NULL, NULL},
	[RCD_KIND_PDF] = {"pdf", NULL, NULL},
	[RCD_KIND_DOCUMENT] = {"document", NULL, NULL},
	[RCD_KIND_CONTACT] = {"contact", NULL, NULL},
	[RCD_KIND_TEXT] = {"text", NULL, NULL},
};

#define MAGIC(k, lit) {k, lit, sizeof(lit) - 1}
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

static unsigned byte(struct rcd_sv b, size_t at)
{
	return at < b.n ? (unsigned char)b.p[at] : 0;
}

static bool has(struct rcd_sv b, size_t at, struct rcd_sv what)
{
	return at <= b.n && rcd_sv_starts(rcd_sv_skip(b, at), what);
}

static bool istarts(struct rcd_sv b, struct rcd_sv prefix)
{
	return b.n >= prefix.n && rcd_sv_ieq((struct rcd_sv){b.p, prefix.n}, prefix);
}

static enum rcd_kind by_magic(struct rcd_sv b)
{
	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
		if (has(b, 0, (struct rcd_sv){magics[i].p, magics[i].n}))
			return magics[i].kind;
	return RCD_KIND_UNKNOWN;
}

/* --- containers ------------------------------------------------------------------------- */

static enum rcd_kind ogg(struct rcd_sv b)
{
	size_t packet = 27 + byte(b, 26);

	if (byte(b, 4) != 0 || b.n < packet)
		return RCD_KIND_UNKNOWN;
	if (has(b, packet, RCD_SV("OpusHead")))
		return RCD_KIND_OGG_OPUS;
	return has(b, packet, RCD_SV("\x80theora")) ? RCD_KIND_VIDEO : RCD_KIND_OGG_OTHER;
}

static enum rcd_kind riff(struct rcd_sv b, struct rcd_sv declared)
{
	if (has(b, 8, RCD_SV("WAVE")))
		return RCD_KIND_WAV;
	if (has(b, 8, RCD_SV("AVI ")))
		return RCD_KIND_VIDEO;
	if (!has(b, 8, RCD_SV("WEBP")))
		return RCD_KIND_UNKNOWN;
	return declared.n == 0 || istarts(declared, RCD_SV("image/webp")) ? RCD_KIND_STICKER
	                                                                   : RCD_KIND_IMAGE;
}

static bool one_of(struct rcd_sv brand, const char *list)
{
	for (; *list != '\0'; list += 4)
		if (memcmp(brand.p, list, 4) == 0)
			return true;
	return false;
}

/* The box of brands that every MP4, M4A, 3GP, QuickTime and HEIC file begins with. */
static enum rcd_kind mp4(struct rcd_sv b, struct rcd_sv declared)
{
	size_t n = (size_t)byte(b, 2) << 8 | byte(b, 3); /* nobody has 64 KB of brands */
	bool image = false, audio = false;

	if (byte(b, 0) != 0 || byte(b, 1) != 0 || n < 16 || n > b.n)
		return RCD_KIND_UNKNOWN;
	for (size_t at = 8; at + 4 <= n; at += at == 8 ? 8 : 4) { /* 12 is the minor version */
		struct rcd_sv brand = {b.p + at, 4};

		audio |= one_of(brand, "M4A M4B M4P ");
		image |= at == 8 && one_of(brand, "avifavisheicheixhevcmif1msf1");
	}
	if (image)
		return RCD_KIND_IMAGE;
	return audio || istarts(declared, RCD_SV("audio/")) ? RCD_KIND_MP4_AUDIO : RCD_KIND_VIDEO;
}

static enum rcd_kind by_container(struct rcd_sv b, struct rcd_sv declared)
{
	if (has(b, 0, RCD_SV("OggS")))
		return ogg(b);
	if (has(b, 0, RCD_SV("RIFF")) || has(b, 0, RCD_SV("RF64")))
		return riff(b, declared);
	if (has(b, 4, RCD_SV("ftyp")))
		return mp4(b, declared);
	if (has(b, 0, RCD_SV("\x1a\x45\xdf\xa3")))
		return istarts(declared, RCD_SV("video/")) ? RCD_KIND_VIDEO : RCD_KIND_WEBM;
	return RCD_KIND_UNKNOWN;
}

/* --- sync words ------------------------------------------------------------------------- */

/* Length of the MPEG audio frame at the start of b, or 0 when there is none. */
static size_t mpeg_frame(struct rcd_sv b)
{
	static const uint16_t rates[3][15] = {
		{0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448},
		{0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384},
		{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320},
	};
	static const uint16_t low_rates[2][15] = { /* of MPEG 2 and 2.5: layer I, then II and III */
		{0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256},
		{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160},
	};
	static const size_t hz[3] = {44100, 48000, 32000};
	unsigned version = byte(b, 1) >> 3 & 3; /* 0: 2.5, 2: 2, 3: 1 */
	unsigned layer = 4 - (byte(b, 1) >> 1 & 3);
	unsigned rate = byte(b, 2) >> 4, f = byte(b, 2) >> 2 & 3, pad = byte(b, 2) >> 1 & 1;
	size_t bits, at;

	if (b.n < 4 || byte(b, 0) != 0xff || (byte(b, 1) & 0xe0) != 0xe0 || version == 1 ||
	    layer == 4 || rate == 0 || rate == 15 || f == 3)
		return 0;
	at = hz[f] >> (version == 3 ? 0 : version == 2 ? 1 : 2);
	bits = 1000U * (version == 3 ? rates[layer - 1][rate] : low_rates[layer != 1][rate]);
	if (layer == 1)
		return (12 * bits / at + pad) * 4;
	return (layer == 3 && version != 3 ? 72 : 144) * bits / at + pad;
}

/* The same for AAC with ADTS headers. */
static size_t adts_frame(struct rcd_sv b)
{
	size_t n = (size_t)(byte(b, 3) & 3) << 11 | byte(b, 4) << 3 | byte(b, 5) >> 5;

	if (b.n < 7 || byte(b, 0) != 0xff || (byte(b, 1) & 0xf6) != 0xf0 ||
	    (byte(b, 2) >> 2 & 15) > 12)
		return 0;
	return n > 7 ? n : 0;
}

/* A second frame must stand where the first one ends; a lone frame must end the file. */
static bool repeats(struct rcd_sv b, size_t (*frame)(struct rcd_sv))
{
	size_t n = frame(b);

	return n > 0 && (n == b.n || (n < b.n && frame(rcd_sv_skip(b, n)) > 0));
}

static size_t id3_size(struct rcd_sv b)
{
	if (b.n < 10 || !has(b, 0, RCD_SV("ID3")) ||
	    ((byte(b, 6) | byte(b, 7) | byte(b, 8) | byte(b, 9)) & 0x80) != 0)
		return 0;
	return 10 + ((size_t)byte(b, 6) << 21 | byte(b, 7) << 14 | byte(b, 8) << 7 | byte(b, 9)) +
	       ((byte(b, 5) & 0x10) != 0 ? 10 : 0);
}

static enum rcd_kind by_sync(struct rcd_sv b)
{
	b = rcd_sv_skip(b, id3_size(b));
	if (has(b, 0, RCD_SV("fLaC")))
		return RCD_KIND_FLAC;
	if (repeats(b, mpeg_frame))
		return RCD_KIND_MP3;
	return repeats(b, adts_frame) ? RCD_KIND_AAC : RCD_KIND_UNKNOWN;
}

/* --- text ------------------------------------------------------------------------------- */

#define LOOK 4096 /* enough of a text to tell it from something else */

static bool control(unsigned c)
{
	return c == 0x7f || (c < ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != 0x1b);
}

static bool printable(struct rcd_sv b)
{
	for (size_t i = 0; i < b.n; i++)
		if (control(byte(b, i)))
			return false;
	return true;
}

static enum rcd_kind by_text(struct rcd_sv b, struct rcd_sv declared)
{
	struct rcd_sv look = {b.p, b.n > LOOK ? rcd_utf8_cut(b, LOOK) : b.n};

	/* Latin-1 is text only when somebody says so: any bytes are Latin-1 */
	if (!printable(look) || (!rcd_utf8_ok(look) && !istarts(declared, RCD_SV("text/"))))
		return RCD_KIND_UNKNOWN;
	if (has(look, 0, RCD_SV("\xef\xbb\xbf")))
		look = rcd_sv_skip(look, 3);
	look = rcd_sv_trim(look);
	if (look.n == 0)
		return RCD_KIND_UNKNOWN;
	if (istarts(look, RCD_SV("BEGIN:VCARD")) || istarts(declared, RCD_SV("text/vcard")) ||
	    istarts(declared, RCD_SV("text/x-vcard")))
		return RCD_KIND_CONTACT;
	return RCD_KIND_TEXT;
}

enum rcd_kind rcd_sniff(struct rcd_sv bytes, struct rcd_sv declared)
{
	enum rcd_kind k = by_magic(bytes);

	if (k == RCD_KIND_UNKNOWN)
		k = by_container(bytes, declared);
	if (k == RCD_KIND_UNKNOWN)
		k = by_sync(bytes);
	return k != RCD_KIND_UNKNOWN ? k : by_text(bytes, declared);
}

const char *rcd_kind_name(enum rcd_kind k)
{
	return k < RCD_N_KINDS ? kinds[k].name : "unknown";
}

bool rcd_kind_is_audio(enum rcd_kind k)
{
	return rcd_kind_filename(k) != NULL;
}

const char *rcd_kind_filename(enum rcd_kind k)
{
	return k < RCD_N_KINDS ? kinds[k].filename : NULL;
}

const char *rcd_kind_type(enum rcd_kind k)
{
	return k < RCD_N_KINDS ? kinds[k].type : NULL;
}
