#include "knowledge/persona.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/quote.h"
#include "base/visible.h"
#include "base/zone.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_NAME 40

/* --- the layers ---------------------------------------------------------------------------- */

static int is_markdown(const struct dirent *e)
{
	struct rcd_sv name = rcd_sv(e->d_name);

	return name.n > 0 && name.p[0] != '.' && rcd_sv_ends(name, RCD_SV(".md"));
}

static int read_layer(const char *dir, const char *name, struct rcd_buf *out, json_t *layers,
                      struct rcd_err *err)
{
	size_t before = out->n;
	char *path;
	int ret;

	if (asprintf(&path, "%s/%s", dir, name) < 0)
		return rcd_fail_nomem(err);
	ret = rcd_file_read(path, RCD_MAX_PROMPT, out, err);
	free(path);
	if (ret != 0)
		return -1;
	if (layers != NULL &&
	    json_array_append_new(layers, json_pack("{s:o, s:I}", "name", rcd_json_str(rcd_sv(name)),
	                                            "bytes", (json_int_t)(out->n - before))) != 0)
		return rcd_fail_nomem(err);
	rcd_buf_ch(out, '\n');
	return out->bad ? rcd_fail_nomem(err) : 0;
}

int rcd_persona_read(const char *dir, struct rcd_buf *out, json_t *layers, struct rcd_err *err)
{
	struct dirent **file = NULL;
	int n = scandir(dir, &file, is_markdown, alphasort), ret = 0;

	for (int i = 0; i < n; i++) {
		if (ret == 0)
			ret = read_layer(dir, file[i]->d_name, out, layers, err);
		free(file[i]);
	}
	free(file);
	return ret;
}

struct rcd_sv rcd_persona_name(const char *dir)
{
	const char *slash = strrchr(dir, '/');

	return rcd_sv(slash != NULL ? slash + 1 : dir);
}

int rcd_persona_current(struct rcd_db *db, int64_t tenant, const char *dir, struct rcd_buf *text,
                        struct rcd_persona_found *out, struct rcd_err *err)
{
	const struct rcd_sv name = rcd_persona_name(dir);
	const size_t before = text->n;

	*out = (struct rcd_persona_found){.id = 0};
	if (rcd_persona_read(dir, text, NULL, err) != 0) {
		if (err->code == RCD_NOMEM)
			return -1;
		out->why = *err;
		rcd_buf_cut(text, before);
	}
	if (text->n == before)
		return rcd_persona_newest(db, tenant, name, &out->id, text, err);
	return rcd_persona_put(db, tenant, name, rcd_sv_skip(rcd_buf_view(text), before), &out->id,
	                       &out->fresh, err);
}

/* --- what is put in ------------------------------------------------------------------------ */

static const char *const weekday[2][7] = {
	{"domingo", "segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira",
     "sábado"},
	{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
};
static const char *const month[2][12] = {
	{"janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro",
     "outubro", "novembro", "dezembro"},
	{"January", "February", "March", "April", "May", "June", "July", "August", "September",
     "October", "November", "December"},
};

/* Customers name themselves: the first word of it is all that stands among the rules. */
static void append_name(struct rcd_sv name, struct rcd_buf *out)
{
	struct rcd_sv word = {name.p, 0};
	size_t before = out->n;

	for (const char *p = name.p, *end = name.p + name.n; p < end; word.n = (size_t)(p - name.p))
		if (rcd_is_space(rcd_utf8_next(&p, end)))
			break;
	if (!rcd_quote_name(out, word, MAX_NAME))
		rcd_buf_cut(out, before);
}

static const char *hours_of(const struct rcd_persona_now *now)
{
	const char *set = now->conf->business_hours;

	return set != NULL ? set : "";
}

enum variable { NAME, CHANNEL, MOMENT, HOURS };
static const struct {
	const char *word;
	enum variable what;
} variables[] = {
	{"nome", NAME},    {"name", NAME},  {"canal", CHANNEL}, {"channel", CHANNEL},
	{"agora", MOMENT}, {"now", MOMENT}, {"horario", HOURS}, {"hours", HOURS},
};
enum { N_VARIABLES = sizeof(variables) / sizeof(variables[0]) };

/* What a name, the hours or the channel are when nobody knows. */
static void append_unknown(const struct rcd_persona_now *now, struct rcd_buf *out)
{
	rcd_buf_str(out, now->conf->lang == RCD_EN ? "(not known)" : "(não informado)");
}

static void append_variable(enum variable what, const struct rcd_persona_now *now,
                            struct rcd_buf *out)
{
	size_t before = out->n;

	switch (what) {
	case NAME:
		append_name(now->name, out);
		break;
	case CHANNEL:
		rcd_buf_sv(out, now->channel);
		break;
	case HOURS:
		rcd_buf_str(out, hours_of(now));
		break;
	case MOMENT:
		rcd_buf_str(out, now->conf->lang == RCD_EN ? "(the time is at the end)"
		                                           : "(a hora está no fim)");
		break;
	}
	if (out->n == before)
		append_unknown(now, out);
}

static bool fill_variable(struct rcd_sv word, const struct rcd_persona_now *now,
                          struct rcd_buf *out)
{
	for (size_t i = 0; i < N_VARIABLES; i++)
		if (rcd_sv_is(word, variables[i].word)) {
			append_variable(variables[i].what, now, out);
			return true;
		}
	return false;
}

static void note_unknown(struct rcd_buf *unknown, struct rcd_sv word)
{
	if (unknown == NULL)
		return;
	if (unknown->n > 0)
		rcd_buf_str(unknown, ", ");
	word.n = rcd_utf8_cut(word, MAX_NAME);
	rcd_buf_utf8(unknown, word);
}

/* Of all personas: a customer is told of an ability that is there. */
static const char *const rule[2] = {
	"# Regra que vale sempre\n\n"
	"Você ouve e fala: as mensagens de voz do cliente chegam a você já escritas, e as suas "
	"respostas também "
	"podem ser enviadas em áudio. Nunca diga que não consegue ouvir, receber, gravar ou enviar "
	"áudio.\n",
	"# A rule that always holds\n\n"
	"You hear and you speak: the customer's voice notes reach you in writing, and your answers can "
	"be sent as "
	"audio too. Never say that you cannot hear, receive, record or send audio.\n",
};
static const char *const on_request[2] = {
	"Quando o cliente pedir áudio, responda ao que ele quer saber, no tamanho que o assunto pedir: "
	"o áudio da "
	"sua resposta é enviado.\n",
	"When the customer asks for audio, answer what was asked, at whatever length it takes: the "
	"audio of your "
	"answer is sent.\n",
};

int rcd_persona_fill(struct rcd_sv text, const struct rcd_persona_now *now, struct rcd_buf *out,
                     struct rcd_buf *unknown, struct rcd_err *err)
{
	while (text.n > 0) {
		const char *open = memmem(text.p, text.n, "{{", 2);
		size_t before = open != NULL ? (size_t)(open - text.p) : text.n;
		struct rcd_sv rest = rcd_sv_skip(text, before), word;
		const char *close = rest.n > 0 ? memmem(rest.p, rest.n, "}}", 2) : NULL;

		if (close == NULL)
			before = text.n;
		rcd_buf_sv(out, (struct rcd_sv){text.p, before});
		if (close == NULL)
			break;
		word = rcd_sv_trim((struct rcd_sv){rest.p + 2, (size_t)(close - rest.p) - 2});
		if (!fill_variable(word, now, out))
			note_unknown(unknown, word);
		text = rcd_sv_skip(rest, (size_t)(close - rest.p) + 2);
	}
	rcd_buf_ch(out, '\n');
	rcd_buf_str(out, rule[now->conf->lang]);
	if (now->conf->speaks)
		rcd_buf_str(out, on_request[now->conf->lang]);
	return out->bad || (unknown != NULL && unknown->bad) ? rcd_fail_nomem(err) : 0;
}

/* The business's clock, for the hours of business, where the contact's shows something else. */
static void append_office_time(const struct rcd_persona_now *now, const struct tm *office,
                               long ahead, struct rcd_buf *out)
{
	if (office->tm_gmtoff == ahead)
		return;
	rcd_buf_fmt(out,
	            now->conf->lang == RCD_EN ? " (the customer's time; %s %02d:%02d at the business)"
	                                      : " (hora do cliente; na empresa: %s, %02d:%02d)",
	            weekday[now->conf->lang == RCD_EN][office->tm_wday], office->tm_hour,
	            office->tm_min);
}

/* What a channel of text alone asks of an answer. The answer is cut all the same: see sms.segments.
 */
static void append_sms_rule(const struct rcd_persona_now *now, struct rcd_buf *out)
{
	int n = now->conf->sms_segments;

	if (n == 0 || !rcd_sv_is(now->channel, "SMS"))
		return;
	rcd_buf_fmt(
		out,
		now->conf->lang == RCD_EN
			? " Answer in plain text of at most %d characters: SMS has no audio, no formatting, no "
			  "emoji and no lists."
			: " Responda em texto simples, com no máximo %d caracteres: SMS não tem áudio, "
			  "formatação, emojis nem listas.",
		n == 1 ? 160 : 153 * n);
}

int rcd_persona_moment(const struct rcd_persona_now *now, struct rcd_buf *out, struct rcd_err *err)
{
	const struct rcd_persona_conf *conf = now->conf;
	const bool en = conf->lang == RCD_EN;
	struct tm tm, office;

	if (rcd_zone_time(conf->zone != NULL ? conf->zone : "UTC", now->ms, &office, err) != 0)
		return -1;
	tm = office;
	if (now->zone != NULL && rcd_zone_time(now->zone, now->ms, &tm, err) != 0 &&
	    err->code == RCD_NOMEM)
		return -1;
	if (en)
		rcd_buf_fmt(out, "Now: %s, %s %d, %d, %02d:%02d", weekday[1][tm.tm_wday],
		            month[1][tm.tm_mon], tm.tm_mday, tm.tm_year + 1900, tm.tm_hour, tm.tm_min);
	else
		rcd_buf_fmt(out, "Agora: %s, %d de %s de %d, %02d:%02d", weekday[0][tm.tm_wday], tm.tm_mday,
		            month[0][tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min);
	append_office_time(now, &office, tm.tm_gmtoff, out);
	rcd_buf_str(out, en ? ". Channel: " : ". Canal: ");
	append_variable(CHANNEL, now, out);
	rcd_buf_str(out, en ? ". Customer: " : ". Cliente: ");
	append_variable(NAME, now, out);
	rcd_buf_ch(out, '.');
	if (hours_of(now)[0] != '\0')
		rcd_buf_fmt(out, en ? " Business hours: %s." : " Horário de atendimento: %s.",
		            hours_of(now));
	append_sms_rule(now, out);
	return out->bad ? rcd_fail_nomem(err) : 0;
}
