#include "audio/sniff.h"
#include "base/buf.h"
#include "base/crypto.h"
#include "tests/t.h"

/* a first page up to its segment table */
#define OGG "OggS\0\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define K(kind) RCD_KIND_##kind

static const struct {
	struct rcd_sv bytes;
	const char *declared;
	enum rcd_kind want;
} fixed[] = {
	{RCD_SV(""), "audio/ogg", K(UNKNOWN)},
	{RCD_SV("   \n"), "text/plain", K(UNKNOWN)},
	{RCD_SV(OGG "\1\x13OpusHead\1\1"), NULL, K(OGG_OPUS)},
	{RCD_SV(OGG "\1\x13OpusHead\1\1"), "image/png", K(OGG_OPUS)},
	{RCD_SV(OGG "\1\x1e\1vorbis"), "audio/ogg", K(OGG_OTHER)},
	{RCD_SV(OGG "\1\x1e\x80theora"), "audio/ogg", K(VIDEO)},
	{RCD_SV(OGG "\xff\x13"), "audio/ogg", K(UNKNOWN)},
	{RCD_SV("OggS"), "audio/ogg", K(TEXT)}, /* four letters and no more */
	{RCD_SV("RIFF\x24\0\0\0WAVEfmt "), NULL, K(WAV)},
	{RCD_SV("RIFF\x24\0\0\0AVI LIST"), "audio/wav", K(VIDEO)},
	{RCD_SV("RIFF\x24\0\0\0WEBPVP8 "), "image/webp", K(STICKER)},
	{RCD_SV("RIFF\x24\0\0\0WEBPVP8 "), NULL, K(STICKER)},
	{RCD_SV("RIFF\x24\0\0\0WEBPVP8 "), "image/jpeg", K(IMAGE)},
	{RCD_SV("RIFF\x24\0"), "audio/wav", K(UNKNOWN)},
	{RCD_SV("fLaC\0\0\0\x22"), NULL, K(FLAC)},
	{RCD_SV("#!AMR\n\x3c"), NULL, K(AMR)},
	{RCD_SV("#!AMR-WB\n\x3c"), NULL, K(AMR)},
	{RCD_SV("\0\0\0\x18"
            "ftypM4A \0\0\0\0isommp42"),
     NULL, K(MP4_AUDIO)},
	{RCD_SV("\0\0\0\x18"
            "ftypmp42\0\0\0\0isommp42"),
     "audio/mp4", K(MP4_AUDIO)},
	{RCD_SV("\0\0\0\x18"
            "ftypmp42\0\0\0\0isomM4A "),
     "video/mp4", K(MP4_AUDIO)},
	{RCD_SV("\0\0\0\x18"
            "ftypmp42\0\0\0\0isommp42"),
     NULL, K(VIDEO)},
	{RCD_SV("\0\0\0\x18"
            "ftyp3gp4\0\0\0\0isom3gp4"),
     "audio/3gpp", K(3GP)},
	{RCD_SV("\0\0\0\x18"
            "ftyp3gp4\0\0\0\0isom3gp4"),
     "video/3gpp", K(VIDEO)},
	{RCD_SV("\0\0\0\x18"
            "ftypheic\0\0\0\0mif1heic"),
     "image/heic", K(IMAGE)},
	{RCD_SV("\0\0\0\x18"
            "ftypqt  \0\0\0\0qt      "),
     NULL, K(VIDEO)},
	{RCD_SV("\0\0\xff\x18"
            "ftypmp42\0\0\0\0isommp42"),
     "audio/mp4", K(UNKNOWN)},
	{RCD_SV("\0\0\0\x09"
            "ftypmp42\0\0\0\0"),
     "audio/mp4", K(UNKNOWN)},
	{RCD_SV("\x1a\x45\xdf\xa3\x01"), "audio/webm", K(WEBM)},
	{RCD_SV("\x1a\x45\xdf\xa3\x01"), "video/webm", K(VIDEO)},
	{RCD_SV("\xff\xd8\xff\xe0"), "image/jpeg", K(IMAGE)},
	{RCD_SV("\x89PNG\r\n\x1a\n\0"), NULL, K(IMAGE)},
	{RCD_SV("GIF89a\1"), NULL, K(IMAGE)},
	{RCD_SV("%PDF-1.7\n"), "audio/ogg", K(PDF)},
	{RCD_SV("PK\x03\x04\x14"), "application/vnd.openxmlformats-officedocument", K(DOCUMENT)},
	{RCD_SV("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), NULL, K(DOCUMENT)},
	{RCD_SV("BEGIN:VCARD\r\nVERSION:3.0"), "text/vcard", K(CONTACT)},
	{RCD_SV("\xef\xbb\xbf"
            "begin:vcard\n"),
     NULL, K(CONTACT)},
	{RCD_SV("N:Souza;Ana"), "text/x-vcard", K(CONTACT)},
	{RCD_SV("#EXTM3U\n#EXT-X-VERSION:3\n"), "audio/ogg", K(TEXT)},
	{RCD_SV("<!DOCTYPE html><html>"), "audio/ogg", K(TEXT)},
	{RCD_SV("Ol\xc3\xa1"), NULL, K(TEXT)},
	{RCD_SV("Ol\xe1"), NULL, K(UNKNOWN)},
	{RCD_SV("Ol\xe1"), "text/plain", K(TEXT)},
	{RCD_SV("a\0b"), "text/plain", K(UNKNOWN)},
	{RCD_SV("\xff\xf1\x50"), "audio/aac", K(UNKNOWN)},
	{RCD_SV("ID3\x03\0\0\x7f\x7f\x7f\x7f"), "audio/mpeg", K(UNKNOWN)},
};

static int by_bytes(void)
{
	int ret = 0;

	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
		enum rcd_kind k = rcd_sniff(fixed[i].bytes, rcd_sv(fixed[i].declared));

		if (k != fixed[i].want)
			T_FAIL("row %zu is %s, not %s", i, rcd_kind_name(k), rcd_kind_name(fixed[i].want));
	}
out:
	return ret;
}

/* Appends a frame of n bytes that begins with the header. */
static void frame(struct rcd_buf *b, struct rcd_sv header, size_t n)
{
	rcd_buf_sv(b, header);
	for (size_t i = header.n; i < n; i++)
		rcd_buf_ch(b, (char)0xab);
}

static int sync_words(void)
{
	static const struct {
		struct rcd_sv header;
		size_t n;
		enum rcd_kind want;
	} frames[] = {
		{RCD_SV("\xff\xfb\x90\x00"), 417, K(MP3)}, /* MPEG 1 layer III, 128 kbit/s, 44.1 kHz */
		{RCD_SV("\xff\xfb\x92\x00"), 418, K(MP3)}, /* the same, padded */
		{RCD_SV("\xff\xf3\x44\xc4"), 96, K(MP3)},  /* MPEG 2 layer III, 32 kbit/s, 24 kHz */
		{RCD_SV("\xff\xe3\x48\xc4"), 288, K(MP3)}, /* MPEG 2.5, 32 kbit/s, 8 kHz */
		{RCD_SV("\xff\xfd\x84\x00"), 384, K(MP3)}, /* layer II, 128 kbit/s, 48 kHz */
		{RCD_SV("\xff\xff\x14\x00"), 32, K(MP3)},  /* layer I, 32 kbit/s, 48 kHz */
		{RCD_SV("\xff\xf1\x50\x80\x0c\x80\xfc"), 100, K(AAC)},
		{RCD_SV("\xff\xfb\xf0\x00"), 417, K(UNKNOWN)}, /* bit rate 15 */
		{RCD_SV("\xff\xfb\x9c\x00"), 417, K(UNKNOWN)}, /* sample rate 3 */
		{RCD_SV("\xff\xeb\x90\x00"), 417, K(UNKNOWN)}, /* version 1 */
	};
	struct rcd_buf b;
	int ret = 0;

	rcd_buf_init(&b, 1 << 16);
	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		const size_t n = frames[i].n;
		enum rcd_kind k;

		for (int id3 = 0; id3 < 2; id3++) {
			rcd_buf_reset(&b);
			if (id3)
				frame(&b, RCD_SV("ID3\x04\0\0\0\0\x01\x05"), 10 + 128 + 5);
			frame(&b, frames[i].header, n);
			k = rcd_sniff(rcd_buf_view(&b), RCD_SV("audio/x"));
			if (k != frames[i].want)
				T_FAIL("one frame, row %zu: %s", i, rcd_kind_name(k));
			frame(&b, frames[i].header, n);
			frame(&b, frames[i].header, n / 2);
			k = rcd_sniff(rcd_buf_view(&b), RCD_SV("audio/x"));
			if (k != frames[i].want)
				T_FAIL("three frames, row %zu: %s", i, rcd_kind_name(k));
		}
		rcd_buf_reset(&b); /* a second frame that is not where it should be */
		frame(&b, frames[i].header, n + 1);
		frame(&b, frames[i].header, n);
		T_INT(rcd_sniff(rcd_buf_view(&b), RCD_SV("audio/x")), K(UNKNOWN));
	}
out:
	rcd_buf_free(&b);
	return ret;
}

static void put_n(struct rcd_buf *b, char c, size_t n)
{
	while (n-- > 0)
		rcd_buf_ch(b, c);
}

static void id3v2(struct rcd_buf *b)
{
	frame(b, RCD_SV("ID3\x03\0\0\0\0\0\x20"), 42);
}

/* --- what programs leave in front of the first frame --- */

static void two_tags(struct rcd_buf *b)
{
	id3v2(b);
	id3v2(b);
}

static void tag_and_padding(struct rcd_buf *b)
{
	id3v2(b);
	put_n(b, 0, 10);
}

static void zeros(struct rcd_buf *b)
{
	put_n(b, 0, 10240);
}

static void half_a_frame(struct rcd_buf *b)
{
	put_n(b, (char)0xa5, 40);
	rcd_buf_add(b, "\xff\xfb\x90\0", 4); /* a sync word that is none */
	put_n(b, (char)0xff, 70);
}

static void old_tag(struct rcd_buf *b)
{
	frame(b, RCD_SV("TAG"), 128);
	id3v2(b);
}

static void ape_tag(struct rcd_buf *b)
{
	frame(b, RCD_SV("APETAGEX\xd0\x07\0\0\x20\0\0\0\0\0\0\0\0\0\0\xa0\0\0\0\0\0\0\0\0"), 64);
}

static void lying_tag(struct rcd_buf *b)
{
	frame(b, RCD_SV("ID3\x03\0\0\0\0\x0f\x20"), 42); /* says 1,968 bytes */
}

static void text_in_front(struct rcd_buf *b)
{
	rcd_buf_str(b, "HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\n\r\n");
}

static const struct {
	const char *name;
	void (*put)(struct rcd_buf *b);
} junk[] = {
	{"two tags", two_tags},         {"padding", tag_and_padding}, {"zeros", zeros},
	{"half a frame", half_a_frame}, {"ID3v1 first", old_tag},     {"APE", ape_tag},
	{"a tag that lies", lying_tag}, {"text", text_in_front},
};

static int behind_junk(void)
{
	static const struct {
		struct rcd_sv header;
		size_t n;
		enum rcd_kind want;
	} stream[] = {
		{RCD_SV("\xff\xfb\x90\x00"), 417, K(MP3)},
		{RCD_SV("\xff\xe3\x48\xc4"), 288, K(MP3)},
		{RCD_SV("\xff\xfb\x00\x00"), 700, K(MP3)}, /* the free format: no length in it */
		{RCD_SV("\xff\xf1\x50\x80\x0c\x80\xfc"), 100, K(AAC)},
		{RCD_SV("\x56\xe0\x61\x20"), 100, K(AAC_LOAS)},
	};
	struct rcd_buf b;
	int ret = 0;

	rcd_buf_init(&b, 1 << 20);
	for (size_t i = 0; i < sizeof(stream) / sizeof(stream[0]); i++)
		for (size_t j = 0; j < sizeof(junk) / sizeof(junk[0]); j++) {
			bool free_format = i == 2, found_by_search = j == 3 || j >= 6;
			enum rcd_kind k;
			size_t at;

			if (free_format && found_by_search)
				continue;
			rcd_buf_reset(&b);
			junk[j].put(&b);
			at = b.n;
			for (int n = 0; n < 6; n++)
				frame(&b, stream[i].header, stream[i].n);
			k = rcd_sniff(rcd_buf_view(&b), RCD_SV("audio/mpeg"));
			if (k != stream[i].want)
				T_FAIL("%s before row %zu: %s", junk[j].name, i, rcd_kind_name(k));
			if (rcd_sniff_audio(rcd_buf_view(&b), k).p != b.p + at)
				T_FAIL("%s before row %zu: begins at %td, not %zu", junk[j].name, i,
				       rcd_sniff_audio(rcd_buf_view(&b), k).p - b.p, at);
		}
	rcd_buf_reset(&b); /* further away than anybody looks */
	put_n(&b, 1, 100000);
	for (int n = 0; n < 6; n++)
		frame(&b, stream[0].header, stream[0].n);
	T_INT(rcd_sniff(rcd_buf_view(&b), RCD_SV("audio/mpeg")), K(UNKNOWN));
	rcd_buf_drop(&b, 60000); /* a program with a jingle in it is no audio */
	T_INT(rcd_sniff(rcd_buf_view(&b), RCD_SV("audio/mpeg")), K(MP3));
	T_INT(rcd_sniff(rcd_buf_view(&b), RCD_SV("application/x-msdownload")), K(UNKNOWN));
out:
	rcd_buf_free(&b);
	return ret;
}

/* What WhatsApp's servers keep: AES-CBC, so random bytes, whatever the name says. */
static int encrypted(void)
{
	static uint8_t p[65536 + 4096];
	uint8_t tag[RCD_SHA256_N] = {0};
	int taken = 0, ret = 0;

	for (int round = 0; round < 400; round++) {
		for (size_t i = 0; i < sizeof(p); i += sizeof(tag)) {
			T_INT(rcd_sha256((struct rcd_sv){(char *)tag, sizeof(tag)}, tag), 0);
			memcpy(p + i, tag, sizeof(tag));
		}
		taken += rcd_sniff((struct rcd_sv){(char *)p, sizeof(p)}, RCD_SV("audio/ogg")) !=
		         K(UNKNOWN);
	}
	T_INT(taken, 0);
out:
	return ret;
}

static int names(void)
{
	int ret = 0, audio = 0;

	for (int k = 0; k < RCD_N_KINDS; k++) {
		bool is = rcd_kind_is_audio((enum rcd_kind)k);

		T_OK(rcd_kind_name((enum rcd_kind)k) != NULL);
		T_OK(rcd_kind_filename((enum rcd_kind)k) == NULL || is);
		T_OK((rcd_kind_type((enum rcd_kind)k) != NULL) ==
		     (rcd_kind_filename((enum rcd_kind)k) != NULL));
		audio += is;
	}
	T_INT(audio, 11);
	T_STR(rcd_kind_name(K(OGG_OPUS)), "ogg-opus");
	T_STR(rcd_kind_filename(K(MP4_AUDIO)), "note.m4a");
	T_OK(rcd_kind_filename(K(AMR)) == NULL &&
	     rcd_kind_filename(K(AAC)) == NULL); /* not in OpenAI's list */
	T_STR(rcd_kind_type(K(OGG_OPUS)), "audio/ogg");
	T_STR(rcd_kind_name(RCD_N_KINDS), "unknown");
	T_OK(rcd_kind_type(RCD_N_KINDS) == NULL);
out:
	return ret;
}

const struct t_case t_cases[] = {
	{"by_bytes", by_bytes, 0},   {"sync_words", sync_words, 0}, {"behind_junk", behind_junk, 0},
	{"encrypted", encrypted, 0}, {"names", names, 0},           {NULL, NULL, 0},
};
