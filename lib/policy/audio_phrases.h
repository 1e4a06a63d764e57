/* The phrases of audio_wish.c, as patterns (phrase.h), folded; included only there. They are
 * searched within one clause. */

#define SOUND "audio|audios|voz|voice"
#define FILL                                                                                       \
	"mais|de|por|em|com|receber|ouvir|escutar|nenhum|nenhuma|esses|seus|mensagem|mensagens|"       \
	"resposta|respostas|nota|notas|que|me|a|as|tudo|so|apenas|sempre"
#define FILLS FILL "? " FILL "? " FILL "?"
#define SEND_PT                                                                                    \
	"mande|mandem|manda|mandar|envie|enviem|envia|enviar|responda|respondam|responde|responder|"   \
	"grave|gravem|gravar|fale|falar|use|usem|usar"
#define SEND_EN "send|use|reply|answer|record|respond|leave"
#define WRITE_PT                                                                                   \
	"responda|respondam|responde|responder|mande|mandem|manda|mandar|envie|enviem|envia|enviar|"   \
	"fale|fala|falar|escreva|escrevam|escreve|escrever|atenda|atende|atender"
#define WRITTEN "texto|escrito"

enum place {
	ANYWHERE,  /* in a clause that is no question */
	ASKED,     /* in a question as well */
	ALONE,     /* the clause is nothing else */
	BEFORE_END /* in a clause that is no question, and nothing after it names one certain note */
};

static const struct {
	enum rcd_audio_wish wish;
	enum place place;
	const char *reason, *pattern;
} phrases[] = {
	{RCD_AUDIO_NEVER, ANYWHERE, "deaf",
     "sou|soy quase|parcialmente|totalmente|meio? surdo|"
     "surda|sordo|sorda"},
	{RCD_AUDIO_NEVER, ANYWHERE, "deaf",
     "deficiente|deficiencia|problema|problemas|perda "
     "auditivo|auditiva|auditivos"},
	{RCD_AUDIO_NEVER, ANYWHERE, "deaf", "problema|problemas|perda de|da audicao"},
	{RCD_AUDIO_NEVER, ANYWHERE, "deaf", "am|m quite|very? deaf"},
	{RCD_AUDIO_NEVER, ANYWHERE, "deaf", "hard of hearing"},
	{RCD_AUDIO_NEVER, ANYWHERE, "deaf", "hearing impaired|loss"},
	{RCD_AUDIO_NEVER, BEFORE_END, "cannot_listen",
     "nao consigo|posso|vou? poder|conseguir? "
     "ouvir|escutar|ouco|escuto"},
	{RCD_AUDIO_NEVER, BEFORE_END, "cannot_listen", "nao da|tem|tenho pra|para|como ouvir|escutar"},
	{RCD_AUDIO_NEVER, BEFORE_END, "cannot_listen", "can|cannot t|not? hear|listen to?"},
	{RCD_AUDIO_NEVER, BEFORE_END, "cannot_listen", "no puedo oir|escuchar"},
	{RCD_AUDIO_NEVER, ANYWHERE, "no_audio", "nao me? " SEND_PT " me? " FILLS " " SOUND},
	{RCD_AUDIO_NEVER, ANYWHERE, "no_audio",
     "nao precisa|precisam de? me? " SEND_PT "? " FILLS " " SOUND},
	{RCD_AUDIO_NEVER, ANYWHERE, "no_audio",
     "nao quero|gosto|curto|aceito|suporto|prefiro " FILLS " " SOUND},
	{RCD_AUDIO_NEVER, ANYWHERE, "no_audio", "odeio|detesto " FILLS " audio|audios"},
	{RCD_AUDIO_NEVER, ASKED, "no_audio",
     "pare|parem|para|parar|deixa|deixe de|com me? mandar|"
     "enviar|responder? " FILLS " " SOUND},
	{RCD_AUDIO_NEVER, ANYWHERE, "no_audio", "chega|nada de audio|audios"},
	{RCD_AUDIO_NEVER, ALONE, "no_audio", WRITE_PT "|quero|prefiro|so? _? sem audio|audios"},
	{RCD_AUDIO_NEVER, ALONE, "no_audio", SEND_PT "? me? por|em|com? audio|audios nao"},
	{RCD_AUDIO_NEVER, ANYWHERE, "no_audio",
     "evite|evitem|evita mandar|enviar? " FILLS " audio|"
     "audios"},
	{RCD_AUDIO_NEVER, ANYWHERE, "no_audio",
     "do|don? not|t|dont want|like|need? to? " SEND_EN
     "|get|hear? me|any|more|a|an|with|by|in? any|more|a|an|with|by|in? " SOUND},
	{RCD_AUDIO_NEVER, ALONE, "no_audio", "no|without more? " SOUND " notes|note|messages|message?"},
	{RCD_AUDIO_NEVER, ANYWHERE, "no_audio",
     "stop|quit sending|with me? the|these|any|more? " SOUND},
	{RCD_AUDIO_NEVER, ANYWHERE, "no_audio",
     "no me? mandes|mande|manden|envies|envie|envien|"
     "respondas mas|por|notas|de? de? audio|audios|voz"},
	{RCD_AUDIO_NEVER, ALONE, "no_audio", "sin audio|audios"},
	{RCD_AUDIO_NEVER, ASKED, "text",
     "em|no|ao vez|lugar|inves de|do|dos|duma? mensagem|"
     "mensagens|um|de? de? audio|audios|voz"},
	{RCD_AUDIO_NEVER, ASKED, "text", "instead of a|an|the? " SOUND},
	{RCD_AUDIO_NEVER, ANYWHERE, "text", "prefiro|quero|preciso|gostaria " FILLS " " WRITTEN},
	{RCD_AUDIO_NEVER, ANYWHERE, "text",
     "prefiro|quero que|me? voce|vc? me? escreva|escrevam|"
     "escrever"},
	{RCD_AUDIO_NEVER, ANYWHERE, "text", "prefiro ler|escrever|digitar"},
	{RCD_AUDIO_NEVER, ASKED, "text", WRITE_PT " " FILLS " por|em " WRITTEN},
	{RCD_AUDIO_NEVER, ALONE, "text", "resposta|respostas|mensagem|mensagens por? escrito"},
	{RCD_AUDIO_NEVER, ALONE, "text", "me? manda|mande|responde|responda texto"},
	{RCD_AUDIO_NEVER, ALONE, "text", "so|somente|apenas|tudo? por|em? " WRITTEN},
	{RCD_AUDIO_NEVER, ALONE, "text", "so|somente|apenas mensagem|mensagens? de? texto"},
	{RCD_AUDIO_NEVER, ANYWHERE, "text", "so|somente|apenas posso|consigo? ler|leio"},
	{RCD_AUDIO_NEVER, ANYWHERE, "text", "prefer text|texts|writing|written|reading"},
	{RCD_AUDIO_NEVER, ANYWHERE, "text", "prefer to|you? read|write"},
	{RCD_AUDIO_NEVER, ALONE, "text", "in|by writing|text"},
	{RCD_AUDIO_NEVER, ALONE, "text", "only|just? text only?"},
	{RCD_AUDIO_NEVER, ASKED, "text", "reply|answer|respond|write to|me? me? in|by writing|text"},
	{RCD_AUDIO_NEVER, ANYWHERE, "text", "prefiero por|el|los? texto|leer|escrito|mensajes"},

	{RCD_AUDIO_ALWAYS, ANYWHERE, "blind",
     "sou|soy quase|parcialmente|totalmente|meio? cego|"
     "cega|ciego|ciega|analfabeto|analfabeta"},
	{RCD_AUDIO_ALWAYS, ANYWHERE, "blind", "deficiente|deficiencia visual"},
	{RCD_AUDIO_ALWAYS, ANYWHERE, "blind", "am|m blind"},
	{RCD_AUDIO_ALWAYS, BEFORE_END, "blind", "nao sei ler|escrever"},
	{RCD_AUDIO_ALWAYS, BEFORE_END, "blind", "nao enxergo|leio"},
	{RCD_AUDIO_ALWAYS, ANYWHERE, "prefers_audio", "prefiro|prefiero " FILLS " " SOUND},
	{RCD_AUDIO_ALWAYS, ANYWHERE, "prefers_audio", "prefiro ouvir|escutar"},
	{RCD_AUDIO_ALWAYS, ANYWHERE, "prefers_audio",
     "prefiro que voce|vc|me? me? " SEND_PT " me|"
     "comigo? " FILLS " " SOUND},
	{RCD_AUDIO_ALWAYS, ANYWHERE, "prefers_audio", "gosto mais " FILLS " " SOUND},
	{RCD_AUDIO_ALWAYS, ASKED, "prefers_audio", "sempre por|em|com|um? " SOUND},
	{RCD_AUDIO_ALWAYS, ANYWHERE, "prefers_audio",
     "prefer a|an|to|by|the? " SOUND "|listen|"
     "listening"},
	{RCD_AUDIO_ALWAYS, ASKED, "prefers_audio",
     "always " SEND_EN " me|with|by|in? a|an|in|by? "
     "" SOUND},
	{RCD_AUDIO_ALWAYS, ASKED, "prefers_audio", "em|no|ao vez|lugar|inves de|do texto|escrever"},
	{RCD_AUDIO_ALWAYS, ASKED, "prefers_audio", "instead of text|writing"},
};

/* Words allowed after "não consigo ouvir": none refers to one certain note. */
static const char *const general[] = {
	"agora",    "ahora",     "aqui",  "at",     "audio",    "audios", "at",    "hoje", "mais",
	"mensagem", "mensagens", "nem",   "nenhum", "no",       "nada",   "notas", "now",  "on",
	"pq",       "porque",    "texto", "textos", "trabalho", "tudo",   "voice", "voz",
};
