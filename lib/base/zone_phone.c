/* Zone by phone number. People keep their number when they move, so this is a guess, but a better
 * one than the zone of the business. */
#include "base/zone.h"

#include "base/address.h"

#include <string.h>

/* Brazil's area codes. 81 is Noronha's too, and 97 is an hour off in the far west of its state. */
static const char *const brazil[100] = {
	[11] = "America/Sao_Paulo",   [12] = "America/Sao_Paulo",    [13] = "America/Sao_Paulo",
	[14] = "America/Sao_Paulo",   [15] = "America/Sao_Paulo",    [16] = "America/Sao_Paulo",
	[17] = "America/Sao_Paulo",   [18] = "America/Sao_Paulo",    [19] = "America/Sao_Paulo",
	[21] = "America/Sao_Paulo",   [22] = "America/Sao_Paulo",    [24] = "America/Sao_Paulo",
	[27] = "America/Sao_Paulo",   [28] = "America/Sao_Paulo",    [31] = "America/Sao_Paulo",
	[32] = "America/Sao_Paulo",   [33] = "America/Sao_Paulo",    [34] = "America/Sao_Paulo",
	[35] = "America/Sao_Paulo",   [37] = "America/Sao_Paulo",    [38] = "America/Sao_Paulo",
	[41] = "America/Sao_Paulo",   [42] = "America/Sao_Paulo",    [43] = "America/Sao_Paulo",
	[44] = "America/Sao_Paulo",   [45] = "America/Sao_Paulo",    [46] = "America/Sao_Paulo",
	[47] = "America/Sao_Paulo",   [48] = "America/Sao_Paulo",    [49] = "America/Sao_Paulo",
	[51] = "America/Sao_Paulo",   [53] = "America/Sao_Paulo",    [54] = "America/Sao_Paulo",
	[55] = "America/Sao_Paulo",   [61] = "America/Sao_Paulo",    [62] = "America/Sao_Paulo",
	[64] = "America/Sao_Paulo",   [63] = "America/Araguaina",    [65] = "America/Cuiaba",
	[66] = "America/Cuiaba",      [67] = "America/Campo_Grande", [68] = "America/Rio_Branco",
	[69] = "America/Porto_Velho", [71] = "America/Bahia",        [73] = "America/Bahia",
	[74] = "America/Bahia",       [75] = "America/Bahia",        [77] = "America/Bahia",
	[79] = "America/Maceio",      [82] = "America/Maceio",       [81] = "America/Recife",
	[87] = "America/Recife",      [83] = "America/Fortaleza",    [84] = "America/Fortaleza",
	[85] = "America/Fortaleza",   [88] = "America/Fortaleza",    [86] = "America/Fortaleza",
	[89] = "America/Fortaleza",   [98] = "America/Fortaleza",    [99] = "America/Fortaleza",
	[91] = "America/Belem",       [94] = "America/Belem",        [96] = "America/Belem",
	[93] = "America/Santarem",    [92] = "America/Manaus",       [97] = "America/Manaus",
	[95] = "America/Boa_Vista",
};

/* Countries with a single zone; those with several (Portugal and Spain have islands) are left out.
 * No code is a prefix of another. */
static const struct {
	const char *code, *zone;
} country[] = {
	{"20", "Africa/Cairo"},
	{"27", "Africa/Johannesburg"},
	{"30", "Europe/Athens"},
	{"31", "Europe/Amsterdam"},
	{"32", "Europe/Brussels"},
	{"33", "Europe/Paris"},
	{"36", "Europe/Budapest"},
	{"39", "Europe/Rome"},
	{"40", "Europe/Bucharest"},
	{"41", "Europe/Zurich"},
	{"43", "Europe/Vienna"},
	{"44", "Europe/London"},
	{"45", "Europe/Copenhagen"},
	{"46", "Europe/Stockholm"},
	{"47", "Europe/Oslo"},
	{"48", "Europe/Warsaw"},
	{"49", "Europe/Berlin"},
	{"51", "America/Lima"},
	{"54", "America/Argentina/Buenos_Aires"},
	{"57", "America/Bogota"},
	{"58", "America/Caracas"},
	{"63", "Asia/Manila"},
	{"65", "Asia/Singapore"},
	{"66", "Asia/Bangkok"},
	{"81", "Asia/Tokyo"},
	{"82", "Asia/Seoul"},
	{"84", "Asia/Ho_Chi_Minh"},
	{"86", "Asia/Shanghai"},
	{"90", "Europe/Istanbul"},
	{"91", "Asia/Kolkata"},
	{"212", "Africa/Casablanca"},
	{"234", "Africa/Lagos"},
	{"238", "Atlantic/Cape_Verde"},
	{"239", "Africa/Sao_Tome"},
	{"244", "Africa/Luanda"},
	{"245", "Africa/Bissau"},
	{"254", "Africa/Nairobi"},
	{"258", "Africa/Maputo"},
	{"352", "Europe/Luxembourg"},
	{"353", "Europe/Dublin"},
	{"358", "Europe/Helsinki"},
	{"420", "Europe/Prague"},
	{"421", "Europe/Bratislava"},
	{"502", "America/Guatemala"},
	{"503", "America/El_Salvador"},
	{"504", "America/Tegucigalpa"},
	{"505", "America/Managua"},
	{"506", "America/Costa_Rica"},
	{"507", "America/Panama"},
	{"591", "America/La_Paz"},
	{"592", "America/Guyana"},
	{"594", "America/Cayenne"},
	{"595", "America/Asuncion"},
	{"597", "America/Paramaribo"},
	{"598", "America/Montevideo"},
	{"852", "Asia/Hong_Kong"},
	{"886", "Asia/Taipei"},
	{"966", "Asia/Riyadh"},
	{"971", "Asia/Dubai"},
	{"972", "Asia/Jerusalem"},
};

const char *rcd_zone_of_phone(struct rcd_sv phone)
{
	char number[RCD_PHONE_TEXT];
	const char *digits = number + 1;

	if (rcd_phone_clean(phone, number) != 0)
		return NULL;
	if (strncmp(digits, "55", 2) == 0)
		return strlen(digits) >= 12 ? brazil[(digits[2] - '0') * 10 + digits[3] - '0'] : NULL;
	for (size_t i = 0; i < sizeof(country) / sizeof(country[0]); i++)
		if (strncmp(digits, country[i].code, strlen(country[i].code)) == 0)
			return country[i].zone;
	return NULL;
}
