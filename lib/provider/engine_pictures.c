/* Pictures beside the last message of the user, as the two protocols have them. */

#include "provider/engine.h"

#include <stdbool.h>

/* of a request on its way: {"note": …, "urls": […]}; never sent under this name */
#define KEY "pictures"

static json_t *get_messages(const json_t *req, bool *responses)
{
	json_t *input = json_object_get(req, "input");

	*responses = input != NULL;
	return input != NULL ? input : json_object_get(req, "messages");
}

static size_t find_question(const json_t *list)
{
	size_t i = json_array_size(list);

	while (i > 0 && !rcd_sv_is(rcd_json_sv(json_array_get(list, i - 1), "role"), "user"))
		i--;
	return i;
}

static json_t *make_text_part(bool responses, json_t *text)
{
	return json_pack("{s:s, s:O}", "type", responses ? "input_text" : "text", "text", text);
}

static json_t *make_picture_part(bool responses, json_t *url)
{
	if (responses)
		return json_pack("{s:s, s:O, s:s}", "type", "input_image", "image_url", url, "detail",
		                 "auto");
	return json_pack("{s:s, s:{s:O, s:s}}", "type", "image_url", "image_url", "url", url, "detail",
	                 "auto");
}

static json_t *make_parts(json_t *text, const json_t *pictures, bool responses)
{
	json_t *parts = json_array(), *note = json_object_get(pictures, "note"), *url;
	int ret = json_array_append_new(parts, make_text_part(responses, text));
	size_t i;

	if (ret == 0 && note != NULL)
		ret = json_array_append_new(parts, make_text_part(responses, note));
	json_array_foreach (json_object_get(pictures, "urls"), i, url)
		if (ret == 0)
			ret = json_array_append_new(parts, make_picture_part(responses, url));
	if (ret == 0)
		return parts;
	json_decref(parts);
	return NULL;
}

/* The list with another message at that place; the caller's list is not touched. */
static json_t *replace_message(const json_t *list, size_t at, const json_t *pictures,
                               bool responses)
{
	json_t *out = json_copy((json_t *)(uintptr_t)list);
	json_t *message = json_copy(json_array_get(list, at));

	if (json_object_set_new(message, "content",
	                        make_parts(json_object_get(message, "content"), pictures, responses)) ==
	        0 &&
	    json_array_set(out, at, message) == 0) {
		json_decref(message);
		return out;
	}
	json_decref(message);
	json_decref(out);
	return NULL;
}

int rcd_engine_show(json_t *req, bool blind)
{
	bool responses;
	json_t *list = get_messages(req, &responses),
		   *pictures = json_incref(json_object_get(req, KEY));
	size_t at = find_question(list);
	int ret = 0;

	if (pictures == NULL)
		return 0;
	(void)json_object_del(req, KEY);
	if (!blind && at > 0)
		ret = json_object_set_new(req, responses ? "input" : "messages",
		                          replace_message(list, at - 1, pictures, responses));
	json_decref(pictures);
	return ret;
}

bool rcd_engine_shows(const json_t *req)
{
	bool responses;
	const json_t *list = get_messages(req, &responses);
	size_t at = find_question(list);

	return at > 0 && json_is_array(json_object_get(json_array_get(list, at - 1), "content"));
}

int rcd_engine_add_pictures(json_t *req, json_t *pictures)
{
	return pictures == NULL ? 0 : json_object_set(req, KEY, pictures);
}
