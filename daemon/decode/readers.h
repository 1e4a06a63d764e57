#ifndef RCD_DAEMON_DECODE_READERS_H
#define RCD_DAEMON_DECODE_READERS_H

#include "audio/pcm.h"
#include "audio/sniff.h"
#include "daemon/cage/child.h"

/* recado-decode: a recording on standard input, its samples as one record (audio/sound.h) on
 * standard output. It runs once for one recording, in a cage (daemon/cage/), and is the only
 * program that knows the libraries which read other people's sound. The readers below are plain
 * functions of the recording's bytes, with the contract of rcd_decode. */

typedef int rcd_reader_fn(struct rcd_sv bytes, enum rcd_kind kind, int hz, struct rcd_pcm *out,
                          struct rcd_err *err);

rcd_reader_fn rcd_read_mp3;     /* libmpg123 */
rcd_reader_fn rcd_read_sndfile; /* libsndfile: WAV, FLAC and what is in Ogg beside Opus */
rcd_reader_fn rcd_read_amr;     /* libopencore-amr: narrow and wide band */

/* What is left: ffmpeg as a process of its own, started before our own cage shuts, and then read.
 * RCD_NOENT when it is not installed. */
int rcd_ffmpeg_start(struct rcd_cage_child *ffmpeg, enum rcd_kind kind, int hz, bool may_be_free,
                     struct rcd_err *err);
int rcd_ffmpeg_read(struct rcd_cage_child *ffmpeg, int hz, struct rcd_pcm *out,
                    struct rcd_err *err);

#endif
