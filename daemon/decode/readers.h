#ifndef RCD_DAEMON_DECODE_READERS_H
#define RCD_DAEMON_DECODE_READERS_H

#include "audio/pcm.h"
#include "audio/sniff.h"
#include "daemon/cage/child.h"

/* recado-decode: a recording on standard input, its samples as one record (audio/sound.h) on
 * standard output. It runs once per recording, sandboxed (daemon/cage/), and is the only program
 * that links the libraries for foreign audio formats. The readers below are pure functions of the
 * recording's bytes, with the contract of rcd_decode. */

typedef int rcd_reader_fn(struct rcd_sv bytes, enum rcd_kind kind, int hz, struct rcd_pcm *out,
                          struct rcd_err *err);

rcd_reader_fn rcd_read_mp3;     /* libmpg123 */
rcd_reader_fn rcd_read_sndfile; /* libsndfile: WAV, FLAC and what is in Ogg beside Opus */
rcd_reader_fn rcd_read_amr;     /* libopencore-amr: narrow and wide band */

/* Other formats: ffmpeg as a separate process, started before this process confines itself.
 * RCD_NOENT: not installed. */
int rcd_ffmpeg_start(struct rcd_cage_child *ffmpeg, enum rcd_kind kind, int hz, bool may_be_free,
                     struct rcd_err *err);
int rcd_ffmpeg_read(struct rcd_cage_child *ffmpeg, int hz, struct rcd_pcm *out,
                    struct rcd_err *err);

#endif
