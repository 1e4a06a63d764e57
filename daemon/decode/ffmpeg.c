/* AAC, MP4, 3GP, WebM and codecs that no other reader knows: ffmpeg does it, whose licence and
 * whose mistakes stay outside. It starts threads, so its cage lets it; for the rest it is that of
 * pdftotext: no file but its libraries, no other program, no socket. */

#include "base/limits.h"
#include "daemon/decode/readers.h"

#include <stdio.h>
#include <stdlib.h>

/* A second more than is taken, to see that there is more. */
#define MOST_SECONDS "901"
_Static_assert(RCD_MAX_NOTE_SECONDS == 900, "MOST_SECONDS says it too");

static const struct rcd_cage_program ffmpeg_program = {.path = "/usr/bin/ffmpeg",
                                                       .package = "ffmpeg",
                                                       .threads = true};

/* Its reader is named, so that the bytes cannot pick one of its hundreds. */
static const char *reader_of(enum rcd_kind kind)
{
	static const char *const names[RCD_N_KINDS] = {
		[RCD_KIND_AAC] = "aac", [RCD_KIND_AAC_LOAS] = "loas", [RCD_KIND_MP4_AUDIO] = "mov",
		[RCD_KIND_3GP] = "mov", [RCD_KIND_WEBM] = "matroska", [RCD_KIND_OGG_OTHER] = "ogg",
		[RCD_KIND_WAV] = "wav", [RCD_KIND_FLAC] = "flac",     [RCD_KIND_MP3] = "mp3",
	};

	return names[kind];
}

/* The file has no name, so it is opened by its descriptor: MP4 is read from its end. */
int rcd_ffmpeg_start(struct rcd_cage_child *ffmpeg, enum rcd_kind kind, int hz, bool may_be_free,
                     struct rcd_err *err)
{
	const char *reader = reader_of(kind);
	char rate[16];
	const char *const argv[] = {"ffmpeg",
	                            "-nostdin",
	                            "-hide_banner",
	                            "-loglevel",
	                            "quiet",
	                            "-threads",
	                            "1",
	                            "-protocol_whitelist",
	                            "file,pipe",
	                            "-f",
	                            reader,
	                            "-i",
	                            "file:/proc/self/fd/0",
	                            "-map",
	                            "0:a:0",
	                            "-t",
	                            MOST_SECONDS,
	                            "-ac",
	                            "1",
	                            "-ar",
	                            rate,
	                            "-f",
	                            "s16le",
	                            "pipe:1",
	                            NULL};

	if (reader == NULL)
		return rcd_fail(err, RCD_DENIED, 0, "%s is not decoded here", rcd_kind_name(kind));
	(void)snprintf(rate, sizeof(rate), "%d", hz);
	return rcd_cage_child_start(ffmpeg, &ffmpeg_program, argv, may_be_free, err);
}

static int end_program(struct rcd_cage_child *ffmpeg, struct rcd_err *err)
{
	int status = 0;

	if (rcd_cage_child_end(ffmpeg, &status, err) != 0)
		return -1;
	return status == 0 ? 0 : rcd_fail(err, RCD_PROTO, status, "ffmpeg cannot read it");
}

int rcd_ffmpeg_read(struct rcd_cage_child *ffmpeg, int hz, struct rcd_pcm *out, struct rcd_err *err)
{
	struct rcd_buf pcm;
	struct rcd_err why = {0};
	size_t n, most = (size_t)RCD_MAX_NOTE_SECONDS * (size_t)hz;
	int ret;

	rcd_buf_init(&pcm, (most + 2 * (size_t)hz) * sizeof(int16_t));
	ret = rcd_cage_child_read(ffmpeg, &pcm, err);
	if (end_program(ffmpeg, &why) != 0 && ret == 0 &&
	    pcm.n == 0) { /* damage ends a note, as elsewhere */
		ret = -1;
		*err = why;
	}
	n = pcm.n / sizeof(int16_t);
	if (ret == 0 && n > most)
		ret = rcd_fail(err, RCD_LIMIT, 0, "note longer than %d s", RCD_MAX_NOTE_SECONDS);
	if (ret == 0 && n == 0)
		ret = rcd_fail(err, RCD_PROTO, 0, "no audio in the file");
	if (ret == 0)
		*out = (struct rcd_pcm){(int16_t *)(void *)rcd_buf_take(&pcm, NULL), n, hz};
	rcd_buf_free(&pcm);
	return ret;
}
