#ifndef RCD_FRAMES_H
#define RCD_FRAMES_H

#include "base/sv.h"

/* Audio that is nothing but a run of frames, each with a sync word and no header of the file:
 * MPEG audio, and AAC with ADTS or LOAS headers. A sync word alone means little (11 or 12 bits),
 * so a frame counts when others of the same stream stand where it says they do. */
enum rcd_framing { RCD_FRAMING_NONE, RCD_FRAMING_MPEG, RCD_FRAMING_ADTS, RCD_FRAMING_LOAS };

/* How far a search looks behind the tags. */
#define RCD_FRAMES_SEARCH (64 * 1024)

/* What stands in front of the audio in many files and is none: ID3 (any number of them), APE tags,
 * zeros. How many bytes. */
size_t rcd_frames_tags(struct rcd_sv b);

/* The first frame: right at the beginning of b, which two frames show; or, with search, at most
 * RCD_FRAMES_SEARCH bytes behind it, which takes four. *at: where. */
enum rcd_framing rcd_frames_find(struct rcd_sv b, bool search, size_t *at);

#endif
