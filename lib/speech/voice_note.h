#ifndef RCD_VOICE_NOTE_H
#define RCD_VOICE_NOTE_H

#include "audio/encode.h"
#include "provider/blob.h"
#include "speech/reuse.h"
#include "speech/speech.h"

/* The file of a voice note while it is written: speech as it comes, and pieces of voice notes that
 * were made before. One thread at a time. */

struct rcd_voice_note_writer {
	const struct rcd_speech_env *env;
	int64_t tenant, deadline;
	int hz;                      /* of the speech; may be set until the first of it */
	struct rcd_encoder *encoder; /* NULL: nothing was written yet */
	struct rcd_blob blob;
	int64_t last_us;                /* when the last sample came */
	int64_t packets;                /* of the pieces that are in it */
	struct rcd_reuse_source source; /* that the last copied pieces were taken from */
	struct rcd_voice_note note;
};

void rcd_voice_note_init(struct rcd_voice_note_writer *w, const struct rcd_speech_env *env,
                         int64_t tenant, int hz, int64_t deadline);
/* The file is begun, unless it was: before a paid voice is asked for what is to go into it. */
int rcd_voice_note_begin(struct rcd_voice_note_writer *w, struct rcd_err *err);
/* Mono speech at hz; arg: the writer. Blocks for the encoder and the media. RCD_LIMIT. */
int rcd_voice_note_write(void *arg, const int16_t *pcm, size_t n, struct rcd_err *err);
/* Copies the piece with this key from the voice note in which it was spoken. RCD_NOENT: there is
 * none, or it cannot be read, and nothing was written. *keep: that voice note expires soon, so this
 * one should replace it as the source. */
int rcd_voice_note_reuse(struct rcd_voice_note_writer *w, const char *key, bool *keep,
                         struct rcd_err *err);
/* Ends the piece that was written since the last one; key: under which it is found again, or NULL.
 */
int rcd_voice_note_end_piece(struct rcd_voice_note_writer *w, const char *key, struct rcd_err *err);
/* The file is there, under note.file. RCD_INVAL when nothing was written. */
int rcd_voice_note_finish(struct rcd_voice_note_writer *w, struct rcd_err *err);
/* Frees; a file that is not finished is removed. */
void rcd_voice_note_drop(struct rcd_voice_note_writer *w);

#endif
