#include "knowledge/kind.h"

#include <string.h>

static const struct {
	const char *ending;
	enum rcd_kind kind;
} endings[] = {
	{".md", RCD_KIND_MARKDOWN}, {".markdown", RCD_KIND_MARKDOWN}, {".txt", RCD_KIND_TEXT},
	{".html", RCD_KIND_HTML},   {".htm", RCD_KIND_HTML},          {".csv", RCD_KIND_CSV},
	{".tsv", RCD_KIND_CSV},     {".pdf", RCD_KIND_PDF},           {".docx", RCD_KIND_OFFICE},
	{".xlsx", RCD_KIND_OFFICE}, {".pptx", RCD_KIND_OFFICE},       {".odt", RCD_KIND_OFFICE},
	{".ods", RCD_KIND_OFFICE},  {".json", RCD_KIND_VECTORS},
};

static enum rcd_kind find_by_name(struct rcd_sv name)
{
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		struct rcd_sv e = rcd_sv(endings[i].ending);

		if (name.n > e.n && rcd_sv_ieq(rcd_sv_skip(name, name.n - e.n), e))
			return endings[i].kind;
	}
	return RCD_N_KINDS;
}

bool rcd_kind_readable(struct rcd_sv name)
{
	enum rcd_kind k = find_by_name(name);

	return k != RCD_N_KINDS && k != RCD_KIND_VECTORS;
}

static bool has_prefix(struct rcd_sv v, const char *word)
{
	size_t n = strlen(word);

	return v.n >= n && rcd_sv_ieq((struct rcd_sv){v.p, n}, rcd_sv(word));
}

enum rcd_kind rcd_kind(struct rcd_sv head, struct rcd_sv name)
{
	enum rcd_kind k = find_by_name(name);
	struct rcd_sv text;

	if (head.n > RCD_KIND_HEAD)
		head.n = RCD_KIND_HEAD;
	if (head.n > 0 && memmem(head.p, head.n, "%PDF-", 5) != NULL)
		return RCD_KIND_PDF;
	if (rcd_sv_starts(head, RCD_SV("PK\x03\x04")))
		return RCD_KIND_OFFICE;
	if (rcd_sv_starts(head, RCD_SV("\xD0\xCF\x11\xE0")))
		return RCD_KIND_OLD_OFFICE;
	text = rcd_sv_trim(rcd_sv_starts(head, RCD_SV("\xEF\xBB\xBF")) ? rcd_sv_skip(head, 3) : head);
	if (has_prefix(text, "<!doctype html") || has_prefix(text, "<html"))
		return RCD_KIND_HTML;
	if (k == RCD_KIND_VECTORS && (has_prefix(text, "{") || has_prefix(text, "[")))
		return k;
	return k == RCD_N_KINDS || k == RCD_KIND_VECTORS ? RCD_KIND_TEXT : k;
}

const char *rcd_kind_extractor(enum rcd_kind kind)
{
	static const char *const names[RCD_N_KINDS] = {[RCD_KIND_HTML] = "html",
	                                               [RCD_KIND_CSV] = "csv",
	                                               [RCD_KIND_PDF] = "pdf",
	                                               [RCD_KIND_OFFICE] = "office"};

	return kind < RCD_N_KINDS ? names[kind] : NULL;
}
