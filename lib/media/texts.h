#ifndef RCD_MEDIA_TEXTS_H
#define RCD_MEDIA_TEXTS_H

#include "base/words.h"

/* What stands among the customer's words in the prompt and in the history, in its language. */
enum rcd_media_text {
	RCD_MARK_IMAGE,
	RCD_MARK_STICKER,
	RCD_MARK_VIDEO,
	RCD_MARK_DOCUMENT,
	RCD_MARK_CONTACT,
	RCD_MARK_FILE,
	RCD_MARK_ATTACHMENT,
	RCD_MARK_VOICE_NOTE,
	RCD_MARK_NO_SPEECH,
	RCD_MARK_CUT, /* behind a message that was too long */
	RCD_PICTURES_RULE,
	RCD_DOCUMENT_PDF,
	RCD_DOCUMENT_SHEET,
	RCD_DOCUMENT_SLIDES,
	RCD_DOCUMENT_TABLE,
	RCD_DOCUMENT_TEXT,
	RCD_DOCUMENT_PAGE,
	RCD_DOCUMENT_PAGES,
	RCD_DOCUMENT_LOCKED,
	RCD_DOCUMENT_BROKEN,
	RCD_DOCUMENT_EMPTY,
	RCD_DOCUMENT_MORE,
	RCD_DOCUMENT_HEAD,
	RCD_DOCUMENTS_RULE,
	RCD_N_MEDIA_TEXTS
};

const char *rcd_media_text(enum rcd_lang lang, enum rcd_media_text which);

#endif
