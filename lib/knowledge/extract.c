#include "knowledge/extract.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/program.h"
#include "knowledge/frame.h"

#define CHUNK 65536

static int read_all(struct rcd_program *p, struct rcd_buf *out, struct rcd_err *err)
{
	int64_t deadline = rcd_deadline_in(RCD_EXTRACT_MS);

	for (;;) {
		char *at = rcd_buf_room(out, CHUNK);
		size_t n;

		if (at == NULL)
			return out->over ? rcd_fail(err, RCD_LIMIT, 0, "the extractor writes too much") : rcd_fail_nomem(err);
		if (rcd_program_read(p, at, CHUNK, deadline, &n, err) != 0)
			return -1;
		if (n == 0)
			return 0;
		out->n += n;
	}
}

/* Every frame is looked at before one of them counts. */
static int check(struct rcd_sv rest, struct rcd_err *err)
{
	struct rcd_frame f;

	if (rest.n == 0)
		return rcd_fail(err, RCD_PROTO, 0, "the extractor died of it");
	do {
		if (rcd_frame_next(&rest, &f, err) != 0)
			return -1;
		if (f.kind == RCD_FRAME_ERROR)
			return rcd_fail(err, f.number == RCD_NOMEM ? RCD_LIMIT : (enum rcd_code)f.number, 0, "%.*s",
			                RCD_SV_ARG(f.text));
	} while (f.kind != RCD_FRAME_END);
	return rest.n == 0 ? 0 : rcd_fail(err, RCD_PROTO, 0, "the extractor writes behind the end");
}

int rcd_extract(const struct rcd_extract_conf *conf, const char *kind, int fd, struct rcd_buf *frames,
                struct rcd_err *err)
{
	const char *argv[] = {conf->program, conf->unsandboxed ? "--unsandboxed" : kind,
	                      conf->unsandboxed ? kind : NULL, NULL};
	struct rcd_program p = {0, -1};
	int ret;

	if (conf->program == NULL)
		return rcd_fail(err, RCD_NOENT, 0, "recado-extract, which reads it, is not installed");
	if (rcd_program_start_fd(&p, argv, fd, err) != 0)
		return -1;
	ret = read_all(&p, frames, err);
	(void)rcd_program_end(&p, ret != 0);
	return ret == 0 ? check(rcd_buf_view(frames), err) : -1;
}
