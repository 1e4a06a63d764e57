#ifndef RCD_VOICENOTE_H
#define RCD_VOICENOTE_H

#include "audio/encode.h"
#include "turn/said.h"

/* The file of a voice note while it is made: speech as it comes, and pieces of notes that were
 * made before. One thread at a time. */

#define RCD_NOTE_PIECES 32 /* that are used again; an answer may have more */

struct rcd_note {
	char file[48]; /* name in the audio folder */
	int64_t bytes, ms;
	int64_t tail_us;  /* from the last sample of speech to the finished file */
	int64_t first_us; /* rcd_mono_us() of the first sample; 0: none was made */
	int64_t wait_us;  /* from the end of the first sentence to the first request for speech */
	struct rcd_speech piece[RCD_NOTE_PIECES]; /* to be found again by what is said in them */
	size_t n_pieces;
	bool again; /* all of it was spoken before: nothing was asked of the voice */
};

/* Removes the file of one that nobody will hear. */
void rcd_note_remove(const struct rcd_turn_env *env, const struct rcd_note *note);

struct rcd_voicenote {
	const struct rcd_turn_env *env;
	int64_t tenant, deadline;
	int hz;                      /* of the speech; may be set until the first of it */
	struct rcd_encoder *encoder; /* NULL: nothing was said yet */
	struct rcd_blob blob;
	int64_t last_us;             /* when the last sample came */
	int64_t packets;             /* of the pieces that are in it */
	struct rcd_said_note before; /* that pieces were taken from */
	struct rcd_note note;
};

void rcd_voicenote_init(struct rcd_voicenote *v, const struct rcd_turn_env *env, int64_t tenant,
                        int hz, int64_t deadline);
/* The file is begun, unless it was: before somebody is paid for what is to go into it. */
int rcd_voicenote_begin(struct rcd_voicenote *v, struct rcd_err *err);
/* Mono speech at hz; arg: the note. Blocks for the encoder and the media. RCD_LIMIT. */
int rcd_voicenote_sound(void *arg, const int16_t *pcm, size_t n, struct rcd_err *err);
/* What has this key, from the note in which it was spoken. RCD_NOENT: it was not, or cannot be had,
 * and nothing was written. *keep: that note will go soon, this one should take its place. */
int rcd_voicenote_again(struct rcd_voicenote *v, const char *key, bool *keep, struct rcd_err *err);
/* Ends the piece that was said since the last one; key: under which it is found again, or NULL. */
int rcd_voicenote_piece(struct rcd_voicenote *v, const char *key, struct rcd_err *err);
/* The file is there, under note.file. RCD_INVAL when nothing was said. */
int rcd_voicenote_finish(struct rcd_voicenote *v, struct rcd_err *err);
/* Frees; a file that is not finished goes. */
void rcd_voicenote_drop(struct rcd_voicenote *v);

#endif
