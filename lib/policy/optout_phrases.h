/* The phrases of optout.c, as patterns (phrase.h), folded; included there alone.
 *
 * Left out on purpose: "cancelar" and "cancela" (an order is cancelled far more often than
 * messages are; CANCEL in English is the carriers' own word), "para" (a preposition), "alto" and
 * "fim", "cancelar inscricao" and "cancelar assinatura" (a course, a magazine), HELP and AJUDA (a
 * question: somebody answers). */

#define MESSAGES                                                                                   \
	"mensagem|mensagens|msg|msgs|sms|whatsapp|whats|zap|aviso|avisos|notificacao|notificacoes|"    \
	"contato|contatos|nada"
#define ADS                                                                                        \
	"promocao|promocoes|promo|promos|oferta|ofertas|propaganda|propagandas|publicidade|"           \
	"publicidades|anuncio|anuncios|"                                                               \
	"marketing|campanha|campanhas|novidades|spam|publicidad|promociones|offers|promotions|ads|"    \
	"advertising|deals|newsletter"
#define OF_YOURS                                                                                   \
	"de|do|da|das|dos|desse|deste|dessa|desta|as|os|suas|essas|esses|estas|nenhuma|nenhum|"        \
	"tantas|tanta|mais"
#define YOU "voces|voce|vcs|vc|numero|empresa|loja|aqui|mim|contato"
#define NOT_WANT_PT "eu? nao quero|desejo|gostaria|aceito|autorizo de?"
#define NOT_EN "i? do|don? not|t|dont"
#define HALT_PT "pode|podem|quero? pare|parem|parar|chega"
#define SENDING "mandar|enviar|encaminhar|mandarem|enviarem|mandando|enviando|receber|disparar"
#define REMOVE                                                                                     \
	"tira|tire|tirem|tirar|remova|remove|removam|remover|retire|retirem|retirar|exclua|excluam|"   \
	"excluir|descadastra|descadastre|descadastrem|descadastrar"
#define LIST "lista|listas|cadastro|grupo|transmissao|envio|envios|mailing|base"
#define FROM_LIST                                                                                  \
	" da|do|desta|deste|dessa|desse|das|de sua? " LIST " de|da|do? transmissao|mensagens|"         \
	"contatos|envio|envios|voces|whatsapp|clientes?"

static const struct {
	enum rcd_optout means;
	const char *pattern;
} phrases[] = {
	/* one word, as carriers and Twilio know them, and as people here write them */
	{RCD_OPTOUT_STOP, "stop|stopall|unsubscribe|cancel|end|quit|revoke|optout"},
	{RCD_OPTOUT_STOP, "pare|parem|parar|sair|remover|descadastrar|descadastre|descadastra|"
                      "descadastro|desinscrever"},
	{RCD_OPTOUT_STOP, "baja|detener|desuscribir|desuscribirme"},
	{RCD_OPTOUT_STOP, "stop|opt all|out"},
	/* no more messages */
	{RCD_OPTOUT_STOP, NOT_WANT_PT " mais? receber mais? " OF_YOURS "? " OF_YOURS "? " MESSAGES
                                  " " OF_YOURS "? " YOU "? mais?"},
	{RCD_OPTOUT_STOP,
     NOT_WANT_PT " " OF_YOURS "? mensagens|msgs|notificacoes " OF_YOURS "? " YOU "?"},
	{RCD_OPTOUT_STOP, NOT_WANT_PT " mais " OF_YOURS "? mensagem|mensagens|msg|msgs|sms|"
                                  "notificacoes " OF_YOURS "? " YOU "?"},
	{RCD_OPTOUT_STOP, NOT_WANT_PT " mais? ser contatado|contatada|incomodado|incomodada|"
                                  "perturbado|perturbada"},
	{RCD_OPTOUT_STOP, HALT_PT " de? me? " SENDING " me? mais? " OF_YOURS "? " MESSAGES " " OF_YOURS
                              "|pra|para? " YOU "? aqui?"},
	{RCD_OPTOUT_STOP, "para de me? " SENDING " me? mais? " OF_YOURS "? " MESSAGES " " OF_YOURS
                      "|pra|para? " YOU "? aqui?"},
	{RCD_OPTOUT_STOP, "quero|queria|gostaria|desejo de? deixar|parar de? receber as|suas|"
                      "essas? mensagem|mensagens|msg|msgs|sms de? voces?"},
	{RCD_OPTOUT_STOP, "quero|queria|gostaria|prefiro|desejo de? nao receber mais? mensagem|"
                      "mensagens|msg|msgs|sms|nada mais? de? voces?"},
	{RCD_OPTOUT_STOP, "pare|parem|parar de receber"},
	{RCD_OPTOUT_STOP, HALT_PT " com|as|de? as|essas|esses|estas|tantas|tanta? mensagem|"
                              "mensagens|msgs|msg|sms|notificacoes"},
	{RCD_OPTOUT_STOP, "para com as|essas|esses|estas|tantas|tanta? mensagem|mensagens|msgs|msg|"
                      "sms|notificacoes"},
	{RCD_OPTOUT_STOP, "pare|parem|para|parar|chega de me incomodar|perturbar|encher|chamar|"
                      "importunar aqui?"},
	{RCD_OPTOUT_STOP,
     "nao me? mande|mandem|manda|envie|enviem|envia|mandar|enviar me? mais " OF_YOURS "? " MESSAGES
     " mais? pra|para? mim?"},
	{RCD_OPTOUT_STOP, "nao me? mande|mandem|manda|envie|enviem|envia|mandar|enviar me? "
                      "mensagem|mensagens|msg|msgs|nada mais pra|para? mim?"},
	{RCD_OPTOUT_STOP, "nao me chame|chamem|contate|contatem|incomode|incomodem|perturbe|"
                      "perturbem|escreva|escrevam|procure|procurem mais"},
	{RCD_OPTOUT_STOP, "me deixa|deixe|deixem em paz"},
	/* off the list */
	{RCD_OPTOUT_STOP, "pode|quero|queria|gostaria? de? que? me? " REMOVE " me?" FROM_LIST},
	{RCD_OPTOUT_STOP, "pode? me? " REMOVE " o? meu|minha|meus|este|esse? numero|contato|"
                      "telefone|nome|celular|whatsapp" FROM_LIST},
	{RCD_OPTOUT_STOP, "quero|queria|gostaria|desejo|preciso de? me descadastrar|desinscrever|"
                      "desinscreva"},
	{RCD_OPTOUT_STOP, "quero|queria|gostaria|desejo de? ser removido|removida|descadastrado|"
                      "descadastrada|excluido|excluida da|desta|dessa|de? sua? " LIST "?"},
	{RCD_OPTOUT_STOP, "quero|queria|gostaria|desejo? de? sair" FROM_LIST},
	{RCD_OPTOUT_STOP, "me? " REMOVE " me?" FROM_LIST},
	{RCD_OPTOUT_STOP, "me descadastra|descadastre|descadastrem"},
	{RCD_OPTOUT_STOP, "cancelar|cancela|cancele|cancelem as|os? mensagens|msgs|sms|notificacoes"},
	{RCD_OPTOUT_STOP, "quero|queria|gostaria|desejo? de? cancelar|cancela|cancele|cancelem o? "
                      "recebimento|envio de|das mensagens|msgs|sms|notificacoes"},
	/* English */
	{RCD_OPTOUT_STOP, "stop sending|texting|messaging|contacting|bothering me? any|these|the? "
                      "more|of? your|these? messages|message|texts|text|sms|msgs?"},
	{RCD_OPTOUT_STOP, "stop all|these|the|your? messages|texts|sms"},
	{RCD_OPTOUT_STOP, NOT_EN " text|message|contact|send|write|bother me any|anymore|again|"
                             "more? more? messages|texts? again|anymore?"},
	{RCD_OPTOUT_STOP, NOT_EN " want to|any|more receive|get|hear|have? any|more? more? of? "
                             "your? messages|texts|sms from? you? anymore?"},
	{RCD_OPTOUT_STOP, "no more messages|texts|sms"},
	{RCD_OPTOUT_STOP, "remove|take me|us|my number? from|off your|the|this? mailing|contact? "
                      "list|lists|database"},
	{RCD_OPTOUT_STOP, "remove me"},
	{RCD_OPTOUT_STOP, "i? want|would|d|wish like? to unsubscribe|stop|opt out|messages?"},
	{RCD_OPTOUT_STOP, "unsubscribe me"},
	{RCD_OPTOUT_STOP, "opt me out"},
	/* Spanish */
	{RCD_OPTOUT_STOP, "no quiero|deseo recibir mas? mas|sus|estos? mensajes|mensaje|sms|nada "
                      "de? ustedes?"},
	{RCD_OPTOUT_STOP, "no quiero|deseo mas mensajes|sms"},
	{RCD_OPTOUT_STOP, "deja|deje|dejen|paren|pare de enviarme|mandarme|escribirme|enviar|"
                      "mandar mas? mensajes?"},
	{RCD_OPTOUT_STOP, "no me envien|manden|escriban|envie|mande|escriba|envies|mandes mas "
                      "mensajes|sms|nada?"},
	{RCD_OPTOUT_STOP, "quiero? darme|dar|darse de baja"},
	{RCD_OPTOUT_STOP, "quiero? cancelar los? mensajes|sms"},

	/* none of one kind */
	{RCD_OPTOUT_NO_OFFERS,
     NOT_WANT_PT " mais? receber|ver? mais? " OF_YOURS "? " OF_YOURS "? "
                 "mensagens? de? " ADS " e|ou|nem? " ADS "? " OF_YOURS "? " YOU "?"},
	{RCD_OPTOUT_NO_OFFERS,
     "nao me? mande|mandem|manda|envie|enviem|mandar|enviar me? mais? " OF_YOURS "? " ADS
     " mais? pra|para? mim?"},
	{RCD_OPTOUT_NO_OFFERS, HALT_PT "|bloquear|cancelar|cancele de|com? me? mandar|enviar|"
                                   "receber? me? mais? " OF_YOURS "? " ADS},
	{RCD_OPTOUT_NO_OFFERS, "para de|com me? mandar|enviar? me? mais? " OF_YOURS "? " ADS},
	{RCD_OPTOUT_NO_OFFERS, "sem mais " ADS},
	{RCD_OPTOUT_NO_OFFERS, "nada de propaganda|propagandas|promocoes|promocao|spam|marketing"},
	{RCD_OPTOUT_NO_OFFERS, "stop|no|block sending|more? me? more|your|these|the? " ADS},
	{RCD_OPTOUT_NO_OFFERS, NOT_EN " want|send to|any|me? receive|get|see|any|more? any|more|"
                                  "your? more|your? " ADS " anymore?"},
	{RCD_OPTOUT_NO_OFFERS, "no quiero|deseo recibir|ver? mas? sus? " ADS},

	/* again */
	{RCD_OPTOUT_START, "start|unstop|voltar|subscribe|resume|iniciar|comecar|recomecar|"
                       "reativar|retomar|optin|alta|volver"},
	{RCD_OPTOUT_START, "opt in"},
	{RCD_OPTOUT_START, "quero|pode|queria|podem? voltar|volte|voltem a? receber|mandar|enviar|"
                       "falar? as|suas? mensagens|msgs|mensagem? de? voces? novamente?"},
	{RCD_OPTOUT_START, "quero|desejo|aceito receber as|suas? mensagens|msgs|mensagem? de? "
                       "voces? de|novamente novo? novamente?"},
	{RCD_OPTOUT_START, "quero|desejo|aceito receber de? novo|novamente|mensagens as|suas? "
                       "mensagens?"},
	{RCD_OPTOUT_START, "pode|podem me? mandar|enviar mensagem|mensagens|msgs de|novamente novo?"},
	{RCD_OPTOUT_START, "i? want|would like? to? receive|get|restart|resume your? messages again?"},
	{RCD_OPTOUT_START, "quiero recibir sus|los? mensajes de|otra? nuevo|vez?"},
	{RCD_OPTOUT_OFFERS, "quero|desejo|aceito|pode|podem voltar? a? receber|mandar|enviar as|"
                        "suas? " ADS " de|novamente? novo?"},
	{RCD_OPTOUT_OFFERS, "i? want|would|send like|me? to? receive|get? your|more? " ADS " again?"},
};
