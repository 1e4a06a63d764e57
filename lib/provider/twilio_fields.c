#include "provider/twilio_fields.h"

#include <stddef.h>

const char *const rcd_field_do_name[RCD_N_FIELD_DOES] = {"told", "used", "stored", "ignored"};

/* clang-format off */
#define VIEW(name, act, member, why) \
	{name, false, act, why, offsetof(struct rcd_twilio_msg, member)}
#define FIELD(name, act, why) {name, false, act, why, RCD_FIELD_NO_VIEW}
#define NUMBERED(name, act, why) {name, true, act, why, RCD_FIELD_NO_VIEW}
/* clang-format on */
#define TOLD RCD_FIELD_TOLD
#define USED RCD_FIELD_USED
#define STORED RCD_FIELD_STORED
#define IGNORED RCD_FIELD_IGNORED

const struct rcd_twilio_field rcd_twilio_fields[] = {
	/* the message */
	VIEW("Body", TOLD, body, "what the customer wrote"),
	VIEW("MessageType", USED, message_type, "a reaction, a contact card without media"),
	FIELD("MessageSid", USED, "the key: the same again is not taken twice"),
	FIELD("SmsSid", IGNORED, "the same as MessageSid, deprecated"),
	FIELD("SmsMessageSid", IGNORED, "the same as MessageSid, deprecated"),
	FIELD("SmsStatus", USED,
          "anything but received makes it a status, where MessageStatus is missing"),
	FIELD("MessageStatus", USED, "tells what became of a message of ours"),
	FIELD("ErrorCode", USED, "of a status: decides whether the message is tried again"),
	FIELD("ErrorMessage", IGNORED, "the text of ErrorCode, for which there is a table"),
	FIELD("NumSegments", IGNORED, "what an SMS is billed by"),
	FIELD("NumMedia", USED, "how many attachments there are"),
	NUMBERED("MediaUrl", TOLD, "fetched; speech is transcribed, a card is read, the rest is named"),
	NUMBERED("MediaContentType", USED, "what an attachment says it is"),
	/* who and where */
	FIELD("From", USED, "who wrote, and where the answer goes"),
	FIELD("To", USED, "where it came to, and what the answer is sent from"),
	FIELD("WaId", USED, "the number of a customer whose From hides it"),
	FIELD("ExternalUserId", USED,
          "business-scoped id: the contact it leads to stays when the number changes"),
	VIEW("ProfileName", TOLD, profile_name, "the contact's name"),
	FIELD("AccountSid", USED, "a message of an account that is not ours is refused"),
	FIELD("MessagingServiceSid", STORED,
          "the answer goes from the number that the message came to"),
	FIELD("ApiVersion", IGNORED, "always the same"),
	FIELD("FromCity", IGNORED, "of the number's area, not of the customer"),
	FIELD("FromState", IGNORED, "of the number's area, not of the customer"),
	FIELD("FromZip", IGNORED, "of the number's area, not of the customer"),
	FIELD("FromCountry", IGNORED, "the number says it"),
	FIELD("ToCity", IGNORED, "our own"),
	FIELD("ToState", IGNORED, "our own"),
	FIELD("ToZip", IGNORED, "our own"),
	FIELD("ToCountry", IGNORED, "our own"),
	FIELD("ChannelMetadata", IGNORED,
          "JSON that repeats name, number and referral; they have fields of their own"),
	FIELD("ChannelPrefix", IGNORED, "of a status: From and To have it"),
	FIELD("ChannelToAddress", IGNORED, "of a status: the message is found by its sid"),
	FIELD("ChannelInstallSid", IGNORED, "of a status: the account's own configuration"),
	FIELD("StructuredMessage", IGNORED, "of a status: whether it was a template"),
	FIELD("EventType", IGNORED, "of a status: MessageStatus says the same"),
	FIELD("RawDlrDoneDate", IGNORED, "of a status: the carrier's own time"),
	/* what it answers to */
	VIEW("OriginalRepliedMessageSid", TOLD, quoted_sid,
         "the quoted message's text, from our store"),
	VIEW("OriginalRepliedMessageSender", TOLD, quoted_sender,
         "whose it was, when its text is not there"),
	VIEW("Forwarded", TOLD, forwarded, "the words are not the customer's own"),
	VIEW("FrequentlyForwarded", TOLD, often_forwarded, "they went through many hands"),
	/* buttons, lists, forms */
	VIEW("ButtonText", TOLD, button, "what is on the button, where Body is empty"),
	VIEW("ButtonPayload", TOLD, button_payload,
         "what the business calls it, when that is something else"),
	FIELD("ButtonType", IGNORED, "text and payload say enough"),
	VIEW("ListTitle", TOLD, list_title, "the line that was chosen"),
	VIEW("ListId", TOLD, list_id, "what the business calls it"),
	VIEW("ListDescription", TOLD, list_description, "what stands below it"),
	VIEW("InteractiveData", TOLD, interactive, "the answers to a form, JSON"),
	VIEW("FlowData", TOLD, flow, "the answers to a form, JSON"),
	/* a place */
	VIEW("Latitude", TOLD, latitude, "the place"),
	VIEW("Longitude", TOLD, longitude, "the place"),
	VIEW("Address", TOLD, address, "the place"),
	VIEW("Label", TOLD, label, "the place"),
	/* the ad or post that led here */
	VIEW("ReferralHeadline", TOLD, referral_headline, "what the customer has read"),
	VIEW("ReferralBody", TOLD, referral_body, "what the customer has read"),
	VIEW("ReferralSourceType", TOLD, referral_type, "an ad or a post"),
	VIEW("ReferralSourceId", STORED, referral_id, "which ad, for reports; no words"),
	VIEW("ReferralCtwaClid", STORED, referral_click, "the click, for reports to Meta; no words"),
	FIELD("ReferralSourceUrl", STORED,
          "for reports; a link that the model cannot open and should not pass on"),
	FIELD("ReferralNumMedia", IGNORED,
          "the ad's picture is not fetched: headline and body say what was offered"),
	FIELD("ReferralMediaId", STORED, "the ad's picture"),
	FIELD("ReferralMediaUrl", STORED,
          "the ad's picture, which lies on another host than our media"),
	FIELD("ReferralMediaContentType", STORED, "the ad's picture"),
	/* rules */
	VIEW("OptOutType", USED, opt_out,
         "STOP, START or HELP: for the rule that keeps opt-outs, no model decides it"),
	{NULL, false, IGNORED, NULL, RCD_FIELD_NO_VIEW},
};

void rcd_twilio_fields_read(const struct rcd_form *form, struct rcd_twilio_msg *m)
{
	for (const struct rcd_twilio_field *f = rcd_twilio_fields; f->name != NULL; f++)
		if (f->at != RCD_FIELD_NO_VIEW)
			*(struct rcd_sv *)(void *)((char *)m + f->at) = rcd_form_get(form, f->name);
}
