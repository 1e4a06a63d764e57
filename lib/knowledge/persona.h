#ifndef RCD_KNOWLEDGE_PERSONA_H
#define RCD_KNOWLEDGE_PERSONA_H

#include "base/json.h"
#include "base/words.h"
#include "store/persona.h"

/* Who answers. The layers are Markdown files of a folder; the folder's name is the persona's.
 * What the model is told of them changes as rarely as can be, since a provider's cache only
 * knows a prompt again by its beginning: what changes with the moment stands at the end of the
 * prompt (rcd_persona_moment) and is only pointed at in the layers. */

/* The files of dir in the order of their names, one after the other, appended to out. layers:
 * NULL, or an array that gets {"name", "bytes"} for each. No file is no error. */
int rcd_persona_read(const char *dir, struct rcd_buf *out, json_t *layers, struct rcd_err *err);
/* The name of dir's persona. */
struct rcd_sv rcd_persona_name(const char *dir);

/* The version of a persona that answers. */
struct rcd_persona_found {
	int64_t id;         /* 0: there is none */
	bool fresh;         /* the files say what no version of the store does */
	struct rcd_err why; /* the files cannot be read, and it is the store's newest; else RCD_OK */
};
/* Appends its text: of dir's files, which becomes a version of the store when it is new. */
int rcd_persona_current(struct rcd_db *db, int64_t tenant, const char *dir, struct rcd_buf *text,
                        struct rcd_persona_found *out, struct rcd_err *err);

/* What of the settings the model is told. */
struct rcd_persona_conf {
	enum rcd_lang lang;         /* of the words that stand around a persona */
	const char *zone;           /* of the business; NULL: UTC */
	const char *business_hours; /* NULL or "": not said */
	bool speaks;                /* answers may be sent as audio */
	int sms_segments;           /* of an answer by SMS at most; 0: any number */
};

/* What is known at the moment of an answer. */
struct rcd_persona_now {
	const struct rcd_persona_conf *conf;
	struct rcd_sv name;    /* of the contact; may be absent */
	struct rcd_sv channel; /* "WhatsApp" */
	const char *zone;      /* of the contact, where it is not the business's; NULL */
	int64_t ms;
};
/* text with its {{variables}} put in, and the rules that hold for every persona behind it.
 * unknown: NULL, or gets the names of those that are none, with ", " between; they are left out. */
int rcd_persona_fill(struct rcd_sv text, const struct rcd_persona_now *now, struct rcd_buf *out,
                     struct rcd_buf *unknown, struct rcd_err *err);
/* The last lines of a prompt: the time where the contact is (and where the business is, when clocks
 * differ), the channel, the contact's name, the hours of business. */
int rcd_persona_moment(const struct rcd_persona_now *now, struct rcd_buf *out, struct rcd_err *err);

#endif
