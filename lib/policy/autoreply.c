#include "policy/autoreply.h"

#include "policy/norm.h"

#include <string.h>

/* All phrases are normal forms, see norm.h. */

/* Said of oneself: wherever they stand. */
static const char *const anywhere[] = {
	/* Portuguese */
	"agradecemos a sua mensagem",
	"agradecemos o contato",
	"agradecemos o seu contato",
	"agradecemos seu contato",
	"agradecemos sua mensagem",
	"assim que possivel retornaremos",
	"deixe o seu recado",
	"deixe seu recado",
	"em breve entraremos em contato",
	"em breve responderemos",
	"em breve retornaremos",
	"esta e uma mensagem automatica",
	"esta e uma resposta automatica",
	"estamos fora do horario",
	"estamos fora do nosso horario",
	"estou ausente",
	"estou de ferias",
	"estou fora do escritorio",
	"fora do horario de atendimento",
	"fora do nosso horario de atendimento",
	"mensagem enviada automaticamente",
	"nao estamos disponiveis no momento",
	"nao responda a esta mensagem",
	"nao responda esta mensagem",
	"no momento estamos fechados",
	"no momento nao estamos atendendo",
	"no momento nao estamos disponiveis",
	"no momento nao estou disponivel",
	"no momento nao podemos atender",
	"no momento nao podemos te atender",
	"no momento nao podemos responder",
	"no momento nao posso atender",
	"no momento nao posso responder",
	"obrigada por entrar em contato com",
	"obrigado por entrar em contato com",
	"responderei assim que",
	"responderemos assim que",
	"retornarei assim que",
	"retornaremos assim que",
	"retornaremos o contato",
	"retornaremos seu contato",
	"sou a assistente virtual",
	"sou o assistente virtual",
	"sou um assistente virtual",
	"sou uma assistente virtual",
	/* English */
	"do not reply to this message",
	"i am away from",
	"i am currently away",
	"i am currently out",
	"i am on vacation",
	"i am out of office",
	"i am out of the office",
	"i m currently away",
	"i m out of the office",
	"i will get back to you",
	"i will reply as soon as",
	"is an automated message",
	"is an automated reply",
	"is an automated response",
	"is an automatic reply",
	"is not monitored",
	"our office is closed",
	"outside of our business hours",
	"outside our business hours",
	"thank you for contacting",
	"thank you for getting in touch with",
	"thank you for reaching out",
	"thank you for your message",
	"thanks for contacting",
	"thanks for reaching out",
	"we are away right now",
	"we are currently closed",
	"we are currently unavailable",
	"we are not available right now",
	"we will get back to you",
	"we ll get back to you",
	"we will respond as soon as",
	"we re currently closed",
	/* Spanish */
	"en breve le responderemos",
	"en breve nos comunicaremos",
	"en breve te responderemos",
	"en este momento no estamos disponibles",
	"en este momento no podemos atender",
	"en este momento no podemos atenderle",
	"en este momento no podemos atenderlo",
	"en este momento no podemos atenderte",
	"en este momento no podemos responder",
	"es un mensaje automatico",
	"es una respuesta automatica",
	"estamos fuera de horario",
	"estamos fuera de nuestro horario",
	"estoy de vacaciones",
	"estoy fuera de la oficina",
	"fuera de nuestro horario de atencion",
	"fuera del horario de atencion",
	"gracias por comunicarse con",
	"gracias por comunicarte con",
	"gracias por contactar con",
	"gracias por contactarnos",
	"gracias por ponerse en contacto",
	"gracias por ponerte en contacto",
	"le responderemos a la brevedad",
	"no responda a este mensaje",
	"responderemos a la brevedad",
	"responderemos lo antes posible",
	"soy un asistente virtual",
	"te responderemos a la brevedad",
};

/* People talk about these too: at the beginning only, where a program puts its name. */
static const char *const opening[] = {
	"atendimento automatico", "ausencia temporaria", "auto reply",          "autoreply",
	"automatic reply",        "automated message",   "automated reply",     "automated response",
	"fuera de la oficina",    "fuera de oficina",    "mensagem automatica", "mensaje automatico",
	"out of office",          "out of the office",   "resposta automatica", "resposta automatizada",
	"respuesta automatica",
};

static bool is_phrase_at(struct rcd_sv form, size_t at, struct rcd_sv phrase)
{
	size_t end = at + phrase.n;

	return (at == 0 || form.p[at - 1] == ' ') && (end == form.n || form.p[end] == ' ');
}

static bool has_phrase(struct rcd_sv form, struct rcd_sv phrase)
{
	for (size_t at = 0; at + phrase.n <= form.n;) {
		const char *p = memmem(form.p + at, form.n - at, phrase.p, phrase.n);

		if (p == NULL)
			return false;
		if (is_phrase_at(form, (size_t)(p - form.p), phrase))
			return true;
		at = (size_t)(p - form.p) + 1;
	}
	return false;
}

static bool is_automatic(struct rcd_sv form)
{
	for (size_t i = 0; i < sizeof(anywhere) / sizeof(anywhere[0]); i++)
		if (has_phrase(form, rcd_sv(anywhere[i])))
			return true;
	for (size_t i = 0; i < sizeof(opening) / sizeof(opening[0]); i++)
		if (rcd_sv_starts(form, rcd_sv(opening[i])) && is_phrase_at(form, 0, rcd_sv(opening[i])))
			return true;
	return false;
}

int rcd_autoreply(struct rcd_sv text, bool *yes, struct rcd_err *err)
{
	struct rcd_buf form;
	int ret;

	rcd_buf_init(&form, 32 * RCD_NORM_BYTES);
	ret = rcd_norm_text(text, &form, err);
	*yes = ret == 0 && is_automatic(rcd_buf_view(&form));
	rcd_buf_free(&form);
	return ret;
}
