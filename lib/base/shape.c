#include "base/shape.h"

#include <stdio.h>
#include <string.h>

#define PATH_N 96

/* Place in the schema, for errors: "customer.lines[]". */
struct path {
	char text[PATH_N];
};

static struct path join_path(const struct path *p, const char *name)
{
	struct path q;

	(void)snprintf(q.text, sizeof(q.text), "%.60s%s%.32s", p->text,
	               p->text[0] != '\0' && name[0] != '[' ? "." : "", name);
	return q;
}

static int fail_at(const struct path *p, struct rcd_err *err, const char *what)
{
	return rcd_fail(err, RCD_INVAL, 0, "%s: %s", p->text[0] != '\0' ? p->text : "the value", what);
}

static const char *type_of(const json_t *schema)
{
	const char *type = json_string_value(json_object_get(schema, "type"));

	return type != NULL ? type : "";
}

/* --- the schema --------------------------------------------------------------------------- */

enum holds { ANYTHING, TEXT, COUNT, NUMBER, LIST, OBJECT, SCHEMA, NO };

static const struct {
	const char *name;
	enum holds holds;
	const char *of; /* the types it applies to; NULL: all */
} keyword[] = {
	{"type", TEXT, NULL},
	{"title", TEXT, NULL},
	{"description", TEXT, NULL},
	{"default", ANYTHING, NULL},
	{"enum", LIST, "string integer number"},
	{"properties", OBJECT, "object"},
	{"required", LIST, "object"},
	{"additionalProperties", NO, "object"},
	{"minimum", NUMBER, "integer number"},
	{"maximum", NUMBER, "integer number"},
	{"minLength", COUNT, "string"},
	{"maxLength", COUNT, "string"},
	{"items", SCHEMA, "array"},
	{"minItems", COUNT, "array"},
	{"maxItems", COUNT, "array"},
};
static const char types[] = "object array string integer number boolean";

static bool has_word(const char *word, const char *words)
{
	struct rcd_sv rest = rcd_sv(words), one;

	while (rcd_sv_cut(&rest, ' ', &one))
		if (rcd_sv_is(one, word))
			return true;
	return false;
}

static bool is_allowed_value(enum holds holds, const json_t *v)
{
	switch (holds) {
	case TEXT:
		return json_is_string(v);
	case COUNT:
		return json_is_integer(v) && json_integer_value(v) >= 0;
	case NUMBER:
		return json_is_number(v);
	case LIST:
		return json_array_size(v) > 0;
	case OBJECT:
	case SCHEMA:
		return json_is_object(v);
	case NO:
		return json_is_false(v);
	default:
		return true;
	}
}

static int check_keyword(const char *name, const json_t *v, const char *type, const struct path *p,
                         struct rcd_err *err)
{
	for (size_t i = 0; i < sizeof(keyword) / sizeof(keyword[0]); i++) {
		if (strcmp(keyword[i].name, name) != 0)
			continue;
		if (keyword[i].of != NULL && !has_word(type, keyword[i].of))
			return fail_at(p, err, "a rule that does not apply to this type");
		return is_allowed_value(keyword[i].holds, v)
		           ? 0
		           : fail_at(p, err, "a rule with an invalid value");
	}
	return fail_at(p, err, "an unknown rule");
}

static int check_required(const json_t *schema, const struct path *p, struct rcd_err *err)
{
	const json_t *properties = json_object_get(schema, "properties"), *name;
	size_t i;

	json_array_foreach (json_object_get(schema, "required"), i, name)
		if (!json_is_string(name) || json_object_get(properties, json_string_value(name)) == NULL)
			return fail_at(p, err, "requires a name that is not one of its properties");
	return 0;
}

static int check_schema(const json_t *schema, const struct path *p, int depth, struct rcd_err *err)
{
	json_t *properties = json_object_get(schema, "properties"), *v;
	const char *type = type_of(schema), *name;
	bool nests = strcmp(type, "object") == 0 || strcmp(type, "array") == 0;

	if (!json_is_object(schema))
		return fail_at(p, err, "not a schema");
	if (!has_word(type, types) || type[0] == '\0')
		return fail_at(p, err, "type must be object, array, string, integer, number or boolean");
	if (nests && depth >= RCD_SHAPE_DEPTH)
		return fail_at(p, err, "nested too deep");
	json_object_foreach ((json_t *)(uintptr_t)schema, name, v)
		if (check_keyword(name, v, type, p, err) != 0)
			return -1;
	if (check_required(schema, p, err) != 0)
		return -1;
	json_object_foreach (properties, name, v) {
		const struct path q = join_path(p, name);

		if (check_schema(v, &q, depth + 1, err) != 0)
			return -1;
	}
	if (strcmp(type, "array") == 0) {
		const struct path q = join_path(p, "[]");

		return check_schema(json_object_get(schema, "items"), &q, depth + 1, err);
	}
	return 0;
}

int rcd_shape_valid(const json_t *schema, struct rcd_err *err)
{
	const struct path top = {""};

	return check_schema(schema, &top, 0, err);
}

/* --- the value ---------------------------------------------------------------------------- */

static int check_value(const json_t *schema, const json_t *v, const struct path *p, int depth,
                       struct rcd_err *err);

static bool has_type(const char *type, const json_t *v)
{
	switch (json_typeof(v)) {
	case JSON_OBJECT:
		return strcmp(type, "object") == 0;
	case JSON_ARRAY:
		return strcmp(type, "array") == 0;
	case JSON_STRING:
		return strcmp(type, "string") == 0;
	case JSON_INTEGER:
		return strcmp(type, "integer") == 0 || strcmp(type, "number") == 0;
	case JSON_REAL:
		return strcmp(type, "number") == 0;
	case JSON_TRUE:
	case JSON_FALSE:
		return strcmp(type, "boolean") == 0;
	default:
		return false;
	}
}

static int check_enum(const json_t *schema, const json_t *v, const struct path *p,
                      struct rcd_err *err)
{
	const json_t *all = json_object_get(schema, "enum"), *one;
	size_t i;

	if (all == NULL)
		return 0;
	json_array_foreach (all, i, one)
		if (json_equal(one, v))
			return 0;
	return fail_at(p, err, "not one of the allowed values");
}

static int check_number(const json_t *schema, const json_t *v, const struct path *p,
                        struct rcd_err *err)
{
	const json_t *least = json_object_get(schema, "minimum"),
				 *most = json_object_get(schema, "maximum");

	if (least != NULL && json_number_value(v) < json_number_value(least))
		return fail_at(p, err, "too small");
	if (most != NULL && json_number_value(v) > json_number_value(most))
		return fail_at(p, err, "too large");
	return 0;
}

static int check_size(const json_t *schema, const char *min, const char *max, size_t n,
                      const struct path *p, struct rcd_err *err)
{
	const json_t *least = json_object_get(schema, min), *most = json_object_get(schema, max);

	if (least != NULL && (json_int_t)n < json_integer_value(least))
		return fail_at(p, err, "too short");
	if (most != NULL && (json_int_t)n > json_integer_value(most))
		return fail_at(p, err, "too long");
	return 0;
}

static int check_object(const json_t *schema, const json_t *v, const struct path *p, int depth,
                        struct rcd_err *err)
{
	const json_t *properties = json_object_get(schema, "properties"), *name;
	const char *key;
	json_t *member;
	size_t i;

	json_array_foreach (json_object_get(schema, "required"), i, name) {
		const struct path q = join_path(p, json_string_value(name));

		if (json_object_get(v, json_string_value(name)) == NULL)
			return fail_at(&q, err, "is missing");
	}
	json_object_foreach ((json_t *)(uintptr_t)v, key, member) {
		const json_t *rule = json_object_get(properties, key);
		const struct path q = join_path(p, rule != NULL ? key : "");

		if (rule == NULL)
			return fail_at(p, err, "a member that is not one of the properties");
		if (check_value(rule, member, &q, depth + 1, err) != 0)
			return -1;
	}
	return 0;
}

static int check_array(const json_t *schema, const json_t *v, const struct path *p, int depth,
                       struct rcd_err *err)
{
	const json_t *rule = json_object_get(schema, "items"), *one;
	const struct path q = join_path(p, "[]");
	size_t i;

	if (check_size(schema, "minItems", "maxItems", json_array_size(v), p, err) != 0)
		return -1;
	json_array_foreach (v, i, one)
		if (check_value(rule, one, &q, depth + 1, err) != 0)
			return -1;
	return 0;
}

static int check_value(const json_t *schema, const json_t *v, const struct path *p, int depth,
                       struct rcd_err *err)
{
	struct rcd_sv text;

	if (depth > RCD_SHAPE_DEPTH || !has_type(type_of(schema), v))
		return fail_at(p, err, "wrong type");
	if (check_enum(schema, v, p, err) != 0)
		return -1;
	switch (json_typeof(v)) {
	case JSON_OBJECT:
		return check_object(schema, v, p, depth, err);
	case JSON_ARRAY:
		return check_array(schema, v, p, depth, err);
	case JSON_STRING:
		text = (struct rcd_sv){json_string_value(v), json_string_length(v)};
		return check_size(schema, "minLength", "maxLength", rcd_utf8_count(text), p, err);
	case JSON_INTEGER:
	case JSON_REAL:
		return check_number(schema, v, p, err);
	default:
		return 0;
	}
}

int rcd_shape_check(const json_t *schema, const json_t *value, struct rcd_err *err)
{
	const struct path top = {""};

	return check_value(schema, value, &top, 0, err);
}
