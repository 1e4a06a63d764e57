/* What a Twilio error code asks of us. Sources: Twilio's error dictionary; the WhatsApp codes
 * (63xxx) also come with a status callback, after the message had been accepted. */

#include "provider/twilio.h"

static const struct rcd_policy table[] = {
	{20003, RCD_POLICY_FIX, 0, "Twilio refuses the account's credentials"},
	{20404, RCD_POLICY_DEAD, 0, "Twilio knows no such resource"},
	{20429, RCD_POLICY_RETRY, 0, "too many requests at once"},
	{21211, RCD_POLICY_DEAD, 0, "the number to send to is not valid"},
	{21212, RCD_POLICY_FIX, 0, "the number to send from is not valid"},
	{21408, RCD_POLICY_FIX, 0, "the account may not send to this region"},
	{21606, RCD_POLICY_FIX, 0, "the number to send from is not the account's, or cannot send"},
	{21608, RCD_POLICY_FIX, 0, "a trial account sends to verified numbers only"},
	{21610, RCD_POLICY_OPTED_OUT, 0, "the customer has opted out (STOP)"},
	{21611, RCD_POLICY_LATER, 300, "the sender's queue is full"},
	{21614, RCD_POLICY_DEAD, 0, "the number is not a mobile number"},
	{21617, RCD_POLICY_DEAD, 0, "the text is longer than Twilio takes"},
	{21619, RCD_POLICY_DEAD, 0, "a message without text or media"},
	{21620, RCD_POLICY_DEAD, 0, "the media URL is not valid"},
	{21659, RCD_POLICY_FIX, 0, "the number to send from is not the account's"},
	{30001, RCD_POLICY_LATER, 300, "the sender's queue is full"},
	{30003, RCD_POLICY_DEAD, 0, "the phone cannot be reached"},
	{30004, RCD_POLICY_DEAD, 0, "the carrier blocked the message"},
	{30005, RCD_POLICY_DEAD, 0, "the phone is unknown or no longer in service"},
	{30006, RCD_POLICY_DEAD, 0, "a landline, or a carrier that cannot be reached"},
	{30007, RCD_POLICY_DEAD, 0, "the carrier filtered the message"},
	{30008, RCD_POLICY_DEAD, 0, "not delivered, the carrier does not say why"},
	{30034, RCD_POLICY_FIX, 0, "the sender is not registered (A2P 10DLC)"},
	{63003, RCD_POLICY_DEAD, 0, "WhatsApp finds no such customer"},
	{63005, RCD_POLICY_DEAD, 0, "WhatsApp does not accept the content"},
	{63007, RCD_POLICY_FIX, 0, "no WhatsApp sender with this number in the account"},
	{63012, RCD_POLICY_LATER, 60, "WhatsApp had an error of its own"},
	{63013, RCD_POLICY_FIX, 0, "WhatsApp says that its policy is violated"},
	{63015, RCD_POLICY_DEAD, 0, "the customer has not joined the WhatsApp sandbox"},
	{63016, RCD_POLICY_DEAD, 0, "24 hours after the customer's last message only a template may be sent"},
	{63018, RCD_POLICY_LATER, 60, "WhatsApp's rate limit for this sender"},
	{63019, RCD_POLICY_DEAD, 0, "WhatsApp could not fetch the media"},
	{63020, RCD_POLICY_FIX, 0, "the invitation of Meta's business account was not accepted"},
	{63021, RCD_POLICY_DEAD, 0, "the content is not valid"},
	{63024, RCD_POLICY_DEAD, 0, "the recipient is not valid"},
	{63027, RCD_POLICY_FIX, 0, "there is no such template in this language"},
	{63028, RCD_POLICY_FIX, 0, "the template's parameters do not match"},
	{63032, RCD_POLICY_DEAD, 0, "WhatsApp limits this customer"},
	{63036, RCD_POLICY_DEAD, 0, "the customer cannot be reached by RCS"},
	{63038, RCD_POLICY_LATER, 3600, "the account's daily limit of messages"},
	{63049, RCD_POLICY_DEAD, 0, "Meta chose not to deliver a marketing message"},
	{63112, RCD_POLICY_FIX, 0, "Meta has disabled the account or number"},
};

const struct rcd_policy *rcd_twilio_policy(int code)
{
	static const struct rcd_policy unknown = {0, RCD_POLICY_DEAD, 0, "Twilio refused the message"};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].code == code)
			return &table[i];
	return &unknown;
}
