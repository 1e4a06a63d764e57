/* What customers ask of the conversation itself, told by rule: whole messages that are wishes, and
 * those that only sound like it. */

#include "base/limits.h"
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
	{"STOP", STOP}, {"stop", STOP}, {"Stop.", STOP}, {"  stop!!! \n", STOP}, {"\"STOP\"", STOP}, {"STOPALL", STOP},
	{"Stop all", STOP}, {"unsubscribe", STOP}, {"CANCEL", STOP}, {"End", STOP}, {"QUIT", STOP}, {"REVOKE", STOP},
	{"OPTOUT", STOP}, {"opt-out", STOP}, {"opt out please", STOP}, {"PARE", STOP}, {"Parem!", STOP}, {"parar", STOP},
	{"PÁRE", STOP}, {"SAIR", STOP}, {"Sair, por favor.", STOP}, {"sair 🙏🏽", STOP}, {"🛑 PARAR 🛑", STOP},
	{"Ｓ\xEF\xBC\xB4ＯＰ", STOP}, {"pare pare pare", STOP}, {"Por favor, pare", STOP}, {"Pare já", STOP},
	{"oi, bom dia, parar", STOP}, {"REMOVER", STOP}, {"Descadastrar", STOP}, {"desinscrever", STOP}, {"BAJA", STOP},
	{"S\xE2\x80\x8BTOP", STOP}, {"\xEF\xBB\xBFPARAR", STOP}, {"sair obrigada", STOP},
	/* sentences that are nothing else */
	{"Não quero mais receber mensagens", STOP}, {"nao quero mais receber msg de vcs", STOP},
	{"não quero receber nada de vocês", STOP}, {"Eu não quero mais mensagens", STOP},
	{"não desejo receber mais mensagens suas", STOP}, {"não autorizo mais receber mensagens", STOP},
	{"parem de me mandar mensagem", STOP}, {"Pode parar de mandar mensagens, por favor?", STOP},
	{"para de me enviar mensagem", STOP}, {"pare de enviar essas mensagens", STOP}, {"chega de mensagens", STOP},
	{"não me mandem mais nada", STOP}, {"não mande mais mensagens", STOP}, {"não me chame mais", STOP},
	{"me deixa em paz", STOP}, {"Me tira da lista", STOP}, {"tirem meu número dessa lista", STOP},
	{"remove o meu número da lista de mensagens", STOP}, {"quero sair da lista de transmissão", STOP},
	{"quero me descadastrar", STOP}, {"cancelar o recebimento de mensagens", STOP}, {"me descadastre", STOP},
	{"stop texting me", STOP}, {"Please stop sending me messages", STOP}, {"don't text me anymore", STOP},
	{"Do not contact me again", STOP}, {"I don't want to receive any more messages", STOP}, {"no more messages", STOP},
	{"remove me from your list", STOP}, {"take me off this list", STOP}, {"I want to unsubscribe", STOP},
	{"No quiero recibir más mensajes", STOP}, {"dejen de enviarme mensajes", STOP}, {"quiero darme de baja", STOP},
	{"no me manden más mensajes", STOP},
	/* no advertising */
	{"não quero mais promoções", NO_OFFERS}, {"Não quero receber ofertas", NO_OFFERS}, {"parar promoções", NO_OFFERS},
	{"Stop promotions", NO_OFFERS}, {"pare de mandar propaganda", NO_OFFERS}, {"chega de propaganda", NO_OFFERS},
	{"não me mande mais promoção", NO_OFFERS}, {"no more offers please", NO_OFFERS},
	{"I don't want any more ads", NO_OFFERS}, {"no quiero recibir publicidad", NO_OFFERS},
	{"não quero receber mensagens de propaganda", NO_OFFERS},
	/* again */
	{"START", START}, {"unstop", START}, {"Voltar", START}, {"VOLTAR!", START}, {"quero receber de novo", START},
	{"Quero voltar a receber mensagens", START}, {"pode mandar mensagem de novo", START}, {"opt in", START},
	{"quero receber as mensagens novamente", START}, {"quero receber promoções de novo", OFFERS},
	{"I want to receive your messages again", START},
	/* none, although it sounds like it */
	{"pode parar na portaria?", NONE}, {"vou parar aí amanhã", NONE}, {"como faço para sair da fila?", NONE},
	{"quero cancelar meu pedido 123", NONE}, {"stop motion", NONE}, {"cancelar", NONE}, {"Cancela", NONE},
	{"cancelar inscrição", NONE}, {"quero cancelar minha assinatura", NONE}, {"cancela o envio", NONE},
	{"cancelar recebimento", NONE}, {"para", NONE}, {"para mensagens", NONE}, {"quero mensagens", NONE}, {"help", NONE},
	{"AJUDA", NONE}, {"ayuda", NONE}, {"info", NONE}, {"quero parar de fumar", NONE}, {"o ônibus vai parar aqui?", NONE},
	{"a que horas posso sair?", NONE}, {"preciso sair agora, depois falo", NONE}, {"vocês param para o almoço?", NONE},
	{"parou de chover?", NONE}, {"não para de tocar", NONE}, {"não consigo parar a máquina", NONE},
	{"meu pedido parou", NONE}, {"end of the month?", NONE}, {"the end", NONE}, {"weekend", NONE}, {"quitanda", NONE},
	{"fim", NONE}, {"non stop", NONE}, {"onde fica o ponto (bus stop)?", NONE}, {"please cancel my order", NONE},
	{"remover mancha de vinho", NONE}, {"como remover o lacre?", NONE}, {"quero remover um item", NONE},
	{"não quero mais o pedido", NONE}, {"não quero mais nada", NONE}, {"não quero mensagem no cartão", NONE},
	{"não quero mensagem", NONE}, {"sem mensagem", NONE}, {"não quero receber em casa", NONE},
	{"não recebi mais mensagens de vocês", NONE}, {"vocês não mandaram mais mensagem", NONE},
	{"não quero parar de receber mensagens", NONE}, {"não pare", NONE}, {"nunca pare de mandar ofertas", NONE},
	{"sem novidades", NONE}, {"alguma novidade?", NONE}, {"quais as promoções?", NONE}, {"quero ofertas?", NONE},
	{"tem promoção hoje?", NONE}, {"I do want messages", NONE}, {"take me to the shop", NONE}, {"no quiero nada", NONE},
	{"sim", NONE}, {"não", NONE}, {"", NONE}, {"🛑", NONE}, {"...", NONE}, {"pare 2", NONE}, {"4 pare", NONE},
	{"o que acontece se eu responder PARAR?", NONE}, {"stop, quanto custa o frete?", NONE},
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

/* Long texts, broken characters, folds that grow: no wish, no error. */
static int hostile(void)
{
	static const char *const piece[] = {"stop ", "pare ", "\xEF\xB7\xBA", "\xFF", "\xE2\x80\x8B", "a"};
	char text[4096];
	struct rcd_err err = {0};
	enum rcd_optout means;
	int ret = 0;

	for (size_t i = 0; i < sizeof(piece) / sizeof(piece[0]); i++)
		for (size_t n = 0; n + 8 < sizeof(text); n = n * 2 + 1) {
			size_t len = 0;

			while (len < n)
				len += (size_t)snprintf(text + len, sizeof(text) - len, "%s", piece[i]);
			T_DO(rcd_optout_of((struct rcd_sv){text, len}, &means, &err), err);
			if (means != NONE && i > 1)
				T_FAIL("piece %zu, %zu bytes: %d", i, len, (int)means);
		}
out:
	return ret;
}

const struct t_case t_cases[] = {
	{"optout", optout, 0},
	{"optout_memory", optout_memory, T_OOM},
	{"hostile", hostile, 0},
	{NULL, NULL, 0},
};
