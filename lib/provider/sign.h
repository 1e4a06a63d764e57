#ifndef RCD_SIGN_H
#define RCD_SIGN_H

#include "base/secret.h"
#include "net/form.h"

/* Verification of webhook signatures, one function per scheme. All compare in constant time and
 * return true only for a match. An absent or empty key or header is never a match.
 * now_ms: wall clock, for the schemes that carry a time (±300 s). */

/* Twilio (HMAC-SHA1 over URL + sorted pairs, values of a name sorted and each counted once;
 * the port forms and the legacy query form that the official validators accept are tried).
 * form is NULL for GET, JSON and WebSocket upgrades. raw is the body when the URL carries
 * bodySHA256 (then its digest must match too), else absent. */
bool rcd_sign_twilio(const struct rcd_secret *token, const char *url, const struct rcd_form *form,
                     struct rcd_sv raw, struct rcd_sv header);
/* Appends the names and values of form as they are signed. */
void rcd_sign_twilio_text(const struct rcd_form *form, struct rcd_buf *out);
/* Makes a signature, for simulators of Twilio: base64 into out (29 bytes with NUL). */
int rcd_sign_twilio_make(const struct rcd_secret *token, const char *url,
                         const struct rcd_form *form, char out[32]);

/* Meta: X-Hub-Signature-256: sha256=<hex of HMAC-SHA256(app secret, body)>. */
bool rcd_sign_meta(const struct rcd_secret *secret, struct rcd_sv body, struct rcd_sv header);

/* Retell: x-retell-signature: v=<ms>,d=<hex of HMAC-SHA256(api key, body + ms)>. */
bool rcd_sign_retell(const struct rcd_secret *key, struct rcd_sv body, struct rcd_sv header,
                     int64_t now_ms);

/* Standard Webhooks (OpenAI): webhook-id, webhook-timestamp, webhook-signature: one or more
 * "v1,<base64>" over id.timestamp.body; the key is base64 behind "whsec_". */
bool rcd_sign_standard(const struct rcd_secret *secret, struct rcd_sv id, struct rcd_sv timestamp,
                       struct rcd_sv body, struct rcd_sv header, int64_t now_ms);

/* ElevenLabs: ElevenLabs-Signature: t=<s>,v0=<hex of HMAC-SHA256(secret, t.body)>. */
bool rcd_sign_elevenlabs(const struct rcd_secret *secret, struct rcd_sv body, struct rcd_sv header,
                         int64_t now_ms);

#endif
