#ifndef RCD_SB_OPENAI_SEE_H
#define RCD_SB_OPENAI_SEE_H

#include "base/json.h"
#include "daemon/sandbox/openai_check.h"

/* Pictures in what a simulated model is asked: image_url parts of Chat Completions, input_image
 * parts of Responses, with data: URLs. Models named gpt-3.5… see none and say so as the real ones
 * do. */

/* -1 with *no filled when a part is not as it must be. messages: of Chat Completions, or the input
 * of Responses. */
int rcd_sb_check_pictures(const json_t *messages, const char *model, struct rcd_sb_ruling *no);
/* What it sees beside the last message of the user: a line "[imagem: image/png 640x480]" for each
 * picture where it was asked for them, then "Vejo image/png 640x480. ". Nothing where there are
 * none. */
void rcd_sb_see(const json_t *req, struct rcd_buf *out);
/* How many pictures there are in all of it. */
size_t rcd_sb_pictures(const json_t *messages);

#endif
