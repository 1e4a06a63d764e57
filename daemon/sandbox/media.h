#ifndef RCD_SB_MEDIA_H
#define RCD_SB_MEDIA_H

#include "base/json.h"

/* Attachments that customers "sent": bytes under a Twilio media URL, which leads on to a CDN
 * address that nobody can guess. Thread-safe; in memory, up to 256 MiB. */
struct rcd_sb_media;

#define RCD_SB_SID 35 /* "MM" + 32 hex + NUL */

struct rcd_sb_media_ids {
	char message[RCD_SB_SID], media[RCD_SB_SID], cdn[33];
};

int rcd_sb_media_open(struct rcd_sb_media **out, struct rcd_err *err);
struct rcd_sb_media *rcd_sb_media_close(struct rcd_sb_media *m); /* NULL-safe, returns NULL */

/* said: what a transcription of exactly these bytes gives; absent: the usual. */
int rcd_sb_media_add(struct rcd_sb_media *m, struct rcd_sv bytes, const char *type,
                     struct rcd_sv said, struct rcd_sb_media_ids *out, struct rcd_err *err);
/* The CDN name of a media URL's two sids. */
bool rcd_sb_media_find(struct rcd_sb_media *m, struct rcd_sv message, struct rcd_sv media,
                       char cdn[33]);
/* An array of {"sid", "content_type"} of what belongs to a message; NULL: no memory. */
json_t *rcd_sb_media_list(struct rcd_sb_media *m, struct rcd_sv message);
/* Copies the bytes into out and gives the type, which lives as long as m; NULL: not there. */
const char *rcd_sb_media_get(struct rcd_sb_media *m, struct rcd_sv cdn, struct rcd_buf *out);
/* Appends what is said in exactly these bytes, or in the 24 kHz samples of an attachment;
 * false when that is not known. */
bool rcd_sb_media_said(struct rcd_sb_media *m, struct rcd_sv bytes, struct rcd_buf *out);

#endif
