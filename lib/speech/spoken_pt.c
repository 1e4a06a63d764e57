/* What Brazilian Portuguese says: numbers in words, genders, dates, and the lists of what is
 * abbreviated. */

#include "speech/spoken_int.h"

#include <string.h>

/* --- numbers ------------------------------------------------------------------------------ */

static const char *const ones[20] = {"zero",   "um",        "dois",      "três",    "quatro",
                                     "cinco",  "seis",      "sete",      "oito",    "nove",
                                     "dez",    "onze",      "doze",      "treze",   "quatorze",
                                     "quinze", "dezesseis", "dezessete", "dezoito", "dezenove"};
static const char *const feminines[3] = {"zero", "uma", "duas"};
static const char *const tens[10] = {"",          "",         "vinte",   "trinta",  "quarenta",
                                     "cinquenta", "sessenta", "setenta", "oitenta", "noventa"};
static const char *const hundreds[10] = {"",           "cento",    "duzent",   "trezent",
                                         "quatrocent", "quinhent", "seiscent", "setecent",
                                         "oitocent",   "novecent"};

static void say_below_thousand(struct rcd_buf *out, unsigned n, bool feminine)
{
	if (n == 100) {
		rcd_buf_str(out, "cem");
		return;
	}
	if (n > 100) {
		rcd_buf_str(out, hundreds[n / 100]);
		if (n >= 200)
			rcd_buf_str(out, feminine ? "as" : "os");
		n %= 100;
		if (n > 0)
			rcd_buf_str(out, " e ");
	}
	if (n >= 20) {
		rcd_buf_str(out, tens[n / 10]);
		n %= 10;
		if (n > 0)
			rcd_buf_str(out, " e ");
	}
	if (n == 1 || n == 2)
		rcd_buf_str(out, feminine ? feminines[n] : ones[n]);
	else if (n > 0)
		rcd_buf_str(out, ones[n]);
}

static void say_cardinal(struct rcd_buf *out, uint64_t n, bool feminine)
{
	static const char *const one[] = {"", " mil", " milhão", " bilhão", " trilhão"};
	static const char *const many[] = {"", " mil", " milhões", " bilhões", " trilhões"};
	uint64_t unit = 1000000000000;
	bool begun = false;

	if (n == 0)
		rcd_buf_str(out, ones[0]);
	for (int i = 4; i >= 0; i--, unit /= 1000) {
		unsigned group = (unsigned)(n / unit);

		if (group == 0)
			continue;
		n %= unit;
		if (begun)
			rcd_buf_str(out, n == 0 && (group < 100 || group % 100 == 0) ? " e " : " ");
		if (i == 1 && group == 1)
			rcd_buf_str(out, "mil");
		else
			say_below_thousand(out, group, feminine && i < 2);
		if (i > 1 || group > 1)
			rcd_buf_str(out, group == 1 ? one[i] : many[i]);
		begun = true;
	}
}

static bool say_ordinal(struct rcd_buf *out, uint64_t n, bool feminine)
{
	static const char *const stem[3][10] =
		{{"", "primeir", "segund", "terceir", "quart", "quint", "sext", "sétim", "oitav", "non"},
	     {"", "décim", "vigésim", "trigésim", "quadragésim", "quinquagésim", "sexagésim",
	      "septuagésim", "octogésim", "nonagésim"},
	     {"", "centésim", "ducentésim", "trecentésim", "quadringentésim", "quingentésim",
	      "sexcentésim", "septingentésim", "octingentésim", "noningentésim"}};
	bool begun = false;

	if (n == 0 || n > 999)
		return false;
	for (unsigned i = 3, unit = 100; i-- > 0; unit /= 10) {
		unsigned digit = (unsigned)n / unit % 10;

		if (digit == 0)
			continue;
		if (begun)
			rcd_buf_ch(out, ' ');
		rcd_buf_str(out, stem[i][digit]);
		rcd_buf_ch(out, feminine ? 'a' : 'o');
		begun = true;
	}
	return true;
}

/* --- genders ------------------------------------------------------------------------------ */

static bool is_feminine(struct rcd_sv noun)
{
	static const char *const not [] =
		{"dia",       "dias",          "problema", "problemas", "sistema",    "sistemas",
	     "programa",  "programas",     "mapa",     "mapas",     "tema",       "temas",
	     "idioma",    "idiomas",       "grama",    "gramas",    "quilograma", "quilogramas",
	     "miligrama", "miligramas",    "cinema",   "cinemas",   "planeta",    "planetas",
	     "pijama",    "pijamas",       "sofás",    "diploma",   "diplomas",   "esquema",
	     "esquemas",  "guarda-chuvas", "para",     "da",        "das",        "na",
	     "nas",       "cada",          "pela",     "pelas",     "custa",      "mas",
	     "ela",       "elas",          "ainda",    "agora",     "era",        "fica",
	     "uma",       "apenas",        "nossa",    "sua",       "ou",         "seja",
	     "inclua",    "vai",           "atas",     "motorista", "motoristas", "dentista",
	     "dentistas", "dálmatas",      NULL};
	static const char *const yes[] =
		{"vez",     "vezes",    "mulher",     "mulheres",  "mãe",        "mães",     "noite",
	     "noites",  "parte",    "partes",     "tarde",     "tardes",     "chave",    "chaves",
	     "classe",  "classes",  "fase",       "fases",     "equipe",     "equipes",  "rede",
	     "redes",   "base",     "bases",      "frase",     "frases",     "torre",    "torres",
	     "flor",    "flores",   "cor",        "cores",     "mão",        "mãos",     "série",
	     "séries",  "carne",    "carnes",     "luz",       "luzes",      "voz",      "vozes",
	     "lei",     "leis",     "fonte",      "fontes",    "pele",       "gravidez", "ordem",
	     "ordens",  "imagem",   "imagens",    "viagem",    "viagens",    "mensagem", "mensagens",
	     "garagem", "garagens", "hospedagem", "embalagem", "embalagens", "postagem", "postagens",
	     "nuvem",   "nuvens",   NULL};
	static const char *const ends[] = {"a",     "as",   "ção",   "ções", "ssão",
	                                   "ssões", "dade", "dades", "ã",    "ãs"};

	if (noun.n < 3 || rcd_spoken_listed(noun, not ))
		return false;
	if (rcd_spoken_listed(noun, yes))
		return true;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (rcd_sv_ends(noun, rcd_sv(ends[i])))
			return true;
	return false;
}

/* --- times -------------------------------------------------------------------------------- */

static const char *const months[] = {"janeiro",  "fevereiro", "março",    "abril",
                                     "maio",     "junho",     "julho",    "agosto",
                                     "setembro", "outubro",   "novembro", "dezembro"};

static void say_date(struct rcd_buf *out, const struct rcd_spoken_date *d)
{
	if (d->d == 1)
		rcd_buf_str(out, "primeiro de ");
	else if (d->d > 0) {
		say_cardinal(out, (uint64_t)d->d, false);
		rcd_buf_str(out, " de ");
	}
	rcd_buf_str(out, months[d->m - 1]);
	if (d->y == 0)
		return;
	rcd_buf_str(out, " de ");
	say_cardinal(out, (uint64_t)d->y, false);
}

static void say_year(struct rcd_buf *out, uint64_t y)
{
	say_cardinal(out, y, false);
}

static void say_count(struct rcd_buf *out, int n, bool woman, const char *one, const char *many)
{
	say_cardinal(out, (uint64_t)n, woman);
	rcd_buf_str(out, n < 2 ? one : many);
}

/* bare: the word "horas" follows in what is said next. */
static void say_clock(struct rcd_buf *out, const struct rcd_spoken_clock *c, bool bare)
{
	if (c->s >= 0) {
		say_count(out, c->h, true, " hora, ", " horas, ");
		say_count(out, c->m, false, " minuto e ", " minutos e ");
		say_count(out, c->s, false, " segundo", " segundos");
	} else if (c->span) {
		say_count(out, c->h, true, " hora e ", " horas e ");
		say_count(out, c->m, false, " minuto", " minutos");
	} else if (c->m <= 0) {
		say_count(out, c->h, true, bare ? "" : " hora", bare ? "" : " horas");
	} else {
		say_cardinal(out, (uint64_t)c->h, true);
		rcd_buf_str(out, c->h == 0 ? " hora e " : " e ");
		say_cardinal(out, (uint64_t)c->m, false);
	}
}

static void say_clock_range(struct rcd_spoken *s, const struct rcd_spoken_clock *a,
                            const struct rcd_spoken_clock *b)
{
	static const char *const begun[] = {"das", "de", "da", "entre", "às", NULL};

	if (!rcd_spoken_listed(s->last, begun))
		rcd_buf_str(s->out, a->h == 1 ? "da " : "das ");
	say_clock(s->out, a, b->m <= 0 && a->m <= 0);
	rcd_buf_str(s->out, b->h == 1 || b->h == 0 ? " à " : " às ");
	say_clock(s->out, b, false);
}

/* --- lists -------------------------------------------------------------------------------- */

/* clang-format off */
static const char *const letters[26] = {
	"a", "bê", "cê", "dê", "e", "efe", "gê", "agá", "i", "jota", "cá", "ele", "eme",
	"ene", "o", "pê", "quê", "erre", "esse", "tê", "u", "vê", "dáblio", "xis", "ípsilon", "zê"};
static const char *const parts[] = {
	"terço", "quarto", "quinto", "sexto", "sétimo", "oitavo", "nono", "décimo"};

static const struct rcd_spoken_unit units[] = {
	{"km/h", "quilômetro por hora", "quilômetros por hora", false},
	{"km²", "quilômetro quadrado", "quilômetros quadrados", false},
	{"km2", "quilômetro quadrado", "quilômetros quadrados", false},
	{"cm²", "centímetro quadrado", "centímetros quadrados", false},
	{"m²", "metro quadrado", "metros quadrados", false},
	{"m2", "metro quadrado", "metros quadrados", false},
	{"cm³", "centímetro cúbico", "centímetros cúbicos", false},
	{"m³", "metro cúbico", "metros cúbicos", false},
	{"m3", "metro cúbico", "metros cúbicos", false},
	{"m/s", "metro por segundo", "metros por segundo", false},
	{"kg", "quilo", "quilos", false},
	{"Kg", "quilo", "quilos", false},
	{"KG", "quilo", "quilos", false},
	{"mg", "miligrama", "miligramas", false},
	{"g", "grama", "gramas", false},
	{"gr", "grama", "gramas", false},
	{"t", "tonelada", "toneladas", true},
	{"km", "quilômetro", "quilômetros", false},
	{"KM", "quilômetro", "quilômetros", false},
	{"cm", "centímetro", "centímetros", false},
	{"mm", "milímetro", "milímetros", false},
	{"m", "metro", "metros", false},
	{"ml", "mililitro", "mililitros", false},
	{"mL", "mililitro", "mililitros", false},
	{"ML", "mililitro", "mililitros", false},
	{"l", "litro", "litros", false},
	{"L", "litro", "litros", false},
	{"lt", "litro", "litros", false},
	{"ha", "hectare", "hectares", false},
	{"GB", "gigabyte", "gigabytes", false},
	{"MB", "megabyte", "megabytes", false},
	{"TB", "terabyte", "terabytes", false},
	{"KB", "quilobyte", "quilobytes", false},
	{"kB", "quilobyte", "quilobytes", false},
	{"Mbps", "megabit por segundo", "megabits por segundo", false},
	{"Gbps", "gigabit por segundo", "gigabits por segundo", false},
	{"kWh", "quilowatt-hora", "quilowatts-hora", false},
	{"kW", "quilowatt", "quilowatts", false},
	{"W", "watt", "watts", false},
	{"V", "volt", "volts", false},
	{"mAh", "miliampere-hora", "miliamperes-hora", false},
	{"MHz", "mega-hertz", "mega-hertz", false},
	{"GHz", "giga-hertz", "giga-hertz", false},
	{"Hz", "hertz", "hertz", false},
	{"BTUs", "bê tê u", "bê tê us", false},
	{"BTU", "bê tê u", "bê tê us", false},
	{"°C", "grau", "graus", false},
	{"ºC", "grau", "graus", false},
	{"°F", "grau Fahrenheit", "graus Fahrenheit", false},
	{"ºF", "grau Fahrenheit", "graus Fahrenheit", false},
	{"°", "grau", "graus", false},
	{"min", "minuto", "minutos", false},
	{"mins", "minuto", "minutos", false},
	{"seg", "segundo", "segundos", false},
	{"s", "segundo", "segundos", false},
	{"ms", "milissegundo", "milissegundos", false},
	{"hs", "hora", "horas", true},
	{"hrs", "hora", "horas", true},
	{"h", "hora", "horas", true},
	{"un.", "unidade", "unidades", true},
	{"un", "unidade", "unidades", true},
	{"und", "unidade", "unidades", true},
	{"pç", "peça", "peças", true},
	{"pçs", "peça", "peças", true},
	{"cx", "caixa", "caixas", true},
	{"pol", "polegada", "polegadas", true},
	{"€", "euro", "euros", false},
	{NULL, NULL, NULL, false}};

static const struct rcd_spoken_unit ordinal_marks[] = {
	{"º", NULL, NULL, false}, {"ª", NULL, NULL, true}, {".º", NULL, NULL, false},
	{".ª", NULL, NULL, true},
	{"°", NULL, NULL, false}, {NULL, NULL, NULL, false}};

static const struct rcd_spoken_money money[] = {
	{"R$", "real", "reais", "centavo", "centavos", false},
	{"US$", "dólar", "dólares", "centavo", "centavos", false},
	{"U$", "dólar", "dólares", "centavo", "centavos", false},
	{"BRL", "real", "reais", "centavo", "centavos", false},
	{"USD", "dólar", "dólares", "centavo", "centavos", false},
	{"EUR", "euro", "euros", "centavo", "centavos", false},
	{"$", "dólar", "dólares", "centavo", "centavos", false},
	{"€", "euro", "euros", "centavo", "centavos", false},
	{"£", "libra", "libras", "centavo", "centavos", true},
	{NULL, NULL, NULL, NULL, NULL, false}};

static const struct rcd_spoken_word abbreviations[] = {
	{"sr.(a)", "senhor ou senhora"}, {"sr(a).", "senhor ou senhora"},
	{"sr(a)", "senhor ou senhora"},
	{"srs.", "senhores"}, {"sras.", "senhoras"}, {"srta.", "senhorita"}, {"sra.", "senhora"},
	{"sr.", "senhor"}, {"dra.", "doutora"}, {"dr.", "doutor"}, {"drs.", "doutores"},
	{"profa.", "professora"}, {"prof.ª", "professora"}, {"prof.", "professor"},
	{"eng.", "engenheiro"},
	{"av.", "avenida"}, {"al.", "alameda"}, {"trav.", "travessa"}, {"tv.", "travessa"},
	{"pça.", "praça"},
	{"pç.", "praça"}, {"rod.", "rodovia"}, {"jd.", "jardim"}, {"vl.", "vila"}, {"pq.", "parque"},
	{"cj.", "conjunto"}, {"conj.", "conjunto"}, {"apto.", "apartamento"}, {"apto", "apartamento"},
	{"ap.", "apartamento"}, {"bl.", "bloco"}, {"qd.", "quadra"}, {"lt.", "lote"},
	{"compl.", "complemento"},
	{"n.º", "número"}, {"nº", "número"}, {"n°", "número"}, {"n.°", "número"}, {"nos.", "números"},
	{"núm.", "número"}, {"tels.", "telefones"}, {"tel.", "telefone"}, {"cel.", "celular"},
	{"fone/whats", "fone ou WhatsApp"}, {"cia.", "companhia"}, {"ltda.", "limitada"},
	{"ltda", "limitada"},
	{"LTDA.", "limitada"}, {"LTDA", "limitada"}, {"S.A.", "esse a"}, {"S/A", "esse a"},
	{"obs.", "observação"},
	{"obs:", "observação:"}, {"p.ex.", "por exemplo"}, {"p. ex.", "por exemplo"},
	{"ex.:", "exemplo:"},
	{"ex:", "exemplo:"}, {"etc.", "etcétera"}, {"etc", "etcétera"}, {"mín.", "mínimo"},
	{"máx.", "máximo"},
	{"aprox.", "aproximadamente"}, {"qtd.", "quantidade"}, {"qtde.", "quantidade"},
	{"pág.", "página"},
	{"págs.", "páginas"}, {"cap.", "capítulo"}, {"vol.", "volume"}, {"séc.", "século"},
	{"art.", "artigo"},
	{"ref.", "referência"}, {"ref:", "referência:"}, {"depto.", "departamento"},
	{"dep.", "departamento"},
	{"hab.", "habitantes"}, {"venc.", "vencimento"}, {"parc.", "parcela"}, {"pgto.", "pagamento"},
	{"pgto", "pagamento"}, {"end.", "endereço"}, {"c/", "com "}, {"p/", "para "},
	{"s/n", "sem número"},
	{"s/", "sem "}, {"e/ou", "e ou"}, {"vc", "você"}, {"vcs", "vocês"}, {"tbm", "também"},
	{"tb", "também"},
	{"hj", "hoje"}, {"obg", "obrigado"}, {"km", "quilômetro"}, {"kg", "quilo"},
	{"NF-e", "nota fiscal eletrônica"}, {"NFS-e", "nota fiscal de serviço"},
	{"NFe", "nota fiscal eletrônica"}, {"NF", "nota fiscal"}, {NULL, NULL}};

/* NULL: letter by letter. Capitals without a vowel are spelled in any case. */
static const struct rcd_spoken_word acronyms[] = {
	{"PIX", "Pix"}, {"CEP", "Cep"}, {"SUS", "Sus"}, {"SENAC", "Senac"}, {"SENAI", "Senai"},
	{"SESC", "Sesc"},
	{"SEBRAE", "Sebrae"}, {"PROCON", "Procon"}, {"DETRAN", "Detran"}, {"ANVISA", "Anvisa"},
	{"MEI", "Mei"},
	{"SAC", "Saque"}, {"PIS", "Pis"}, {"COFINS", "Cofins"}, {"ENEM", "Enem"}, {"UTI", NULL},
	{"CPF", NULL},
	{"INSS", NULL}, {"IPTU", NULL}, {"IPVA", NULL}, {"ICMS", NULL}, {"ISS", NULL}, {"OAB", NULL},
	{"EPP", NULL}, {"IOF", NULL}, {"TI", NULL}, {"API", NULL}, {"USB", NULL}, {"URL", NULL},
	{"FAQ", NULL},
	{"IA", NULL}, {"CEO", NULL}, {"EUA", NULL}, {"PDF", NULL}, {"SP", NULL}, {"RJ", NULL},
	{"MG", NULL},
	{"BA", NULL}, {"PE", NULL}, {"CE", NULL}, {"ES", NULL}, {"GO", NULL}, {"PA", NULL},
	{"SUV", NULL},
	{"IMEI", "Imei"}, {"ID", NULL}, {"UF", NULL}, {"RG", NULL}, {"CNAE", NULL}, {"IRPF", NULL},
	{NULL, NULL}};

static const struct rcd_spoken_word weekdays[] = {
	{"seg", "segunda"}, {"ter", "terça"}, {"qua", "quarta"}, {"qui", "quinta"}, {"sex", "sexta"},
	{"sáb", "sábado"}, {"sab", "sábado"}, {"dom", "domingo"}, {NULL, NULL}};

static const struct rcd_spoken_word signs[] = {
	{"&", " e "}, {"→", ", "}, {"⇒", ", "}, {"➡", ", "}, {"=", " igual a "}, {"≥", " pelo menos "},
	{"≤", " no máximo "}, {"×", " vezes "}, {"÷", " dividido por "}, {"±", " mais ou menos "},
	{"½", "meio"},
	{"¼", "um quarto"}, {"¾", "três quartos"}, {"§", "parágrafo "}, {"+", " mais "}, {"®", ""},
	{"™", ""},
	{"©", ""}, {"…", "..."}, {"“", "\""}, {"”", "\""}, {"’", "'"}, {"•", ", "}, {"|", ", "},
	{NULL, NULL}};

static const struct rcd_spoken_word pictures[] = {
	{"👍", "joinha"}, {"❤", "coração"}, {"💙", "coração"}, {"💚", "coração"}, {"😊", "sorriso"},
	{"🙂", "sorriso"}, {"😀", "sorriso"}, {"😄", "sorriso"}, {"😁", "sorriso"}, {"😉", "piscadinha"},
	{"😂", "risos"}, {"🤣", "risos"}, {"😍", "apaixonado"}, {"😘", "beijo"}, {"🙏", "obrigado"},
	{"👏", "palmas"}, {"🎉", "parabéns"}, {"🥳", "parabéns"}, {"🎂", "bolo de aniversário"},
	{"✅", "certo"},
	{"✔", "certo"}, {"❌", "não"}, {"👋", "aceno"}, {"😢", "triste"}, {"😭", "choro"}, {"😕", "confuso"},
	{"👌", "perfeito"}, {"💪", "força"}, {"🤝", "aperto de mão"}, {"🌹", "flor"}, {"🌸", "flor"},
	{"⭐", "estrela"}, {"🔥", "fogo"}, {"🚀", "foguete"}, {"☕", "café"}, {"📞", "telefone"},
	{NULL, NULL}};

static const struct rcd_spoken_shape shapes[] = {
	{"dd.ddd.ddd/dddd-dd", NULL}, {"ddd.ddd.ddd-dd", NULL}, {"dd.ddd.ddd-d", NULL},
	{"dd|ddd|ddd|dddd|dd", "CNPJ"}, {"ddd|ddd|ddd|dd", "CPF"}, {"ddddd|ddd", "CEP"},
	{"dd.ddd-ddd", NULL},
	{"ddddd-ddd", NULL}, {"+nn nn ddddd-dddd", NULL}, {"+nn (nn) ddddd-dddd", NULL},
	{"+nn nn dddd-dddd", NULL}, {"+nn (nn) dddd-dddd", NULL}, {"+nn nn ddddd dddd", NULL},
	{"+nn nn ddddd|dddd", NULL}, {"+nn nn dddd|dddd", NULL}, {"+nn|nn|ddddd|dddd", NULL},
	{"+nn|nn|dddd|dddd", NULL}, {"(nn) ddddd-dddd", NULL}, {"(nn) dddd-dddd", NULL},
	{"(nn) d dddd-dddd", NULL}, {"(nn)ddddd-dddd", NULL}, {"(nn)dddd-dddd", NULL},
	{"(nn) ddddd|dddd", NULL}, {"(nn) dddd|dddd", NULL}, {"(nn) ddddd dddd", NULL},
	{"nn ddddd-dddd", NULL}, {"nn dddd-dddd", NULL}, {"nn ddddd dddd", NULL},
	{"nn-ddddd-dddd", NULL},
	{"0800 ddd dddd", NULL}, {"0800-ddd-dddd", NULL}, {"0800 ddd dd dd", NULL},
	{"0800|ddd|dddd", NULL},
	{"0300 ddd dddd", NULL}, {"ddddd-dddd", NULL}, {"dddd-dddd", NULL},
	{"nn|ddddd|dddd", "WhatsApp"},
	{"nn|ddddd|dddd", "telefone"}, {"nn|ddddd|dddd", "celular"}, {NULL, NULL}};

static const struct rcd_spoken_roman romans[] = {
	{"século", 10}, {"séculos", 10}, {"séc.", 10}, {"capítulo", 0}, {"cap.", 0}, {"volume", 0},
	{"vol.", 0},
	{"tomo", 0}, {"parte", 0}, {"fase", 0}, {"etapa", 0}, {"tipo", 0}, {"nível", 0}, {"anexo", 0},
	{"título", 0}, {"módulo", 0}, {"grau", 0}, {"artigo", 0}, {"inciso", 0}, {"classe", 0},
	{"Pedro", 10},
	{"João", 10}, {"Paulo", 10}, {"Bento", 10}, {"Luís", 10}, {"Luiz", 10}, {"Henrique", 10},
	{"Pio", 10},
	{"Leão", 10}, {"Carlos", 10}, {"Mundial", 10}, {NULL, 0}};

static const char *const scales[] = {
	"mil", "milhão", "milhões", "bilhão", "bilhões", "trilhões", NULL};
static const char *const counteds[] = {
	"parcela", "página", "passo", "etapa", "aula", "item", "parte", NULL};
static const char *const dateds[] = {NULL};
static const char *const links[] = {"a", "ou", "e", "mil", NULL};
/* clang-format on */

const struct rcd_spoken_lang rcd_spoken_pt = {
	.decimal = ',',
	.group = '.',
	.cardinal = say_cardinal,
	.ordinal = say_ordinal,
	.feminine = is_feminine,
	.date = say_date,
	.year = say_year,
	.clock = say_clock,
	.clock_range = say_clock_range,
	.comma = "vírgula",
	.point = "ponto",
	.minus = "menos",
	.plus = "mais",
	.percent = "por cento",
	.to = "a",
	.by = "por",
	.times = "vezes",
	.and = "e",
	.of = "de",
	.at = "arroba",
	.dot = "ponto",
	.dash = "hífen",
	.underscore = "sublinhado",
	.slash = "barra",
	.half = "meio",
	.half_feminine = "meia",
	.out_of = "de",
	.across = "por",
	.about = "cerca de",
	.always = "vinte e quatro horas por dia, sete dias por semana",
	.month = months,
	.letter = letters,
	.part = parts,
	.unit = units,
	.ordinal_mark = ordinal_marks,
	.money = money,
	.abbreviation = abbreviations,
	.acronym = acronyms,
	.weekday = weekdays,
	.sign = signs,
	.picture = pictures,
	.shape = shapes,
	.roman = romans,
	.scale = scales,
	.counted = counteds,
	.link = links,
	.dated = dateds,
};
