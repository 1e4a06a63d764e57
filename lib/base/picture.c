#include "base/picture.h"

#define PNG_LEAST 57 /* signature and the three chunks that every PNG has, all of them empty */

static uint32_t read_be(struct rcd_sv b, size_t at, int n)
{
	uint32_t v = 0;

	for (int i = 0; i < n; i++)
		v = v << 8 | rcd_sv_byte(b, at + (size_t)i);
	return v;
}

static uint32_t read_le(struct rcd_sv b, size_t at, int n)
{
	uint32_t v = 0;

	for (int i = n; i > 0; i--)
		v = v << 8 | rcd_sv_byte(b, at + (size_t)i - 1);
	return v;
}

static int fill_picture(struct rcd_picture *out, const char *type, uint32_t width, uint32_t height)
{
	*out = (struct rcd_picture){type, width, height};
	return width > 0 && height > 0 && width <= INT32_MAX && height <= INT32_MAX ? 0 : -1;
}

static bool is_frame(uint32_t marker)
{
	return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

/* Its segments, up to the frame header, which stands before the first scan. */
static int read_jpeg(struct rcd_sv b, struct rcd_picture *out)
{
	size_t at = 2;

	while (at + 4 <= b.n && rcd_sv_byte(b, at) == 0xFF) {
		uint32_t marker = rcd_sv_byte(b, at + 1), length = read_be(b, at + 2, 2);

		if (marker == 0xFF) { /* fill */
			at++;
			continue;
		}
		if (marker == 0xDA || marker == 0xD9 || length < 2)
			return -1;
		if (is_frame(marker))
			return length < 8 || at + 2 + length > b.n
			           ? -1
			           : fill_picture(out, "image/jpeg", read_be(b, at + 7, 2),
			                          read_be(b, at + 5, 2));
		at += 2 + length;
	}
	return -1;
}

static int read_png(struct rcd_sv b, struct rcd_picture *out)
{
	if (b.n < PNG_LEAST || read_be(b, 8, 4) != 13 || !rcd_sv_has_at(b, 12, RCD_SV("IHDR")))
		return -1;
	return fill_picture(out, "image/png", read_be(b, 16, 4), read_be(b, 20, 4));
}

static int read_gif(struct rcd_sv b, struct rcd_picture *out)
{
	return b.n < 14 ? -1 : fill_picture(out, "image/gif", read_le(b, 6, 2), read_le(b, 8, 2));
}

/* One of three kinds of first chunk: lossy, lossless, extended. */
static int read_webp(struct rcd_sv b, struct rcd_picture *out)
{
	uint32_t bits = read_le(b, 21, 4);

	if (b.n < 30)
		return -1;
	if (rcd_sv_has_at(b, 12, RCD_SV("VP8 ")) && (rcd_sv_byte(b, 20) & 1) == 0 &&
	    rcd_sv_has_at(b, 23, RCD_SV("\x9d\x01\x2a")))
		return fill_picture(out, "image/webp", read_le(b, 26, 2) & 0x3FFF,
		                    read_le(b, 28, 2) & 0x3FFF);
	if (rcd_sv_has_at(b, 12, RCD_SV("VP8L")) && rcd_sv_byte(b, 20) == 0x2F)
		return fill_picture(out, "image/webp", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1);
	if (rcd_sv_has_at(b, 12, RCD_SV("VP8X")) && (rcd_sv_byte(b, 20) & 2) == 0)
		return fill_picture(out, "image/webp", read_le(b, 24, 3) + 1, read_le(b, 27, 3) + 1);
	return -1;
}

int rcd_picture_read(struct rcd_sv bytes, struct rcd_picture *out)
{
	if (rcd_sv_has_at(bytes, 0, RCD_SV("\xFF\xD8\xFF")))
		return read_jpeg(bytes, out);
	if (rcd_sv_has_at(bytes, 0, RCD_SV("\x89PNG\r\n\x1A\n")))
		return read_png(bytes, out);
	if (rcd_sv_has_at(bytes, 0, RCD_SV("GIF87a")) || rcd_sv_has_at(bytes, 0, RCD_SV("GIF89a")))
		return read_gif(bytes, out);
	if (rcd_sv_has_at(bytes, 0, RCD_SV("RIFF")) && rcd_sv_has_at(bytes, 8, RCD_SV("WEBP")))
		return read_webp(bytes, out);
	return -1;
}
