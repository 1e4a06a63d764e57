#ifndef RCD_FRAMES_H
#define RCD_FRAMES_H

#include "base/sv.h"

/* Detection of raw frame streams without a file header: MPEG audio, and AAC with ADTS or LOAS
 * headers. A sync word alone proves little (11 or 12 bits), so a frame counts only when further
 * frames of the same stream follow where its length says. */
enum rcd_framing { RCD_FRAMING_NONE, RCD_FRAMING_MPEG, RCD_FRAMING_ADTS, RCD_FRAMING_LOAS };

/* How far a search goes beyond the tags. */
#define RCD_FRAMES_SEARCH (64 * 1024)

/* Bytes before the audio that are not audio: ID3 tags (any number), APE tags, zeros. */
size_t rcd_frames_tags(struct rcd_sv b);

/* Finds the first frame and its offset *at: at the start of b, confirmed by two frames, or with
 * search within RCD_FRAMES_SEARCH bytes of it, confirmed by four. */
enum rcd_framing rcd_frames_find(struct rcd_sv b, bool search, size_t *at);

#endif
