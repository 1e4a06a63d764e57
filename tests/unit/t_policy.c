/* What customers ask of the conversation itself, told by rule: whole messages that are wishes, and
 * those that only sound like it. */

#include "base/limits.h"
#include "policy/audio_wish.h"
#include "policy/optout.h"
#include "policy/phrase.h"
#include "tests/t.h"

#include <string.h>

#define NONE RCD_OPTOUT_NONE
#define STOP RCD_OPTOUT_STOP
#define START RCD_OPTOUT_START
#define NO_OFFERS RCD_OPTOUT_NO_OFFERS
#define OFFERS RCD_OPTOUT_OFFERS

static const struct {
	const char *text;
	enum rcd_optout means;
} optouts[] = {
	/* one word, however it is written */
	{"STOP", STOP},
	{"stop", STOP},
	{"Stop.", STOP},
	{"  stop!!! \n", STOP},
	{"\"STOP\"", STOP},
	{"STOPALL", STOP},
	{"Stop all", STOP},
	{"unsubscribe", STOP},
	{"CANCEL", STOP},
	{"End", STOP},
	{"QUIT", STOP},
	{"REVOKE", STOP},
	{"OPTOUT", STOP},
	{"opt-out", STOP},
	{"opt out please", STOP},
	{"PARE", STOP},
	{"Parem!", STOP},
	{"parar", STOP},
	{"PÁRE", STOP},
	{"SAIR", STOP},
	{"Sair, por favor.", STOP},
	{"sair 🙏🏽", STOP},
	{"🛑 PARAR 🛑", STOP},
	{"Ｓ\xEF\xBC\xB4ＯＰ", STOP},
	{"pare pare pare", STOP},
	{"Por favor, pare", STOP},
	{"Pare já", STOP},
	{"oi, bom dia, parar", STOP},
	{"REMOVER", STOP},
	{"Descadastrar", STOP},
	{"desinscrever", STOP},
	{"BAJA", STOP},
	{"S\xE2\x80\x8BTOP", STOP},
	{"\xEF\xBB\xBFPARAR", STOP},
	{"sair obrigada", STOP},
	/* sentences that are nothing else */
	{"Não quero mais receber mensagens", STOP},
	{"nao quero mais receber msg de vcs", STOP},
	{"não quero receber nada de vocês", STOP},
	{"Eu não quero mais mensagens", STOP},
	{"não desejo receber mais mensagens suas", STOP},
	{"não autorizo mais receber mensagens", STOP},
	{"parem de me mandar mensagem", STOP},
	{"Pode parar de mandar mensagens, por favor?", STOP},
	{"para de me enviar mensagem", STOP},
	{"pare de enviar essas mensagens", STOP},
	{"chega de mensagens", STOP},
	{"não me mandem mais nada", STOP},
	{"não mande mais mensagens", STOP},
	{"não me chame mais", STOP},
	{"me deixa em paz", STOP},
	{"Me tira da lista", STOP},
	{"tirem meu número dessa lista", STOP},
	{"remove o meu número da lista de mensagens", STOP},
	{"quero sair da lista de transmissão", STOP},
	{"quero me descadastrar", STOP},
	{"cancelar o recebimento de mensagens", STOP},
	{"me descadastre", STOP},
	{"quero deixar de receber mensagens", STOP},
	{"gostaria de não receber mais mensagens", STOP},
	{"parar de receber", STOP},
	{"desejo cancelar o recebimento de mensagens", STOP},
	{"quero parar de receber mensagens", STOP},
	{"stop texting me", STOP},
	{"Please stop sending me messages", STOP},
	{"don't text me anymore", STOP},
	{"Do not contact me again", STOP},
	{"I don't want to receive any more messages", STOP},
	{"no more messages", STOP},
	{"remove me from your list", STOP},
	{"take me off this list", STOP},
	{"I want to unsubscribe", STOP},
	{"No quiero recibir más mensajes", STOP},
	{"dejen de enviarme mensajes", STOP},
	{"quiero darme de baja", STOP},
	{"no me manden más mensajes", STOP},
	/* no advertising */
	{"não quero mais promoções", NO_OFFERS},
	{"Não quero receber ofertas", NO_OFFERS},
	{"parar promoções", NO_OFFERS},
	{"Stop promotions", NO_OFFERS},
	{"pare de mandar propaganda", NO_OFFERS},
	{"chega de propaganda", NO_OFFERS},
	{"não me mande mais promoção", NO_OFFERS},
	{"no more offers please", NO_OFFERS},
	{"I don't want any more ads", NO_OFFERS},
	{"no quiero recibir publicidad", NO_OFFERS},
	{"não quero receber mensagens de propaganda", NO_OFFERS},
	{"não quero mais receber promoções e ofertas", NO_OFFERS},
	/* again */
	{"START", START},
	{"unstop", START},
	{"Voltar", START},
	{"VOLTAR!", START},
	{"quero receber de novo", START},
	{"Quero voltar a receber mensagens", START},
	{"pode mandar mensagem de novo", START},
	{"opt in", START},
	{"quero receber as mensagens novamente", START},
	{"quero receber promoções de novo", OFFERS},
	{"I want to receive your messages again", START},
	/* none, although it sounds like it */
	{"pode parar na portaria?", NONE},
	{"vou parar aí amanhã", NONE},
	{"como faço para sair da fila?", NONE},
	{"quero cancelar meu pedido 123", NONE},
	{"stop motion", NONE},
	{"cancelar", NONE},
	{"Cancela", NONE},
	{"cancelar inscrição", NONE},
	{"quero cancelar minha assinatura", NONE},
	{"cancela o envio", NONE},
	{"cancelar recebimento", NONE},
	{"para", NONE},
	{"para mensagens", NONE},
	{"quero mensagens", NONE},
	{"help", NONE},
	{"AJUDA", NONE},
	{"ayuda", NONE},
	{"info", NONE},
	{"quero parar de fumar", NONE},
	{"o ônibus vai parar aqui?", NONE},
	{"a que horas posso sair?", NONE},
	{"preciso sair agora, depois falo", NONE},
	{"vocês param para o almoço?", NONE},
	{"parou de chover?", NONE},
	{"não para de tocar", NONE},
	{"não consigo parar a máquina", NONE},
	{"meu pedido parou", NONE},
	{"end of the month?", NONE},
	{"the end", NONE},
	{"weekend", NONE},
	{"quitanda", NONE},
	{"fim", NONE},
	{"non stop", NONE},
	{"onde fica o ponto (bus stop)?", NONE},
	{"please cancel my order", NONE},
	{"remover mancha de vinho", NONE},
	{"como remover o lacre?", NONE},
	{"quero remover um item", NONE},
	{"não quero mais o pedido", NONE},
	{"não quero mais nada", NONE},
	{"não quero mensagem no cartão", NONE},
	{"não quero mensagem", NONE},
	{"sem mensagem", NONE},
	{"não quero receber em casa", NONE},
	{"não recebi mais mensagens de vocês", NONE},
	{"vocês não mandaram mais mensagem", NONE},
	{"não quero parar de receber mensagens", NONE},
	{"não pare", NONE},
	{"nunca pare de mandar ofertas", NONE},
	{"sem novidades", NONE},
	{"alguma novidade?", NONE},
	{"quais as promoções?", NONE},
	{"quero ofertas?", NONE},
	{"tem promoção hoje?", NONE},
	{"I do want messages", NONE},
	{"take me to the shop", NONE},
	{"no quiero nada", NONE},
	{"sim", NONE},
	{"não", NONE},
	{"", NONE},
	{"🛑", NONE},
	{"...", NONE},
	{"pare 2", NONE},
	{"4 pare", NONE},
	{"o que acontece se eu responder PARAR?", NONE},
	{"stop, quanto custa o frete?", NONE},
	{"O senhor pode parar o carro na frente da loja que eu desço para buscar", NONE},
};

static int optout(void)
{
	struct rcd_err err = {0};
	int ret = 0, wrong = 0;

	for (size_t i = 0; i < sizeof(optouts) / sizeof(optouts[0]); i++) {
		enum rcd_optout means;

		T_DO(rcd_optout_of(rcd_sv(optouts[i].text), &means, &err), err);
		if (means != optouts[i].means) {
			(void)fprintf(stderr, "\"%s\": %s, not %s\n", optouts[i].text, rcd_optout_reason[means],
			              rcd_optout_reason[optouts[i].means]);
			wrong++;
		}
	}
	T_INT(wrong, 0);
out:
	return ret;
}

static int optout_memory(void)
{
	struct rcd_err err = {0};
	enum rcd_optout means = NONE;
	int ret = 0;

	T_DO(rcd_optout_of(RCD_SV("Não quero mais receber mensagens!"), &means, &err), err);
	T_INT(means, STOP);
out:
	return ret;
}

/* --- voice notes ------------------------------------------------------------------------- */

#define ASKED RCD_AUDIO_ASKED
#define ALWAYS RCD_AUDIO_ALWAYS
#define NEVER RCD_AUDIO_NEVER
#define NOTHING RCD_AUDIO_NONE

static const struct {
	const char *text;
	enum rcd_audio_wish wish;
} audios[] = {
	/* this answer */
	{"me manda um áudio", ASKED},
	{"Pode responder por áudio, por favor?", ASKED},
	{"Estou dirigindo, me explica em áudio", ASKED},
	{"ME ENVIA UM ÁUDIO EXPLICANDO TUDO", ASKED},
	{"prefiro que você fale comigo por voz", ALWAYS},
	{"não consigo ler agora, manda áudio", ASKED},
	{"grava um audio pra mim?", ASKED},
	{"Quanto custa o queijo? Responde em áudio", ASKED},
	{"você consegue mandar áudio?", ASKED},
	{"can you send me a voice note?", ASKED},
	{"please reply by voice", ASKED},
	{"tell me in audio", ASKED},
	{"I want an audio", ASKED},
	{"pode mandar áudio", ASKED},
	{"manda em áudio", ASKED},
	{"Manda em áudio?", ASKED},
	{"pode falar, manda áudio", ASKED},
	{"envie um audio com os preços", ASKED},
	{"me responde com um áudio, tô dirigindo", ASKED},
	{"quero ouvir em áudio", ASKED},
	{"prefiro texto mas agora pode mandar áudio", ASKED},
	{"oi tudo bem olha eu tô dirigindo agora será que você pode me responder por áudio", ASKED},
	/* voice notes from now on */
	{"prefiro áudio", ALWAYS},
	{"Prefiro por áudio, obrigada", ALWAYS},
	{"sou cega", ALWAYS},
	{"sou deficiente visual", ALWAYS},
	{"gosto mais de áudio", ALWAYS},
	{"me responda sempre por áudio", ALWAYS},
	{"pode mandar sempre em áudio?", ALWAYS},
	{"I prefer voice notes", ALWAYS},
	{"I'm blind", ALWAYS},
	{"always reply by voice please", ALWAYS},
	{"prefiero audio", ALWAYS},
	{"não sei ler", ALWAYS},
	{"prefiro ouvir", ALWAYS},
	{"manda áudio em vez de texto", ALWAYS},
	/* none from now on */
	{"Sou surda, não mande áudio", NEVER},
	{"sou surda", NEVER},
	{"Oi, sou surdo. Quanto custa o queijo?", NEVER},
	{"eu sou deficiente auditiva", NEVER},
	{"tenho deficiência auditiva", NEVER},
	{"tenho um problema de audição", NEVER},
	{"não consigo ouvir", NEVER},
	{"não consigo ouvir áudio", NEVER},
	{"Não posso ouvir áudio agora, estou no trabalho", NEVER},
	{"não consigo escutar áudios", NEVER},
	{"não dá pra ouvir áudio aqui", NEVER},
	{"não tenho como ouvir áudio", NEVER},
	{"sem áudio por favor", NEVER},
	{"Sem áudio, por favor", NEVER},
	{"por escrito", NEVER},
	{"Por escrito, por favor!", NEVER},
	{"por escrito em vez de áudio", NEVER},
	{"prefiro texto", NEVER},
	{"prefiro por escrito", NEVER},
	{"prefiro que escreva", NEVER},
	{"pode responder por escrito?", NEVER},
	{"Você pode me responder por texto?", NEVER},
	{"manda por escrito", NEVER},
	{"responda em texto por favor", NEVER},
	{"só texto por favor", NEVER},
	{"não me mande mais áudio", NEVER},
	{"não quero áudio", NEVER},
	{"não quero mais receber áudio", NEVER},
	{"não gosto de áudio", NEVER},
	{"para de mandar áudio", NEVER},
	{"chega de áudio", NEVER},
	{"nada de áudios", NEVER},
	{"odeio áudio", NEVER},
	{"por favor não envie mensagem de voz", NEVER},
	{"áudio não", NEVER},
	{"escreva em vez de áudio", NEVER},
	{"não precisa mandar áudio", NEVER},
	{"texto em vez de áudio, pode ser?", NEVER},
	{"prefiro ler", NEVER},
	{"I'm deaf", NEVER},
	{"I am hard of hearing", NEVER},
	{"please don't send me voice notes", NEVER},
	{"no audio please", NEVER},
	{"can you reply in writing?", NEVER},
	{"text only please", NEVER},
	{"I prefer text", NEVER},
	{"I can't listen to voice notes", NEVER},
	{"text instead of audio", NEVER},
	{"soy sorda", NEVER},
	{"no me mandes audios", NEVER},
	{"prefiero texto", NEVER},
	{"no puedo escuchar audios", NEVER},
	{"pode mandar áudio? não, prefiro texto", NEVER},
	{"oi eu sou surda e queria saber o preço da entrega", NEVER},
	{"manda em texto em vez de áudio", NEVER},
	{"manda áudio não", NEVER},
	{"respostas por escrito, por favor", NEVER},
	{"evite áudio", NEVER},
	{"não mande áudio", NEVER},
	{"por favor, não me responda por áudio", NEVER},
	{"não quero áudio", NEVER},
	{"sem áudio, por favor", NEVER},
	{"don't send audio", NEVER},
	{"please stop sending voice notes", NEVER},
	{"recebi o seu áudio", NOTHING},
	{"ouvi o áudio de ontem", NOTHING},
	{"manda a tabela de preços", NOTHING},
	{"quanto custa a caixa de som com áudio bom", NOTHING},
	{"oi", NOTHING},
	{"", NOTHING},
	/* none, although it sounds like it */
	{"o áudio não tocou", NOTHING},
	{"você recebeu meu áudio?", NOTHING},
	{"não consigo ouvir o áudio", NOTHING},
	{"não consegui ouvir seu áudio", NOTHING},
	{"não consigo ouvir esse áudio", NOTHING},
	{"pode ouvir meu áudio?", NOTHING},
	{"pode escutar o áudio que mandei?", NOTHING},
	{"posso mandar um áudio?", NOTHING},
	{"vou mandar um áudio", NOTHING},
	{"vou te gravar um áudio explicando", NOTHING},
	{"quero mandar um áudio", NOTHING},
	{"mandei áudio ontem", NOTHING},
	{"não mandei áudio nenhum", NOTHING},
	{"não recebi o áudio", NOTHING},
	{"vocês não mandam áudio?", NOTHING},
	{"quero comprar um cabo de áudio", NOTHING},
	{"preciso de uma interface de áudio", NOTHING},
	{"tem aula de voz?", NOTHING},
	{"a TV está sem áudio", NOTHING},
	{"o vídeo veio sem áudio", NOTHING},
	{"não sou surda", NOTHING},
	{"não precisa ser por escrito", NOTHING},
	{"quero o texto do convite em azul", NOTHING},
	{"qual o texto da placa?", NOTHING},
	{"pode escrever o nome dela no bolo?", NOTHING},
	{"minha avó é surda", NOTHING},
	{"vocês atendem surdos?", NOTHING},
	{"você prefere texto ou áudio?", NOTHING},
	{"o áudio chegou cortado", NOTHING},
	{"can I send an audio?", NOTHING},
	{"I can't hear the audio", NOTHING},
	{"did you get my voice note?", NOTHING},
	{"não leio jornal", NOTHING},
	{"por escrito o contrato fica com quem?", NOTHING},
	{"caixa de voz", NOTHING},
	{"quanto custa o fone sem áudio espacial?", NOTHING},
};

static int audio(void)
{
	static const char *const name[RCD_N_AUDIO_WISHES] = {"nothing", "asked", "always", "never"};
	struct rcd_err err = {0};
	int ret = 0, wrong = 0;

	for (size_t i = 0; i < sizeof(audios) / sizeof(audios[0]); i++) {
		struct rcd_audio_said said;

		T_DO(rcd_audio_wish_of(rcd_sv(audios[i].text), &said, &err), err);
		if (said.wish != audios[i].wish) {
			(void)fprintf(stderr, "\"%s\": %s (%s), not %s\n", audios[i].text, name[said.wish],
			              said.reason, name[audios[i].wish]);
			wrong++;
		}
	}
	T_INT(wrong, 0);
out:
	return ret;
}

static int audio_memory(void)
{
	struct rcd_audio_said said = {.wish = NOTHING};
	struct rcd_err err = {0};
	int ret = 0;

	T_DO(rcd_audio_wish_of(RCD_SV("Sou surda, não mande áudio"), &said, &err), err);
	T_INT(said.wish, NEVER);
out:
	return ret;
}

/* Long texts, broken characters, folds that grow: no wish, no error. */
static int hostile(void)
{
	static const char *const piece[] = {"stop ", "pare ",        "\xEF\xB7\xBA",
	                                    "\xFF",  "\xE2\x80\x8B", "a"};
	char text[4096];
	struct rcd_err err = {0};
	struct rcd_audio_said said;
	enum rcd_optout means;
	int ret = 0;

	for (size_t i = 0; i < sizeof(piece) / sizeof(piece[0]); i++)
		for (size_t n = 0; n + 8 < sizeof(text); n = n * 2 + 1) {
			size_t len = 0;

			while (len < n)
				len += (size_t)snprintf(text + len, sizeof(text) - len, "%s", piece[i]);
			T_DO(rcd_optout_of((struct rcd_sv){text, len}, &means, &err), err);
			T_DO(rcd_audio_wish_of((struct rcd_sv){text, len}, &said, &err), err);
			T_INT(said.wish, NOTHING);
			if (means != NONE && i > 1)
				T_FAIL("piece %zu, %zu bytes: %d", i, len, (int)means);
		}
out:
	return ret;
}

const struct t_case t_cases[] = {
	{"optout", optout, 0},   {"optout_memory", optout_memory, T_OOM},
	{"audio", audio, 0},     {"audio_memory", audio_memory, T_OOM},
	{"hostile", hostile, 0}, {NULL, NULL, 0},
};
