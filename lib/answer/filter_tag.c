/* The marks of chat templates: <think>, </think>, [THINK], ◁think▷, <|channel|>analysis<|message|>,
 * <tool_call>, <｜tool▁calls▁begin｜> … Models spell them in many ways, so a name is split into its
 * words and these are looked up. */

#include "answer/filter_int.h"

#include <string.h>

#define MAX_NAME 48
#define MAX_ATTRIBUTES 200
#define MAX_HEADER 200 /* of a channel */
#define MAX_SPACES 3

static const struct {
	const char *open, *close;
} bracket[] = {
	{"<", ">"},   {"[", "]"}, {"&lt;", "&gt;"}, {"◁", "▷"},
	{"＜", "＞"}, {"⟨", "⟩"}, {"‹", "›"},       {"〈", "〉"},
};

/* --- names ------------------------------------------------------------------------------- */

struct name {
	char text[MAX_NAME + 1]; /* lower case, words with "_" between */
	char joined[MAX_NAME + 1];
	bool begins, ends; /* "begin_of_thought", "thought_end" */
};

static bool is_listed(const char *word, size_t n, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strlen(*list) == n && memcmp(*list, word, n) == 0)
			return true;
	return false;
}

static bool has_word(const char *name, const char *const *list)
{
	for (const char *p = name; *p != '\0';) {
		size_t n = strcspn(p, "_");

		if (is_listed(p, n, list))
			return true;
		p += n + (p[n] == '_');
	}
	return false;
}

static bool take_prefix(struct name *n, const char *prefix)
{
	size_t len = strlen(prefix);

	if (strncmp(n->text, prefix, len) != 0 || n->text[len] == '\0')
		return false;
	memmove(n->text, n->text + len, strlen(n->text + len) + 1);
	return true;
}

static bool take_suffix(struct name *n, const char *suffix)
{
	size_t len = strlen(suffix), all = strlen(n->text);

	if (all <= len || strcmp(n->text + all - len, suffix) != 0)
		return false;
	n->text[all - len] = '\0';
	return true;
}

static void join_words(struct name *n)
{
	size_t k = 0;

	for (const char *p = n->text; *p != '\0'; p++)
		if (*p != '_')
			n->joined[k++] = *p;
	n->joined[k] = '\0';
}

static void normalise_name(struct rcd_sv v, struct name *out)
{
	static const char thin[] = "▁"; /* stands for a space in some vocabularies */
	size_t n = 0;

	*out = (struct name){.text = ""};
	for (size_t i = 0; i < v.n && n < MAX_NAME; i++) {
		char c = v.p[i];

		if (rcd_sv_starts(rcd_sv_skip(v, i), RCD_SV("▁"))) {
			i += sizeof(thin) - 2;
			c = '_';
		} else if (c >= 'A' && c <= 'Z') {
			c = (char)(c | 0x20);
		} else if (strchr("-.: ", c) != NULL) {
			c = '_';
		}
		if (c != '_' || n > 0)
			out->text[n++] = c;
	}
	while (n > 0 && out->text[n - 1] == '_')
		n--;
	out->text[n] = '\0';
	out->ends = take_prefix(out, "end_of_") || take_prefix(out, "end_") || take_suffix(out, "_end");
	out->begins = take_prefix(out, "begin_of_") || take_prefix(out, "begin_") ||
	              take_prefix(out, "start_of_") || take_prefix(out, "start_") ||
	              take_suffix(out, "_begin") || take_suffix(out, "_start");
	join_words(out);
}

static const char *const reasoning_words[] = {"think",      "thinking",   "thought",
                                              "thoughts",   "reasoning",  "scratchpad",
                                              "monologue",  "pensamento", "pensamentos",
                                              "raciocinio", "raciocínio", NULL};
/* Words that people use too: alone, and not in square brackets. */
static const char *const reasoning_names[] = {"reason",
                                              "reflection",
                                              "analysis",
                                              "analise",
                                              "análise",
                                              "cot",
                                              "rationale",
                                              "pensando",
                                              "reflexao",
                                              "reflexão",
                                              "antthinking",
                                              "innerthoughts",
                                              "deliberation",
                                              "innermonologue",
                                              "inner_prefix",
                                              "inner_suffix",
                                              "unused94",
                                              "unused95",
                                              NULL};
static const char *const call_words[] = {"tool", "tools", "invoke", "function", "functions", NULL};
static const char *const call_parts[] = {"toolcall",       "functioncall",
                                         "tooluse",        "toolcode",
                                         "toolrequest",    "toolresult",
                                         "toolresponse",   "tooloutput",
                                         "availabletools", NULL};
static const char *const wrapper_names[] = {"answer",   "final",    "final_answer", "finalanswer",
                                            "response", "resposta", "assistant",    "bos",
                                            "eos",      "pad",      "unk",          "turn",
                                            "inst",     NULL};

static bool is_call(const struct name *n, bool square)
{
	for (const char *const *p = call_parts; *p != NULL; p++)
		if (strstr(n->joined, *p) != NULL)
			return true;
	if (square)
		return false;
	return has_word(n->text, call_words) || strncmp(n->text, "function=", 9) == 0 ||
	       strncmp(n->text, "parameter=", 10) == 0 || strncmp(n->text, "tool=", 5) == 0;
}

/* A token "<|name|>" of a template. */
static enum rcd_mark classify_token(const struct name *n)
{
	static const char *const starts[] = {"start", "im_start", "im", "header_id", NULL};
	static const char *const ends[] = {"end", "return", "im_end", "eot_id", "endoftext", NULL};
	static const char *const calls[] = {"call", "python_tag", "plugin", "action", NULL};
	const size_t len = strlen(n->text);

	if (is_listed(n->text, len, calls))
		return RCD_MARK_CALL;
	if (is_listed(n->text, len, ends))
		return RCD_MARK_END;
	if (!n->ends && is_listed(n->text, len, starts))
		return RCD_MARK_ROLE;
	return RCD_MARK_DROP;
}

/* false: no name that says anything. */
static bool classify_name(struct rcd_sv name, bool closing, bool square, bool token,
                          enum rcd_mark *what)
{
	struct name n;

	normalise_name(name, &n);
	closing = closing || n.ends || strcmp(n.text, "inner_suffix") == 0 ||
	          strcmp(n.text, "unused95") == 0;
	if (is_call(&n, square))
		*what = RCD_MARK_CALL;
	else if (has_word(n.text, reasoning_words) ||
	         (!square && is_listed(n.text, strlen(n.text), reasoning_names)))
		*what = closing ? RCD_MARK_CLOSE : RCD_MARK_OPEN;
	else if (token)
		*what = classify_token(&n);
	else if (square ? strcmp(n.text, "inst") == 0
	                : is_listed(n.text, strlen(n.text), wrapper_names))
		*what = RCD_MARK_DROP;
	else
		return false;
	return true;
}

/* --- the form ---------------------------------------------------------------------------- */

/* Does v begin with word? MORE: it may. */
static int match_word(struct rcd_sv v, const char *word, bool last)
{
	size_t n = strlen(word), k = v.n < n ? v.n : n;

	if (k > 0 && memcmp(v.p, word, k) != 0)
		return RCD_MARK_NONE;
	if (k == n)
		return (int)n;
	return last ? RCD_MARK_NONE : RCD_MARK_MORE;
}

static size_t count_spaces(struct rcd_sv v)
{
	size_t n = 0;

	while (n < v.n && n < MAX_SPACES && (v.p[n] == ' ' || v.p[n] == '\n'))
		n++;
	return n;
}

/* "|" in both widths. */
static size_t match_bar(struct rcd_sv v)
{
	if (rcd_sv_starts(v, RCD_SV("|")))
		return 1;
	return rcd_sv_starts(v, RCD_SV("｜")) ? sizeof("｜") - 1 : 0;
}

/* One character of a name; 0: none. */
static size_t match_name_char(struct rcd_sv v)
{
	const char *p = v.p;
	uint32_t c = v.n > 0 ? rcd_utf8_next(&p, v.p + v.n) : 0;

	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	    (c != 0 && c < 0x80 && strchr("_:.=-", (int)c) != NULL) || (c >= 0xC0 && c < 0x250) ||
	    c == 0x2581)
		return (size_t)(p - v.p);
	return 0;
}

static size_t measure_name(struct rcd_sv v)
{
	size_t n = 0, k;

	while (n <= MAX_NAME && (k = match_name_char(rcd_sv_skip(v, n))) > 0)
		n += k;
	return n;
}

/* What stands before the name: "/", "|" and spaces. */
struct lead {
	size_t n;
	bool closing, barred;
};

static struct lead read_lead(struct rcd_sv v, bool spaced)
{
	struct lead l = {.n = spaced ? count_spaces(v) : 0};

	for (int i = 0; i < 3; i++) {
		struct rcd_sv rest = rcd_sv_skip(v, l.n);
		size_t b = match_bar(rest);

		if (b > 0 && !l.barred) {
			l.barred = true;
			l.n += b;
		} else if (rest.n > 0 && rest.p[0] == '/' && !l.closing) {
			l.closing = true;
			l.n++;
		}
	}
	l.n += spaced ? count_spaces(rcd_sv_skip(v, l.n)) : 0;
	return l;
}

/* From the end of the name to the end of the tag. *barred, *empty: "|" or "/" before it. */
static int read_rest(struct rcd_sv v, const char *close, bool last, bool *barred, bool *empty)
{
	for (size_t i = 0; i < v.n && i < MAX_ATTRIBUTES; i++) {
		struct rcd_sv rest = rcd_sv_skip(v, i);
		int n;

		if (i == 0 && match_bar(rest) == 0 && strchr(" \n\t/", v.p[0]) == NULL &&
		    v.p[0] != close[0])
			return RCD_MARK_NONE; /* "<think@home>" */
		if (match_bar(rest) > 0)
			*barred = true;
		n = match_word(rest, close, last);
		if (n != RCD_MARK_NONE) {
			*empty = i > 0 && v.p[i - 1] == '/';
			return n == RCD_MARK_MORE ? n : (int)i + n;
		}
	}
	return last || v.n >= MAX_ATTRIBUTES ? RCD_MARK_NONE : RCD_MARK_MORE;
}

/* "analysis<|message|>": what the channel is for. */
static int read_channel(struct rcd_sv v, bool last, enum rcd_mark *what)
{
	static const char stop[] = "<|message|>";
	size_t look = v.n < MAX_HEADER ? v.n : MAX_HEADER;
	const char *end = memmem(v.p, look, stop, sizeof(stop) - 1);
	size_t n = end != NULL ? (size_t)(end - v.p) : 0;

	*what = RCD_MARK_OPEN;
	if (end == NULL && !last && v.n < MAX_HEADER)
		return RCD_MARK_MORE;
	if (end == NULL)
		return RCD_MARK_NONE;
	if (memmem(v.p, n, "to=", 3) != NULL)
		*what = RCD_MARK_CALL;
	else if (rcd_sv_starts(rcd_sv_trim((struct rcd_sv){v.p, n}), RCD_SV("final")))
		*what = RCD_MARK_CLOSE;
	return (int)(n + sizeof(stop) - 1);
}

/* The tokens of the template with channels. n: bytes of the tag itself. */
static int match_channel(struct rcd_sv v, size_t n, bool before, bool after, bool last,
                         enum rcd_mark *what)
{
	int more;

	if (!before || !after) { /* "<|channel>thought", "<channel|>" */
		*what = before ? RCD_MARK_OPEN : RCD_MARK_CLOSE;
		return (int)n;
	}
	more = read_channel(rcd_sv_skip(v, n), last, what);
	return more == RCD_MARK_MORE ? more : (int)n + more;
}

/* "[Think](https://…)" is a link, and that is told by the character behind it. */
static int match_no_link(struct rcd_sv v, size_t n, bool last)
{
	if (v.n > n)
		return v.p[n] == '(' ? RCD_MARK_NONE : (int)n;
	return last ? (int)n : RCD_MARK_MORE;
}

static int match_tag(struct rcd_sv v, size_t kind, bool last, enum rcd_mark *what)
{
	const bool square = bracket[kind].open[0] == '[';
	size_t open = strlen(bracket[kind].open), at, n;
	struct lead lead = read_lead(rcd_sv_skip(v, open), !square);
	bool after = false, empty = false, known;
	int rest;

	at = open + lead.n;
	n = measure_name(rcd_sv_skip(v, at));
	if (at + n == v.n && n <= MAX_NAME)
		return last ? RCD_MARK_NONE : RCD_MARK_MORE;
	if (n == 0 || n > MAX_NAME)
		return RCD_MARK_NONE;
	after = match_bar(rcd_sv_skip(v, at + n)) > 0;
	known = classify_name((struct rcd_sv){v.p + at, n}, lead.closing, square, lead.barred || after,
	                      what);
	if (!known)
		return RCD_MARK_NONE;
	rest = read_rest(rcd_sv_skip(v, at + n), bracket[kind].close, last, &after, &empty);
	if (rest <= 0)
		return rest;
	if (rcd_sv_ieq((struct rcd_sv){v.p + at, n}, RCD_SV("channel")))
		return match_channel(v, at + n + (size_t)rest, lead.barred, after, last, what);
	if (empty && *what == RCD_MARK_OPEN)
		*what = RCD_MARK_DROP;
	return square ? match_no_link(v, at + n + (size_t)rest, last) : (int)(at + n) + rest;
}

int rcd_mark_tag(struct rcd_sv v, bool last, enum rcd_mark *what)
{
	for (size_t i = 0; i < sizeof(bracket) / sizeof(bracket[0]); i++) {
		int n = match_word(v, bracket[i].open, last);

		if (n == RCD_MARK_MORE)
			return n;
		if (n > 0)
			return match_tag(v, i, last, what);
	}
	return RCD_MARK_NONE;
}

/* --- other forms ------------------------------------------------------------------------- */

int rcd_mark_fence(struct rcd_sv v, bool last, enum rcd_mark *what)
{
	struct rcd_sv info = rcd_sv_skip(v, 3);
	int ticks = match_word(v, "```", last);
	const char *end;

	if (ticks <= 0)
		return ticks;
	end = memchr(info.p, '\n', info.n < MAX_NAME ? info.n : MAX_NAME);
	if (end == NULL)
		return last || info.n >= MAX_NAME ? RCD_MARK_NONE : RCD_MARK_MORE;
	info.n = (size_t)(end - info.p);
	if (info.n == 0 || !classify_name(info, false, true, false, what) || *what == RCD_MARK_DROP)
		return RCD_MARK_NONE;
	return 3 + (int)info.n + 1;
}

int rcd_mark_word(struct rcd_sv v, bool start, bool last, enum rcd_mark *what)
{
	static const struct {
		const char *word;
		enum rcd_mark what;
	} known[] = {
		{"assistantfinal", RCD_MARK_CLOSE},
		{"assistantanalysis", RCD_MARK_OPEN},
		{"assistantcommentary to=", RCD_MARK_CALL},
		{"Action Input:", RCD_MARK_CALL},
	};
	bool more = false;
	int n;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		n = match_word(v, known[i].word, last);
		*what = known[i].what;
		if (n > 0)
			return n;
		more = more || n == RCD_MARK_MORE;
	}
	/* "analysisThe customer asks …": the first channel, its tokens gone */
	n = start ? match_word(v, "analysis", last) : RCD_MARK_NONE;
	*what = RCD_MARK_OPEN;
	if (n > 0 && v.n > (size_t)n && v.p[n] >= 'A' && v.p[n] <= 'Z')
		return n;
	if (n > 0 && v.n == (size_t)n && !last)
		return RCD_MARK_MORE;
	return more || n == RCD_MARK_MORE ? RCD_MARK_MORE : RCD_MARK_NONE;
}

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
	       c == '.';
}

/* Of "functions.save_contact:0 ```json\n" the part up to the name's end. */
static struct rcd_sv strip_to_name(struct rcd_sv v)
{
	size_t was;

	do {
		was = v.n;
		while (v.n > 0 && v.p[v.n - 1] != '\0' && strchr(" \n\t:`0123456789", v.p[v.n - 1]) != NULL)
			v.n--;
		if (rcd_sv_ends(v, RCD_SV("json")) && (v.n == 4 || !is_name_char(v.p[v.n - 5])))
			v.n -= 4;
	} while (v.n != was);
	return v;
}

bool rcd_mark_names_tool(struct rcd_sv before, char at, const json_t *tools)
{
	struct rcd_sv v = at == '{' ? strip_to_name(before) : before;
	size_t from = v.n;

	while (from > 0 && is_name_char(v.p[from - 1]))
		from--;
	v = rcd_sv_skip(v, from);
	return rcd_sv_starts(v, RCD_SV("functions.")) || rcd_sv_starts(v, RCD_SV("default_api.")) ||
	       rcd_mark_is_tool(tools, v);
}
