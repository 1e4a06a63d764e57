#include "daemon/options.h"

#include "daemon/conf.h"

#include <stdio.h>
#include <string.h>

#define AT(field) offsetof(struct rcd_conf, field)
#define LINE_MAX_BYTES 200

static const char *const levels[] = {"error", "warning", "notice", "info", "debug", NULL};
static const char *const languages[] = {"pt-BR", "en", NULL};
static const char *const aheads[] = {"off", "hear", "think", NULL};
static const char *const whens[] = {"always", "short", "mirror", "never", NULL};

/* clang-format off */
#define INT(n, lo, hi, d, u, f, h) {n, RCD_OPT_INT, lo, hi, d, u, NULL, NULL, 0, f, h}
#define REAL(n, lo, hi, d, f, h) {n, RCD_OPT_REAL, lo, hi, d, NULL, NULL, NULL, 0, f, h}
#define BOOL(n, d, f, h) {n, RCD_OPT_BOOL, 0, 1, d, NULL, NULL, NULL, 0, f, h}
#define STR(n, least, d, f, h)                                                                     \
	{n, RCD_OPT_STR, least, LINE_MAX_BYTES, d, NULL, NULL, NULL, 0, f, h}
#define ID(n, d, e, f, h) {n, RCD_OPT_ID, 0, 80, d, NULL, e, NULL, 0, f, h}
#define WORD(n, w, d, f, h) {n, RCD_OPT_WORD, 1, LINE_MAX_BYTES, d, NULL, NULL, w, 0, f, h}
#define ENUM(n, w, first, d, f, h)                                                                 \
	{n, RCD_OPT_ENUM, 1, LINE_MAX_BYTES, d, NULL, NULL, w, first, f, h}
#define PATH(n, d, e, f, h) {n, RCD_OPT_PATH, 1, 1000, d, NULL, e, NULL, 0, f, h}
#define URL(n, least, d, e, f, h) {n, RCD_OPT_URL, least, 500, d, NULL, e, NULL, 0, f, h}
#define LIST(n, d, f, h) {n, RCD_OPT_LIST, 1, LINE_MAX_BYTES, d, NULL, NULL, NULL, 0, f, h}
#define GROUPS(n, f, h) {n, RCD_OPT_GROUPS, 0, LINE_MAX_BYTES, "", NULL, NULL, NULL, 0, f, h}
/* At most what fits into one message, and never nothing but for the last. */
#define TEXT(n, d, h) {n, RCD_OPT_TEXT, 1, 1500, d, NULL, NULL, NULL, 0, RCD_NO_FIELD, h}
#define MAYBE_TEXT(n, d, h) {n, RCD_OPT_TEXT, 0, 1500, d, NULL, NULL, NULL, 0, RCD_NO_FIELD, h}
/* clang-format on */

const struct rcd_option rcd_options[] = {
	URL("public_url", 0, "", "PUBLIC_URL", AT(public_url),
        "Where the world reaches this instance, without a slash at the end: webhook signatures "
        "are checked against it and spoken answers are linked below it."),
	WORD("language", languages, "pt-BR", AT(language),
         "The language of the texts below and of the voice."),
	STR("zone", 1, "America/Sao_Paulo", AT(turn.zone),
        "The time zone of the business, as /usr/share/zoneinfo names it: the model is told the "
        "time there, and "
        "the contact's where the number says that it is another."),
	STR("business_hours", 0, "", AT(turn.business_hours),
        "When people answer, in words for the model and for {{horario}} in a persona."),
	PATH("state_dir", RCD_LOCALSTATEDIR "/lib/recado", NULL, AT(state_dir),
         "What must survive a restart: the database, attachments, spoken answers."),
	PATH("run_dir", "/run/recado", NULL, AT(run_dir), "What need not survive one."),
	PATH("socket", "$run_dir/recado.sock", NULL, AT(socket),
         "The FastCGI socket between nginx and recadod, unless systemd hands one over."),
	PATH("database_url", "sqlite:///$state_dir/recado.db", "DATABASE_URL", AT(database_url),
         "The store: sqlite:////absolute/path (with three slashes the path begins in "
         "state_dir), or postgresql://user@host/database, whose password belongs elsewhere."),
	PATH("audio_dir", "$state_dir/static/audio", NULL, AT(audio_dir),
         "The folder of the spoken answers, which nginx serves as /static/audio/."),
	STR("media", 0, "", AT(media),
        "Where spoken answers and attachments go: s3://bucket/prefix, for a store that several "
        "machines share, or \"\" for files."),
	URL("media_url", 0, "", NULL, AT(turn.media_url),
        "Spoken answers are linked below it instead of public_url/static/audio: a CDN in front of "
        "either, or of the audio/ folder of the bucket."),
	PATH("persona_dir", "persona", NULL, AT(persona_dir),
         "Who answers: its *.md files, in the order of their names, are what the model is told "
         "first. A change counts from the next answer on."),
	PATH("knowledge_dir", "knowledge", NULL, AT(knowledge_dir),
         "What the business knows: Markdown, text, PDF, Word, Excel, PowerPoint, LibreOffice, HTML "
         "and CSV files, "
         "sub-folders included."),
	PATH("secrets_dir", "secrets", NULL, RCD_NO_FIELD,
         "Keys and tokens, one file each, mode 0640 or tighter."),
	ENUM("log_level", levels, 3, "info", AT(log_level), "What is worth a line in the log."),
	INT("drain_ms", 0, 600000, "10000", "milliseconds", AT(drain_ms),
        "How long a stopping process may finish what it has begun."),
	{"routes", RCD_OPT_ROUTES, 1, 200,
     "/webhook/whatsapp:rest,/webhook/FUNCIONA:rest,/webhook/whatsapp/realtime:rest,"
     "/webhook/whatsapp/v2:rest:deprecated",
     NULL, NULL, NULL, 0, RCD_NO_FIELD,
     "The webhooks: a path below /webhook/; reply is rest (through Twilio's REST API, the default) "
     "or twiml (in the webhook itself when in time); a deprecated one works and is logged; text "
     "and audio are what answers a turn of text and one with a voice note, best first: realtime, "
     "chat, assistant. What the knowledge says and an apology stand below every ladder."},

	INT("web.processes", 1, 64, "2", NULL, AT(web_processes), "Processes that answer webhooks."),
	INT("web.threads", 1, 256, "32", NULL, AT(web_threads),
        "Threads in each of them; what they wait for together is committed together."),
	INT("web.twiml_deadline_ms", 500, 14000, "8000", "milliseconds", AT(twiml_deadline_ms),
        "How long a twiml route waits for its answer before it goes out through REST."),
	LIST("web.trusted_proxies", "127.0.0.1,::1", AT(trusted_proxies),
         "Proxies and tunnels in front of recado up, as addresses or networks like 10.0.0.0/8, "
         "whose "
         "X-Forwarded-For is believed: limits then count their clients instead of them. A site of "
         "your own says "
         "set_real_ip_from to its nginx."),
	BOOL(
		"web.public_stats", "false", AT(public_stats),
		"Show / and /stats, how many contacts and conversations there are, to everybody; otherwise "
		"only on this "
		"machine or with the admin token."),
	INT("work.processes", 0, 64, "2", NULL, AT(work_processes),
        "Processes that run the turns; with 0 messages are kept and wait."),
	INT("work.threads", 1, 4096, "512", NULL, AT(work_threads),
        "Turns in flight in each of them. One that takes the place of a process that died begins "
        "with 32, and makes "
        "room for one more with each that ends, for its first ten seconds."),

	URL("s3.endpoint_url", 0, "", "AWS_ENDPOINT_URL_S3", AT(s3.endpoint),
        "Where the store of media is when it is not AWS'; the bucket comes behind it."),
	ID("s3.region", "us-east-1", "AWS_REGION", AT(s3.region),
       "The bucket's region; auto for Google and Cloudflare."),
	ID("s3.access_key_id", "", "AWS_ACCESS_KEY_ID", AT(s3.key_id),
       "The name of the key that may put, get, list and delete below the prefix."),

	ID("twilio.account_sid", "", "TWILIO_ACCOUNT_SID", AT(twilio.account_sid),
       "The account that sends."),
	{"twilio.phone_number", RCD_OPT_STR, 0, 60, "", NULL, "TWILIO_PHONE_NUMBER", NULL, 0,
     AT(twilio.number), "The number that answers, with or without whatsapp: and +."},
	URL("twilio.base_url", 1, "https://api.twilio.com", "TWILIO_BASE_URL", AT(twilio.base_url),
        "Origin of Twilio's API; a value of your own stands for every Twilio host and is then "
        "the only place attachments are fetched from."),
	LIST("twilio.media_hosts",
         "media.twiliocdn.com,mms.twiliocdn.com,twiliocdn.com,s3-external-1.amazonaws.com,"
         "s3.amazonaws.com",
         AT(twilio.cdn),
         "Hosts, sub-domains included, to which Twilio may redirect the download of an "
         "attachment."),

	BOOL("twilio.sweep", "true", AT(sweep),
         "Ask Twilio, at start and every minute, for messages that it has and we do not."),

	URL("openai.base_url", 1, "https://api.openai.com/v1", "OPENAI_BASE_URL", AT(openai.base_url),
        "OpenAI's API or an engine that speaks its protocol, /v1 included."),
	STR("openai.chat_model", 1, "gpt-6-luna", AT(openai.chat_model), "The model that answers."),
	STR("openai.assistant_model", 1, "gpt-6-luna", AT(openai.assistant_model),
        "The model of the assistant rung, which is asked through Responses."),
	BOOL("openai.store", "false", AT(openai.store),
         "Whether OpenAI keeps a contact's context for the assistant rung, as a Conversation "
         "without an "
         "end date; one that does not hold the last turn stays there and a new one is begun. "
         "Otherwise "
         "the history goes along with each request and nothing stays."),
	STR("openai.realtime_model", 1, "gpt-realtime-2.1", AT(realtime.model),
        "The model of the realtime rung, which hears voice notes itself."),
	STR("openai.realtime_voice", 1, "sage", AT(realtime.voice),
        "The voice that model speaks with when it speaks."),
	BOOL("openai.realtime_audio", "false", AT(realtime.own_audio),
         "Whether it speaks its answers itself; otherwise the voice of the group elevenlabs does."),
	INT("openai.realtime_sessions", 0, 32, "4", NULL, AT(realtime.sessions),
        "Sessions of one process at most; more notes than these wait. With 0 the rung is left "
        "out."),
	INT("openai.realtime_warm", 0, 32, "1", NULL, AT(realtime.warm),
        "Sessions of one process that are kept ready while nobody needs them."),
	STR("openai.transcribe_model", 1, "gpt-transcribe", AT(openai.transcribe_model),
        "The model that hears voice notes."),
	STR("openai.language", 0, "", AT(openai.language),
        "The language of the voice notes, two letters of ISO 639-1; empty: that of language."),
	STR("openai.embedding_model", 1, "text-embedding-3-small", AT(openai.embedding_model),
        "The model that finds passages of the knowledge by meaning. After a change passages are "
        "sent to the "
        "new one in the background; what two models made is never compared."),
	INT("openai.embedding_dimensions", 16, 4096, "1536", "numbers", AT(openai.embedding_dimensions),
        "How many numbers it makes of a passage; as many as it can make, or fewer where it takes "
        "that."),
	REAL("openai.temperature", 0, 2, "0.7", AT(openai.temperature),
         "How freely the model words its answers; sent only to models that take it."),
	INT("openai.max_tokens", 16, 16384, "300", "tokens", AT(openai.max_tokens),
        "The longest answer."),
	REAL("openai.price_input", 0, 1000, "0", AT(price.input),
         "What a million tokens that chat_model reads cost, in US dollars, for recado chat and "
         "recado eval to "
         "tell the cost of an answer; 0: not known."),
	REAL("openai.price_cached", 0, 1000, "0", AT(price.cached),
         "The same of those that it still has in its cache; 0: as much as the others."),
	REAL("openai.price_output", 0, 1000, "0", AT(price.output),
         "The same of those that it writes; 0: not known."),
	STR("openai.reasoning_effort", 0, "none", AT(openai.reasoning),
        "How long a reasoning model may think before it answers; \"\" leaves it to the model."),

	URL("elevenlabs.base_url", 1, "https://api.elevenlabs.io", "ELEVENLABS_BASE_URL",
        AT(voice.base_url), "Origin of ElevenLabs' API."),
	ID("elevenlabs.voice_id", "", "ELEVENLABS_VOICE_ID", AT(voice.voice_id),
       "The voice that speaks; without it or without the key the offline voice does."),
	ID("elevenlabs.agent_id", "", "ELEVENLABS_AGENT_ID", RCD_NO_FIELD,
       "The agent for phone calls; kept for later, nothing uses it yet."),
	STR("elevenlabs.model", 1, "eleven_multilingual_v2", AT(voice.model), "The speech model."),
	REAL("elevenlabs.stability", 0, 1, "0.6", AT(voice.stability),
         "Low: livelier, high: more even."),
	REAL("elevenlabs.similarity", 0, 1, "0.8", AT(voice.similarity),
         "How close the speech stays to the recorded voice."),
	REAL("elevenlabs.style", 0, 1, "0.2", AT(voice.style), "How much the speaker's style shows."),
	REAL("elevenlabs.speed", 0.7, 1.2, "1.0", AT(voice.speed), "1 is the voice's own pace."),
	BOOL("elevenlabs.speaker_boost", "true", AT(voice.speaker_boost),
         "Closer to the speaker, a little slower to arrive."),

	ENUM("voice.when", whens, 0, "always", AT(turn.voice_when),
         "When an answer is spoken: always (text and audio), short (only up to short_chars), "
         "mirror (audio for audio, text for text), never."),
	BOOL("voice.on_request", "true", AT(turn.voice_on_request),
         "Whether a customer who asks for a voice note, or wants voice notes always, gets them "
         "whatever "
         "voice.when says, never included; one who wants none gets none in any case."),
	INT("voice.short_chars", 1, 5000, "600", "characters", AT(turn.short_chars),
        "What counts as short."),
	INT("voice.bitrate", 6000, 256000, "32000", "bits per second", AT(turn.speech.bitrate),
        "Of the Opus encoder."),
	INT("voice.complexity", 0, 10, "5", NULL, AT(turn.speech.complexity),
        "Effort of the Opus encoder."),
	INT("voice.keep_days", 1, 3650, "30", "days", AT(turn.speech.keep_days),
        "How long the file of a spoken answer is kept."),
	INT("voice.daily_characters", 0, 2000000000, "0", "characters",
        AT(turn.speech.daily_characters),
        "How much a paid voice (ElevenLabs, a session's own) may speak in a day (UTC): beyond it "
        "answers go out "
        "as text alone, and the log says so once. A sentence that is taken from a note in which it "
        "was spoken "
        "before is not counted. With 0 there is no end to it, and nothing is counted."),
	STR("voice.offline_voice", 0, "", AT(voice.offline_voice),
        "The voice of the offline program; empty: pt-br or en-us, by language."),
	STR("voice.offline_program", 1, "espeak-ng", AT(voice.offline_program),
        "Speaks when there is no ElevenLabs key or voice: espeak-ng, found in PATH."),

	BOOL("sms.plain", "true", AT(turn.sms_plain),
         "Send answers by SMS in plain characters: no typographic signs and emoji, and no accents "
         "where that "
         "saves segments."),
	INT("sms.segments", 1, 10, "3", "segments", AT(turn.sms_segments),
        "The longest answer by SMS: what is longer ends at its last whole sentence that fits. 160 "
        "characters, or "
        "153 each when there are several; 70 and 67 with accents that the alphabet of SMS does not "
        "have."),

	BOOL("knowledge.unsandboxed", "false", AT(unsandboxed),
         "Read PDF, office, HTML and CSV files also where the kernel has no sandbox (seccomp and "
         "Landlock) for the program that does it; otherwise they are refused there."),
	REAL(
		"knowledge.min_similarity", 0, 1, "0.4", AT(semantic.floor),
		"How near in meaning (cosine) a passage must be to a question to be of use without sharing "
		"its "
		"words. It depends on the model: see docs/knowledge.md for how to measure it."),
	INT("knowledge.embed_ms", 50, 10000, "800", "milliseconds", AT(semantic.within_ms),
        "How long the embedding of a question may take; after that its words alone are looked "
        "for."),

	INT("turn.history_turns", 0, 100, "10", NULL, AT(turn.history_turns),
        "How many of the last turns with the customer the model sees at most."),
	INT("turn.history_tokens", 100, 100000, "3000", "tokens", AT(turn.history_tokens),
        "And how long they may be together, at 3.5 bytes for a token."),
	BOOL("turn.memory", "true", AT(turn.memory),
         "Have the chat model sum up what the last turns leave behind and note what customers say "
         "of "
         "themselves; both stand in the prompt."),
	INT("turn.deadline_ms", 2000, 600000, "8000", "milliseconds", AT(turn.deadline_ms),
        "From the customer's last message until an answer leaves; the rungs of the ladder share "
        "it."),
	INT("turn.note_ms_per_s", 0, 5000, "200", "milliseconds", AT(turn.note_ms_per_s),
        "How much longer that is for each second of a voice note."),
	INT("turn.hear_ms", 0, 600000, "120000", "milliseconds", AT(turn.hear_ms),
        "How long at most the words of a voice note are waited for; the answer follows when they "
        "come. "
        "A transcription that is given up is paid for, and its customer is asked to write."),
	BOOL("turn.hold_on", "false", AT(turn.hold_on),
         "Tell a customer, once, when a voice note takes longer to hear than its time (about half "
         "of "
         "turn.deadline_ms, and turn.note_ms_per_s); the answer follows."),
	INT("turn.late_voice_ms", 0, 600000, "30000", "milliseconds", AT(turn.late_voice_ms),
        "How much longer the voice of an answer may take: it then follows its text."),
	INT("turn.late_ms", 60000, 2000000000, "3600000", "milliseconds", AT(turn.late_ms),
        "A message that Twilio's list tells of later than this is kept and listed by recado queue, "
        "not answered."),
	INT("turn.reconcile_ms", 0, 3600000, "120000", "milliseconds", AT(turn.reconcile_ms),
        "How long Twilio may still tell of a message whose fate is unknown, before one that is not "
        "in its list either is sent again."),
	INT("turn.cancels", 0, 100, "5", NULL, AT(turn.cancels),
        "How often a message that comes in while the answer is being made may begin it anew."),
	BOOL("turn.typing", "true", AT(turn.typing),
         "Tell WhatsApp that we write when an answer takes a second longer than its window."),
	BOOL("turn.unsandboxed", "false", AT(decode_unsandboxed),
         "Decode voice notes that are not Ogg/Opus also where the kernel has no sandbox (seccomp "
         "and "
         "Landlock) for the program that does it; otherwise those that OpenAI takes go on unheard "
         "there."),
	INT("turn.window_ms", 0, 60000, "1500", "milliseconds", AT(turn.window.text),
        "How long it must be quiet after a text before it is answered, so that a thought in "
        "several messages is answered once; 0 answers at once. None on twiml routes."),
	INT("turn.window_unfinished_ms", 0, 60000, "3000", "milliseconds", AT(turn.window.unfinished),
        "The same after a text that ends in \"…\"."),
	INT("turn.window_audio_ms", 0, 60000, "2500", "milliseconds", AT(turn.window.note),
        "The same after a voice note."),
	INT("turn.window_max_ms", 0, 120000, "4000", "milliseconds", AT(turn.window.most),
        "But never longer than this after the first message."),
	ENUM(
		"turn.ahead", aheads, 0, "think", AT(turn.ahead),
		"What is done before the window closes, so that only sending waits for its end: think asks "
		"the "
		"model and the voice too, hear fetches and transcribes attachments, off begins when it "
		"closes. "
		"A contact who mostly writes several messages at a time gets hear. recado stats tells what "
		"was "
		"asked in vain."),

	INT("vision.images", 0, 10, "3", "pictures", AT(turn.vision.images),
        "Pictures of one turn (JPEG, PNG, WebP, GIF) that are shown to a model that sees. Each "
        "counts as a "
        "request in limits.daily_model_calls. A model that turns out to see none is asked without "
        "them; 0: "
        "none are shown."),
	INT("vision.max_bytes", 1024, 12582912, "4194304", "bytes", AT(turn.vision.max_bytes),
        "A larger picture is kept and not shown."),
	INT("vision.document_chars", 0, 12000, "6000", "characters", AT(turn.vision.document_chars),
        "Text of the documents of one turn (PDF, Word, Excel, PowerPoint, LibreOffice, CSV, HTML, "
        "text) that "
        "the model is told; the history keeps how they begin. With 0 they are not read."),

	INT("limits.loop_answers", 0, 1000, "4", "answers", AT(turn.brake.loop_answers),
        "To messages of one contact on one channel that look like a program's, in an hour: the "
        "same again (but for "
        "numbers and times), auto-replies, stickers, empty messages. Then it is silent until "
        "something new comes, and "
        "recado waiting lists the contact. Short messages, pictures and documents count a half; 0: "
        "any number."),
	INT("limits.answers", 0, 10000, "30", "answers", AT(turn.brake.answers),
        "To one contact on one channel within limits.window_s, whatever it says; 0: any number."),
	INT("limits.window_s", 1, 3600, "300", "seconds", AT(turn.brake.window_s),
        "What limits.answers is counted in."),
	INT("limits.fast_answers", 0, 1000, "8", "answers", AT(turn.brake.fast_answers),
        "In a row to messages of one contact that came faster than anybody types, as those of "
        "another bot do; 0: any "
        "number."),
	INT("limits.quiet_s", 1, 3600, "30", "seconds", AT(turn.brake.quiet_s),
        "How long such messages must have ended before something new is answered again."),

	INT("limits.daily_model_calls", 0, 2000000000, "0", "requests", AT(turn.ceiling.model_calls),
        "What the turns of a channel may ask of models in a day (UTC), transcriptions included. "
        "From four "
        "fifths on answers are not spoken; then the knowledge answers, and fixed texts. The log "
        "says so, once for each. With 0 there is no end to it."),
	INT("limits.daily_messages", 0, 2000000000, "0", "messages", AT(turn.ceiling.messages),
        "What a channel may send in a day (UTC). From four fifths on answers are not spoken; then "
        "customers are not answered, and recado waiting lists them. With 0 there is no end to it."),

	LIST("tools.enabled", "search_knowledge,save_contact,handoff_human", AT(tools.enabled),
         "The tools that the model may call: search_knowledge, save_contact, schedule_message, "
         "move_lead, "
         "handoff_human, send_media and the names of tools.http."),
	LIST("tools.lead_stages", "new,interested,offer,won,lost", AT(tools.lead_stages),
         "The stages of a sale, for move_lead."),
	GROUPS("tools.media", AT(tools.media),
           "What send_media may send: a name that the model knows it by, and a url, https:// or, "
           "below "
           "public_url, beginning with /."),
	GROUPS(
		"tools.http", AT(tools.http),
		"Tools of your own, one request each: name, description, method (GET or POST), url with "
		"{placeholders} behind the host, schema (JSON Schema of the arguments), secret (a file in "
		"secrets_dir), header, timeout_ms, result_max."),

	TEXT("texts.pt_BR.media_gone",
         "Não consegui abrir o arquivo que você enviou. Pode mandar de novo, por favor? Se "
         "preferir, escreva aqui que eu respondo.",
         "The attachment could not be fetched."),
	TEXT("texts.pt_BR.no_speech",
         "Recebi o seu áudio, mas não ouvi nenhuma fala nele. Pode gravar de novo ou escrever a "
         "mensagem?",
         "A voice note in which nobody speaks."),
	TEXT("texts.pt_BR.not_audio",
         "O arquivo chegou, mas não abre como áudio. Pode gravar de novo ou escrever a mensagem "
         "em texto?",
         "Said to be audio, but it is not."),
	TEXT("texts.pt_BR.not_heard",
         "Recebi o seu áudio e ele está guardado. Para eu responder já, pode escrever a mensagem "
         "em texto, por favor?",
         "There is no transcription to be had now."),
	MAYBE_TEXT("texts.pt_BR.hold_on", "Recebi o seu áudio, já te respondo.",
               "A voice note takes longer to hear, with turn.hold_on; \"\" says nothing."),
	TEXT("texts.pt_BR.image",
         "Recebi a sua imagem e já guardei para a equipe. Conte por texto ou áudio como posso "
         "ajudar!",
         "An image came without a word."),
	TEXT("texts.pt_BR.video",
         "Recebi o seu vídeo e já guardei para a equipe. Conte por texto ou áudio como posso "
         "ajudar!",
         "A video came without a word."),
	TEXT("texts.pt_BR.document",
         "Recebi o seu documento e já guardei para a equipe. Conte por texto ou áudio como posso "
         "ajudar!",
         "A document came without a word."),
	TEXT("texts.pt_BR.location", "Recebi a sua localização, já está anotada. Como posso ajudar?",
         "A location came without a word."),
	TEXT("texts.pt_BR.sticker", "Adorei a figurinha! 😊 Como posso ajudar?", "A sticker came."),
	TEXT("texts.pt_BR.contact",
         "Recebi o contato e já guardei para a equipe. O que devemos fazer com ele?",
         "A contact card came."),
	TEXT("texts.pt_BR.empty",
         "A sua mensagem chegou vazia por aqui. Pode mandar de novo, em texto ou áudio?",
         "A message with nothing in it."),
	TEXT("texts.pt_BR.no_answer",
         "Boa pergunta! Para não responder errado, vou passar para uma pessoa da equipe, que "
         "responde por aqui assim que puder.",
         "The knowledge folder has no answer: a person will give it."),
	TEXT("texts.pt_BR.apology",
         "Desculpe, tive um problema e não consegui responder agora. A sua mensagem está guardada "
         "e uma pessoa da equipe vai responder por aqui.",
         "Nothing else could answer."),
	TEXT("texts.pt_BR.known", "Isto é o que está guardado sobre você:",
         "Above what is known, when a customer asks for it."),
	TEXT("texts.pt_BR.forget",
         "Posso apagar tudo o que guardo sobre você: conversas, áudios, arquivos e o resumo delas. "
         "Não dá para "
         "desfazer. Para confirmar, responda SIM.",
         "A customer asks to be forgotten: asks for a yes."),
	TEXT("texts.pt_BR.forgotten", "Pronto: apaguei tudo o que estava guardado sobre você.",
         "After the yes; what was kept is then gone."),
	TEXT("texts.pt_BR.by_sms", "Isto vale só para o que veio por SMS.",
         "Behind the three texts above by SMS, whose sender can be forged: told and erased is what "
         "came by SMS."),
	TEXT("texts.pt_BR.stopped",
         "Tudo bem, não enviaremos mais mensagens. Para voltar a receber, responda VOLTAR.",
         "Confirms, once, that a customer gets no more messages; then there is silence."),
	TEXT("texts.pt_BR.started",
         "Pronto, você voltou a receber as nossas mensagens. Como posso ajudar?",
         "A customer wants messages again."),
	TEXT("texts.pt_BR.no_offers",
         "Tudo bem, não enviaremos mais promoções. Se precisar de algo, é só escrever.",
         "A customer wants no advertising; what it asks is still answered."),
	TEXT("texts.pt_BR.offers", "Pronto, você voltou a receber as nossas promoções.",
         "A customer wants advertising again."),
	MAYBE_TEXT("texts.pt_BR.voice_down", "",
               "Put under the text when it cannot be spoken; \"\" says nothing."),

	TEXT("texts.en.media_gone",
         "I could not open the file you sent. Could you send it again, please? Or just write to "
         "me here and I will answer.",
         "The attachment could not be fetched."),
	TEXT("texts.en.no_speech",
         "Your voice note arrived, but I hear nobody speaking in it. Could you record it again or "
         "write to me?",
         "A voice note in which nobody speaks."),
	TEXT("texts.en.not_audio",
         "Your file arrived, but it does not open as audio. Could you record it again or write to "
         "me?",
         "Said to be audio, but it is not."),
	TEXT("texts.en.not_heard",
         "Your voice note is here and safely kept. To get an answer right away, could you write "
         "the message, please?",
         "There is no transcription to be had now."),
	MAYBE_TEXT("texts.en.hold_on", "I have your voice note, the answer follows in a moment.",
               "A voice note takes longer to hear, with turn.hold_on; \"\" says nothing."),
	TEXT("texts.en.image",
         "Thank you for the picture, I have kept it for the team. Tell me, in writing or by voice, "
         "how I can help!",
         "An image came without a word."),
	TEXT("texts.en.video",
         "Thank you for the video, I have kept it for the team. Tell me, in writing or by voice, "
         "how I can help!",
         "A video came without a word."),
	TEXT(
		"texts.en.document",
		"Thank you for the document, I have kept it for the team. Tell me, in writing or by voice, "
		"how I can help!",
		"A document came without a word."),
	TEXT("texts.en.location", "Thank you, I have noted your location. How can I help?",
         "A location came without a word."),
	TEXT("texts.en.sticker", "Lovely sticker! 😊 How can I help?", "A sticker came."),
	TEXT("texts.en.contact",
         "Thank you for the contact, I have kept it for the team. What should we do with it?",
         "A contact card came."),
	TEXT("texts.en.empty",
         "Your message arrived empty here. Could you send it again, in writing or by voice?",
         "A message with nothing in it."),
	TEXT("texts.en.no_answer",
         "Good question! I would rather not get it wrong, so I am passing it to a person of our "
         "team, who will answer here as soon as possible.",
         "The knowledge folder has no answer: a person will give it."),
	TEXT("texts.en.apology",
         "Sorry, something went wrong and I could not answer just now. Your message is kept, and a "
         "person of our team will answer here.",
         "Nothing else could answer."),
	TEXT("texts.en.known",
         "This is what is kept about you:", "Above what is known, when a customer asks for it."),
	TEXT("texts.en.forget",
         "I can erase everything I keep about you: conversations, voice notes, files and their "
         "summary. It cannot "
         "be undone. To confirm, answer YES.",
         "A customer asks to be forgotten: asks for a yes."),
	TEXT("texts.en.forgotten", "Done: I have erased everything that was kept about you.",
         "After the yes; what was kept is then gone."),
	TEXT("texts.en.by_sms", "This is about what came by SMS only.",
         "Behind the three texts above by SMS, whose sender can be forged: told and erased is what "
         "came by SMS."),
	TEXT("texts.en.stopped",
         "All right, we will send no more messages. To get them again, answer START.",
         "Confirms, once, that a customer gets no more messages; then there is silence."),
	TEXT("texts.en.started", "Done, you get our messages again. How can I help?",
         "A customer wants messages again."),
	TEXT("texts.en.no_offers",
         "All right, we will send no more offers. If you need anything, just write.",
         "A customer wants no advertising; what it asks is still answered."),
	TEXT("texts.en.offers", "Done, you get our offers again.",
         "A customer wants advertising again."),
	MAYBE_TEXT("texts.en.voice_down", "",
               "Put under the text when it cannot be spoken; \"\" says nothing."),
};
const size_t rcd_n_options = sizeof(rcd_options) / sizeof(rcd_options[0]);

const struct rcd_secret_option rcd_secrets[RCD_N_SECRETS] = {
	{"openai_api_key", "openai.api_key", "OPENAI_API_KEY", AT(openai.key),
     "The key for OpenAI's API; without it the knowledge folder answers."},
	{"elevenlabs_api_key", "elevenlabs.api_key", "ELEVENLABS_API_KEY", AT(voice.key),
     "The key for ElevenLabs' API; without it the offline voice speaks."},
	{"twilio_auth_token", "twilio.auth_token", "TWILIO_AUTH_TOKEN", AT(twilio.token),
     "Signs what Twilio sends and lets us send; without it webhooks answer 503."},
	{"aws_secret_access_key", "s3.secret_access_key", "AWS_SECRET_ACCESS_KEY", AT(s3.secret),
     "Signs what is asked of the store of media."},
	{"aws_session_token", "s3.session_token", "AWS_SESSION_TOKEN", AT(s3.session),
     "Goes with temporary keys of AWS."},
	{"session_secret", "session.secret", "SESSION_SECRET", AT(session_secret),
     "Signs the sessions of the panel."},
	{"admin_token", "admin.token", "RECADO_ADMIN_TOKEN", AT(admin_token),
     "Opens /test/ and /system/ to other addresses than loopback."},
};

const char *rcd_option_allowed(const struct rcd_option *o, char out[RCD_ALLOWED_N])
{
	size_t n = 0;

	switch (o->type) {
	case RCD_OPT_INT:
		(void)snprintf(out, RCD_ALLOWED_N, "a whole number from %.0f to %.0f", o->min, o->max);
		break;
	case RCD_OPT_REAL:
		(void)snprintf(out, RCD_ALLOWED_N, "a number from %g to %g", o->min, o->max);
		break;
	case RCD_OPT_BOOL:
		(void)snprintf(out, RCD_ALLOWED_N, "true or false");
		break;
	case RCD_OPT_WORD:
	case RCD_OPT_ENUM:
		for (size_t i = 0; o->words[i] != NULL && n < RCD_ALLOWED_N; i++)
			n += (size_t)snprintf(out + n, RCD_ALLOWED_N - n, "%s\"%s\"", i == 0 ? "one of " : ", ",
			                      o->words[i]);
		break;
	case RCD_OPT_ID:
		(void)snprintf(out, RCD_ALLOWED_N, "at most %.0f letters, digits, \"-\" and \"_\"", o->max);
		break;
	case RCD_OPT_STR:
		(void)snprintf(out, RCD_ALLOWED_N, "one line of %.0f to %.0f bytes", o->min, o->max);
		break;
	case RCD_OPT_TEXT:
		(void)snprintf(out, RCD_ALLOWED_N, "a text of %.0f to %.0f bytes", o->min, o->max);
		break;
	case RCD_OPT_PATH:
		(void)snprintf(out, RCD_ALLOWED_N, "a path");
		break;
	case RCD_OPT_URL:
		(void)snprintf(out, RCD_ALLOWED_N, "a URL, https or, on loopback, http%s",
		               o->min > 0 ? "" : "; or \"\"");
		break;
	case RCD_OPT_LIST:
		(void)snprintf(out, RCD_ALLOWED_N, "a list of names");
		break;
	case RCD_OPT_GROUPS:
		(void)snprintf(out, RCD_ALLOWED_N, "a list of groups: ( { name = \"…\"; … }, … )");
		break;
	case RCD_OPT_ROUTES:
		(void)snprintf(out, RCD_ALLOWED_N,
		               "a list of { path = \"…\"; reply = \"rest\" or \"twiml\"; "
		               "deprecated = true or false; }");
		break;
	}
	return out;
}
