#include "base/visible.h"

struct range {
	uint32_t from, to;
};

/* Unicode's Default_Ignorable_Code_Point, the controls, and letters with an empty glyph. */
static const struct range invisible[] = {
	{0x00, 0x08},       {0x0E, 0x1F},       {0x7F, 0x84},       {0x86, 0x9F},
	{0xAD, 0xAD},       {0x034F, 0x034F},   {0x061C, 0x061C},   {0x115F, 0x1160},
	{0x17B4, 0x17B5},   {0x180B, 0x180F},   {0x200B, 0x200F},   {0x202A, 0x202E},
	{0x2060, 0x206F},   {0x2800, 0x2800},   {0x3164, 0x3164},   {0xFE00, 0xFE0F},
	{0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},   {0xFFF0, 0xFFFC},   {0x16FE4, 0x16FE4},
	{0x1BCA0, 0x1BCA3}, {0x1D159, 0x1D159}, {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF},
};

static const struct range space[] = {
	{0x09, 0x0D},     {0x20, 0x20},     {0x85, 0x85},     {0xA0, 0xA0},     {0x1680, 0x1680},
	{0x2000, 0x200A}, {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000},
};

/* Both tables are sorted. */
static bool is_in(const struct range *r, size_t n, uint32_t cp)
{
	for (size_t i = 0; i < n && cp >= r[i].from; i++)
		if (cp <= r[i].to)
			return true;
	return false;
}

bool rcd_is_invisible(uint32_t cp)
{
	return is_in(invisible, sizeof(invisible) / sizeof(invisible[0]), cp);
}

bool rcd_is_space(uint32_t cp)
{
	return is_in(space, sizeof(space) / sizeof(space[0]), cp);
}

bool rcd_is_blank(struct rcd_sv text)
{
	for (const char *p = text.p, *end = p != NULL ? p + text.n : NULL; p < end;) {
		uint32_t cp = rcd_utf8_next(&p, end);

		if (!rcd_is_space(cp) && !rcd_is_invisible(cp))
			return false;
	}
	return true;
}
