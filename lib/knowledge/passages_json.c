#include "knowledge/passages_json.h"

const json_t *rcd_passages_json_list(const json_t *root)
{
	static const char *const names[] = {"chunks", "documents", "passages",
	                                    "items",  "data",      "vectors"};

	if (json_is_array(root))
		return root;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (json_is_array(json_object_get(root, names[i])))
			return json_object_get(root, names[i]);
	return NULL;
}

static struct rcd_sv find_first(const json_t *o, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct rcd_sv v = rcd_sv_trim(rcd_json_sv(o, names[i]));

		if (v.n > 0)
			return v;
	}
	return (struct rcd_sv){NULL, 0};
}

struct rcd_sv rcd_passages_json_words(const json_t *item)
{
	static const char *const names[] = {"text", "content", "chunk", "page_content"};

	if (json_is_string(item))
		return rcd_sv_trim((struct rcd_sv){json_string_value(item), json_string_length(item)});
	return find_first(item, names, sizeof(names) / sizeof(names[0]));
}

static struct rcd_sv get_heading(const json_t *item)
{
	static const char *const names[] = {"title", "heading", "section"};
	struct rcd_sv v = find_first(item, names, sizeof(names) / sizeof(names[0]));

	return v.n > 0 ? v
	               : find_first(json_object_get(item, "metadata"), names,
	                            sizeof(names) / sizeof(names[0]));
}

/* There is room for all: a view of what is kept stays one. */
static struct rcd_sv keep_text(struct rcd_buf *text, struct rcd_sv v)
{
	size_t at = text->n;

	rcd_buf_sv(text, v);
	return (struct rcd_sv){text->p + at, v.n};
}

static int add_passage(const json_t *item, struct rcd_buf *text, struct rcd_passages *out,
                       struct rcd_err *err)
{
	struct rcd_sv words = rcd_passages_json_words(item), heading = get_heading(item);

	if (words.n == 0)
		return 0;
	if (words.n > RCD_MAX_TEXT)
		return rcd_fail(err, RCD_LIMIT, 0, "a passage of more than %d KB", RCD_MAX_TEXT >> 10);
	if (heading.n > 200)
		heading.n = rcd_utf8_cut(heading, 200);
	heading = heading.n > 0 ? keep_text(text, heading) : RCD_SV("");
	return rcd_passages_add(out, &(struct rcd_passage_in){heading, keep_text(text, words), 0}, err);
}

int rcd_passages_json(const json_t *file, size_t bytes, struct rcd_buf *text,
                      struct rcd_passages *out, struct rcd_err *err)
{
	const json_t *list = rcd_passages_json_list(file);
	int ret = 0;

	if (list == NULL)
		return rcd_fail(err, RCD_PROTO, 0, "a JSON file without a list of passages");
	rcd_buf_init(text, bytes);
	if (rcd_buf_room(text, bytes) == NULL)
		return rcd_fail_nomem(err);
	for (size_t i = 0; ret == 0 && i < json_array_size(list); i++)
		ret = add_passage(json_array_get(list, i), text, out, err);
	return ret;
}
