#ifndef RCD_LIMITS_H
#define RCD_LIMITS_H

/* Every maximum in one place. Bytes unless the name says otherwise. */

#define RCD_MAX_WEBHOOK (256 * 1024) /* body of a webhook; nginx says the same */
#define RCD_MAX_FORM_FIELDS 512      /* pairs in one form */
#define RCD_MAX_ADDRESS 160          /* a channel address: Twilio says at most 140 */
#define RCD_MAX_URL 2048
#define RCD_MAX_JSON (4 * 1024 * 1024)   /* one JSON answer of a provider */
#define RCD_MAX_PICTURES 10              /* of one turn that a model is shown, */
#define RCD_MAX_SHOWN (12 * 1024 * 1024) /* and their bytes together */
#define RCD_MAX_PICTURE_SIDE 16384       /* pixels */
#define RCD_MAX_PICTURE_PIXELS (64 * 1024 * 1024)
#define RCD_MAX_ASK (20 * 1024 * 1024)   /* a question to a model, those in it as Base64 */
#define RCD_MAX_HTTP_HEADERS (64 * 1024) /* all headers of one answer */
#define RCD_MAX_SSE_LINE (1024 * 1024)
#define RCD_MAX_SSE_EVENT (1024 * 1024)
#define RCD_MAX_WS_MESSAGE (16 * 1024 * 1024) /* one inbound WebSocket message, joined */
#define RCD_MAX_MEDIA (20 * 1024 * 1024)      /* one inbound attachment (WhatsApp: 16 MB) */
#define RCD_MAX_SMALL_MEDIA (1024 * 1024)     /* larger attachments are held a few at a time: */
#define RCD_MAX_LARGE_AT_ONCE 4               /* so many of them by one process, */
#define RCD_MAX_OPUS_AT_ONCE 4                /* so many of its notes decoded in it, */
#define RCD_MAX_DECODERS 2                    /* and so many by recado-decode */
/* documents of customers read at once by one process */
#define RCD_MAX_EXTRACTORS 2
/* a longer note is transcribed, not heard by a session */
#define RCD_MAX_LIVE_NOTE_SECONDS 180
#define RCD_MAX_MEDIA_COUNT 10         /* attachments looked at in one message */
#define RCD_MAX_NOTE_SECONDS (15 * 60) /* decoded length of a voice note */
#define RCD_MAX_OGG_PAGES 200000
#define RCD_MAX_SPEECH_SECONDS (10 * 60)        /* length of a spoken answer */
#define RCD_MAX_TEXT (64 * 1024)                /* one customer text or one model answer */
#define RCD_MAX_SAID (48 * 1024)                /* what the messages of one turn are shortened to */
#define RCD_MAX_HEARD (64 * 1024 * 1024)        /* and what they may come to before that */
#define RCD_MAX_BODY_CHARS 1600                 /* characters Twilio takes in one Body */
#define RCD_MAX_PROMPT (256 * 1024)             /* persona + history + passages */
#define RCD_MAX_DOCUMENT (64 * 1024 * 1024)     /* one file or page of the knowledge */
#define RCD_MAX_DOCUMENT_TEXT (8 * 1024 * 1024) /* the text in it */
#define RCD_MAX_DOCUMENT_PAGES 2000
#define RCD_MAX_VECTOR_FILE (16 * 1024 * 1024) /* another system's passages as JSON */
#define RCD_MAX_CONF_FILE (1024 * 1024)
#define RCD_MAX_EVAL_FILE (1024 * 1024) /* scripted conversations */
#define RCD_MAX_TURN_MESSAGES 64        /* inbound messages that one turn answers */

#endif
