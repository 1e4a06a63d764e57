#include "knowledge/extract.h"

#include "base/clock.h"
#include "base/program.h"
#include "knowledge/frame.h"

/* Every frame is looked at before one of them counts. */
static int check_frames(struct rcd_sv rest, struct rcd_err *err)
{
	struct rcd_frame f;

	if (rest.n == 0)
		return rcd_fail(err, RCD_PROTO, 0, "the extractor died of it");
	do {
		if (rcd_frame_next(&rest, &f, err) != 0)
			return -1;
		if (f.kind == RCD_FRAME_ERROR)
			return rcd_fail(err, f.number == RCD_NOMEM ? RCD_LIMIT : (enum rcd_code)f.number, 0,
			                "%.*s", RCD_SV_ARG(f.text));
	} while (f.kind != RCD_FRAME_END);
	return rest.n == 0 ? 0 : rcd_fail(err, RCD_PROTO, 0, "the extractor writes behind the end");
}

int rcd_extract(const struct rcd_extract_conf *conf, const char *kind, int fd,
                struct rcd_buf *frames, struct rcd_err *err)
{
	const char *argv[] = {conf->program, conf->unsandboxed ? "--unsandboxed" : kind,
	                      conf->unsandboxed ? kind : NULL, NULL};

	if (conf->program == NULL)
		return rcd_fail(err, RCD_NOENT, 0, "recado-extract, which reads it, is not installed");
	if (rcd_program_run(argv, fd, rcd_deadline_in(conf->ms > 0 ? conf->ms : RCD_EXTRACT_MS), frames,
	                    err) != 0)
		return -1;
	return check_frames(rcd_buf_view(frames), err);
}
