#ifndef RCD_MEDIA_H
#define RCD_MEDIA_H

#include "base/buf.h"
#include "store/db.h"

/* Files that belong to rows: spoken answers (served by nginx, removed after their time) and
 * what customers sent (kept). */

struct rcd_attachment_in {
	int64_t tenant, inbox_id, contact_id;
	int part;           /* N of MediaUrlN */
	struct rcd_sv kind; /* rcd_kind_name() */
	struct rcd_sv type; /* declared content type */
	struct rcd_sv path; /* file below the state folder, absent when the bytes were not kept */
	int64_t bytes;
};
/* Kept once per (message, part): doing it again changes nothing. */
int rcd_attachment_put(struct rcd_db *db, const struct rcd_attachment_in *in, struct rcd_err *err);
/* Where the bytes of that part are kept, appended to path. RCD_NOENT: they are not. */
int rcd_attachment_path(struct rcd_db *db, int64_t tenant, int64_t inbox_id, int part,
                        struct rcd_buf *path, struct rcd_err *err);

/* Names of spoken answers whose time is over, at most max; *n may be 0. */
int rcd_media_expired(struct rcd_db *db, int64_t now_ms, char (*names)[64], int max, int *n,
                      struct rcd_err *err);
int rcd_media_forget(struct rcd_db *db, const char *name, struct rcd_err *err);
/* One that could not be removed is found again at until_ms, so that it holds up no other. */
int rcd_media_postpone(struct rcd_db *db, const char *name, int64_t until_ms, struct rcd_err *err);
/* Is there a row for this file name? */
int rcd_media_known(struct rcd_db *db, const char *name, bool *known, struct rcd_err *err);

#define RCD_SPEECH_KEY 65 /* bytes of a key, NUL included */
/* A piece of a spoken answer. */
struct rcd_speech_piece {
	char said[RCD_SPEECH_KEY]; /* the key of the words and the voice */
	int64_t first, packets;    /* where it is in the file, see audio/encode.h */
};

/* In the transaction that writes the media row: its pieces are found from now on. */
int rcd_speech_pieces_put(struct rcd_conn *conn, int64_t tenant, struct rcd_sv name,
                          const struct rcd_speech_piece *piece, size_t n, struct rcd_err *err);

/* A spoken answer that is still kept, and the piece in it. */
struct rcd_media_found {
	char name[64];
	int64_t bytes, expires_ms;
	int64_t first, packets;
};
/* The one with this piece: the same words in the same voice. RCD_NOENT: there is none. */
int rcd_media_said(struct rcd_db *db, int64_t tenant, const char *said, int64_t now_ms,
                   struct rcd_media_found *out, struct rcd_err *err);

#endif
