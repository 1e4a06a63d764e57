#ifndef RCD_TURN_CHANNEL_H
#define RCD_TURN_CHANNEL_H

#include "memory/memory.h"
#include "turn/state.h"

/* How the customer of a turn is answered: the channel of the last message, the texts of the
 * configuration, the time zone. */

/* "whatsapp", "sms" …: of the last message, which is answered. */
struct rcd_sv rcd_turn_channel(const struct rcd_turn *t);
bool rcd_turn_is_sms(const struct rcd_turn *t);
/* The turns that this one may know of: an SMS, whose sender can be forged, knows of SMS alone. */
enum rcd_turns_of rcd_turn_reach(const struct rcd_turn *t);
enum rcd_marks_style rcd_turn_marks(const struct rcd_turn *t);
/* How a whole text of a model becomes what the customer reads. */
struct rcd_finish rcd_turn_form(const struct rcd_turn *t);
const char *rcd_turn_text(const struct rcd_turn *t, enum rcd_text which);
/* Whose memory this turn may see, and how much of it. */
struct rcd_person rcd_turn_person(const struct rcd_turn *t);
/* In which the contact is told and says times. */
const char *rcd_turn_zone(const struct rcd_turn *t);

#endif
