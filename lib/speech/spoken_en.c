/* What English says. */

#include "speech/spoken_int.h"

#include <string.h>

/* --- numbers ------------------------------------------------------------------------------ */

static const char *const ones[20] = {"zero",    "one",     "two",       "three",    "four",
                                     "five",    "six",     "seven",     "eight",    "nine",
                                     "ten",     "eleven",  "twelve",    "thirteen", "fourteen",
                                     "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"};
static const char *const tens[10] = {"",      "",      "twenty",  "thirty", "forty",
                                     "fifty", "sixty", "seventy", "eighty", "ninety"};

static void say_below_thousand(struct rcd_buf *out, unsigned n)
{
	if (n >= 100) {
		rcd_buf_fmt(out, "%s hundred", ones[n / 100]);
		n %= 100;
		if (n > 0)
			rcd_buf_ch(out, ' ');
	}
	if (n >= 20) {
		rcd_buf_str(out, tens[n / 10]);
		n %= 10;
		if (n > 0)
			rcd_buf_ch(out, '-');
	}
	if (n > 0)
		rcd_buf_str(out, ones[n % 20]);
}

static void say_cardinal(struct rcd_buf *out, uint64_t n, bool feminine)
{
	static const char *const scale[] = {"", " thousand", " million", " billion", " trillion"};
	uint64_t unit = 1000000000000;
	bool begun = false;

	(void)feminine;
	if (n == 0)
		rcd_buf_str(out, ones[0]);
	for (int i = 4; i >= 0; i--, unit /= 1000) {
		unsigned group = (unsigned)(n / unit);

		n %= unit;
		if (group == 0)
			continue;
		if (begun)
			rcd_buf_ch(out, ' ');
		say_below_thousand(out, group);
		rcd_buf_str(out, scale[i]);
		begun = true;
	}
}

static bool say_ordinal(struct rcd_buf *out, uint64_t n, bool feminine)
{
	static const char *const small[20] = {"",          "first",       "second",     "third",
	                                      "fourth",    "fifth",       "sixth",      "seventh",
	                                      "eighth",    "ninth",       "tenth",      "eleventh",
	                                      "twelfth",   "thirteenth",  "fourteenth", "fifteenth",
	                                      "sixteenth", "seventeenth", "eighteenth", "nineteenth"};
	unsigned last = (unsigned)(n % 100);

	if (n == 0)
		return false;
	if (last == 0) {
		say_cardinal(out, n, feminine);
		rcd_buf_str(out, "th");
		return true;
	}
	if (n > last) {
		say_cardinal(out, n - last, feminine);
		rcd_buf_ch(out, ' ');
	}
	if (last >= 20 && last % 10 == 0) {
		rcd_buf_add(out, tens[last / 10], strlen(tens[last / 10]) - 1);
		rcd_buf_str(out, "ieth");
		return true;
	}
	if (last > 20) {
		rcd_buf_fmt(out, "%s-", tens[last / 10]);
		last %= 10;
	}
	rcd_buf_str(out, small[last]);
	return true;
}

/* --- times -------------------------------------------------------------------------------- */

static const char *const months[] = {"January",   "February", "March",    "April",
                                     "May",       "June",     "July",     "August",
                                     "September", "October",  "November", "December"};

static void say_year(struct rcd_buf *out, uint64_t y)
{
	if (y % 1000 < 10 || y < 1100) {
		say_cardinal(out, y, false);
		return;
	}
	say_cardinal(out, y / 100, false);
	rcd_buf_ch(out, ' ');
	if (y % 100 == 0)
		rcd_buf_str(out, "hundred");
	else if (y % 100 < 10)
		rcd_buf_fmt(out, "oh %s", ones[y % 100]);
	else
		say_cardinal(out, y % 100, false);
}

static void say_date(struct rcd_buf *out, const struct rcd_spoken_date *d)
{
	rcd_buf_str(out, months[d->m - 1]);
	if (d->d > 0) {
		rcd_buf_ch(out, ' ');
		(void)say_ordinal(out, (uint64_t)d->d, false);
	}
	if (d->y > 0) {
		rcd_buf_str(out, d->d > 0 ? ", " : " ");
		say_year(out, (uint64_t)d->y);
	}
}

/* By twelve hours, as it is spoken, also when it was written by twenty-four. */
static void say_clock(struct rcd_buf *out, const struct rcd_spoken_clock *c, bool bare)
{
	int h = c->h % 12 == 0 ? 12 : c->h % 12;
	char half = c->half;

	if (half == 0 && c->h > 12 && c->h < 24)
		half = 'p';
	else if (half == 0 && (c->h == 0 || c->h == 24))
		half = 'a';

	say_cardinal(out, (uint64_t)h, false);
	if (c->m > 0) {
		rcd_buf_str(out, c->m < 10 ? " oh " : " ");
		say_cardinal(out, (uint64_t)c->m, false);
	} else if (half == '\0' && !bare && c->m == 0) {
		rcd_buf_str(out, " o'clock");
	}
	if (half != '\0')
		rcd_buf_fmt(out, " %c m", half);
}

static void say_clock_range(struct rcd_spoken *s, const struct rcd_spoken_clock *a,
                            const struct rcd_spoken_clock *b)
{
	say_clock(s->out, a, true);
	rcd_buf_str(s->out, " to ");
	say_clock(s->out, b, true);
}

/* --- lists -------------------------------------------------------------------------------- */

static const char *const letters[26] = {"A", "B", "C", "D", "E", "F", "G", "H", "I",
                                        "J", "K", "L", "M", "N", "O", "P", "Q", "R",
                                        "S", "T", "U", "V", "W", "X", "Y", "Z"};
static const char *const parts[] = {"third",   "quarter", "fifth", "sixth",
                                    "seventh", "eighth",  "ninth", "tenth"};

static const struct rcd_spoken_unit units[] =
	{{"km/h", "kilometer per hour", "kilometers per hour", false},
     {"mph", "mile per hour", "miles per hour", false},
     {"km²", "square kilometer", "square kilometers", false},
     {"m²", "square meter", "square meters", false},
     {"m2", "square meter", "square meters", false},
     {"sq ft", "square foot", "square feet", false},
     {"kg", "kilogram", "kilograms", false},
     {"mg", "milligram", "milligrams", false},
     {"g", "gram", "grams", false},
     {"km", "kilometer", "kilometers", false},
     {"cm", "centimeter", "centimeters", false},
     {"mm", "millimeter", "millimeters", false},
     {"m", "meter", "meters", false},
     {"ml", "milliliter", "milliliters", false},
     {"mL", "milliliter", "milliliters", false},
     {"l", "liter", "liters", false},
     {"L", "liter", "liters", false},
     {"lbs", "pound", "pounds", false},
     {"lb", "pound", "pounds", false},
     {"oz", "ounce", "ounces", false},
     {"ft", "foot", "feet", false},
     {"GB", "gigabyte", "gigabytes", false},
     {"MB", "megabyte", "megabytes", false},
     {"TB", "terabyte", "terabytes", false},
     {"Mbps", "megabit per second", "megabits per second", false},
     {"kWh", "kilowatt hour", "kilowatt hours", false},
     {"W", "watt", "watts", false},
     {"V", "volt", "volts", false},
     {"°C", "degree Celsius", "degrees Celsius", false},
     {"°F", "degree Fahrenheit", "degrees Fahrenheit", false},
     {"°", "degree", "degrees", false},
     {"min", "minute", "minutes", false},
     {"mins", "minute", "minutes", false},
     {"sec", "second", "seconds", false},
     {"hrs", "hour", "hours", false},
     {"hr", "hour", "hours", false},
     {"h", "hour", "hours", false},
     {NULL, NULL, NULL, false}};

static const struct rcd_spoken_unit ordinal_marks[] = {{"st", NULL, NULL, false},
                                                       {"nd", NULL, NULL, false},
                                                       {"rd", NULL, NULL, false},
                                                       {"th", NULL, NULL, false},
                                                       {NULL, NULL, NULL, false}};

static const struct rcd_spoken_money money[] = {{"R$", "real", "reais", "centavo", "centavos",
                                                 false},
                                                {"US$", "dollar", "dollars", "cent", "cents",
                                                 false},
                                                {"$", "dollar", "dollars", "cent", "cents", false},
                                                {"€", "euro", "euros", "cent", "cents", false},
                                                {"£", "pound", "pounds", "penny", "pence", false},
                                                {NULL, NULL, NULL, NULL, NULL, false}};

static const struct rcd_spoken_word abbreviations[] =
	{{"Mr.", "Mister"},        {"Mrs.", "Missus"},
     {"Ms.", "Miss"},          {"Dr.", "Doctor"},
     {"Prof.", "Professor"},   {"Ave.", "Avenue"},
     {"Blvd.", "Boulevard"},   {"Rd.", "Road"},
     {"apt.", "apartment"},    {"ste.", "suite"},
     {"e.g.", "for example"},  {"i.e.", "that is"},
     {"etc.", "et cetera"},    {"approx.", "approximately"},
     {"No.", "number"},        {"tel.", "telephone"},
     {"ext.", "extension"},    {"dept.", "department"},
     {"Inc.", "Incorporated"}, {"Ltd.", "Limited"},
     {"vs.", "versus"},        {"w/o", "without"},
     {"w/", "with "},          {NULL, NULL}};

static const struct rcd_spoken_word acronyms[] = {{"PIX", "Pix"}, {"ASAP", NULL}, {"FAQ", NULL},
                                                  {"USA", NULL},  {"US", NULL},   {"UK", NULL},
                                                  {"EU", NULL},   {"API", NULL},  {"URL", NULL},
                                                  {"ID", NULL},   {"USB", NULL},  {"AI", NULL},
                                                  {"IT", NULL},   {"CEO", NULL},  {"IRS", NULL},
                                                  {"ETA", NULL},  {"VAT", NULL},  {"AC", NULL},
                                                  {NULL, NULL}};

static const struct rcd_spoken_word weekdays[] = {{"Mon", "Monday"},    {"Tue", "Tuesday"},
                                                  {"Wed", "Wednesday"}, {"Thu", "Thursday"},
                                                  {"Fri", "Friday"},    {"Sat", "Saturday"},
                                                  {"Sun", "Sunday"},    {NULL, NULL}};

static const struct rcd_spoken_word signs[] =
	{{"&", " and "},      {"→", ", "},        {"=", " equals "},
     {"≥", " at least "}, {"≤", " at most "}, {"×", " times "},
     {"½", "half"},       {"¼", "a quarter"}, {"¾", "three quarters"},
     {"+", " plus "},     {"®", ""},          {"™", ""},
     {"©", ""},           {"…", "..."},       {"“", "\""},
     {"”", "\""},         {"’", "'"},         {"•", ", "},
     {"|", ", "},         {NULL, NULL}};

static const struct rcd_spoken_word pictures[] = {{"👍", "thumbs up"}, {"❤", "heart"},
                                                  {"😊", "smile"},     {"🙂", "smile"},
                                                  {"😀", "smile"},     {"😉", "wink"},
                                                  {"😂", "laughter"},  {"🙏", "thank you"},
                                                  {"👏", "applause"},  {"🎉", "congratulations"},
                                                  {"✅", "done"},      {"❌", "no"},
                                                  {"👋", "hello"},     {"😢", "sad"},
                                                  {"⭐", "star"},      {"🔥", "fire"},
                                                  {NULL, NULL}};

static const struct rcd_spoken_shape shapes[] = {{"+d (ddd) ddd-dddd", NULL},
                                                 {"+d ddd ddd dddd", NULL},
                                                 {"+d ddd-ddd-dddd", NULL},
                                                 {"+d-ddd-ddd-dddd", NULL},
                                                 {"(ddd) ddd-dddd", NULL},
                                                 {"ddd-ddd-dddd", NULL},
                                                 {"ddd.ddd.dddd", NULL},
                                                 {"ddd-dddd", NULL},
                                                 {"+d|ddd|ddd|dddd", NULL},
                                                 {"+nn nn ddddd-dddd", NULL},
                                                 {"+nn nn dddd-dddd", NULL},
                                                 {"+nn|nn|ddddd|dddd", NULL},
                                                 {NULL, NULL}};

static const struct rcd_spoken_roman romans[] = {{"chapter", 0}, {"volume", 0}, {"part", 0},
                                                 {"phase", 0},   {"type", 0},   {"level", 0},
                                                 {"War", 0},     {NULL, 0}};

static const char *const scales[] = {"thousand", "million", "billion", "trillion", NULL};
static const char *const counteds[] = {"installment", "page", "step", "part", "lesson", NULL};
static const char *const links[] = {NULL};
static const char *const dateds[] = {"in", "year", "since", "until", "before", "after", NULL};

const struct rcd_spoken_lang rcd_spoken_en = {
	.decimal = '.',
	.group = ',',
	.month_first = true,
	.halves = true,
	.digits_after_point = true,
	.cardinal = say_cardinal,
	.ordinal = say_ordinal,
	.date = say_date,
	.year = say_year,
	.clock = say_clock,
	.clock_range = say_clock_range,
	.comma = "comma",
	.point = "point",
	.minus = "minus",
	.plus = "plus",
	.percent = "percent",
	.to = "to",
	.by = "per",
	.times = "times",
	.and = "and",
	.of = "",
	.at = "at",
	.dot = "dot",
	.dash = "dash",
	.underscore = "underscore",
	.slash = "slash",
	.half = "half",
	.half_feminine = "half",
	.out_of = "of",
	.across = "by",
	.about = "about",
	.always = "twenty-four hours a day, seven days a week",
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
