#ifndef RCD_LIMITS_H
#define RCD_LIMITS_H

/* Every maximum in one place. Bytes unless the name says otherwise. */

#define RCD_MAX_WEBHOOK (256 * 1024) /* body of a webhook; nginx has the same limit */
#define RCD_MAX_FORM_FIELDS 512      /* pairs in one form */
#define RCD_MAX_ADDRESS 160          /* a channel address: Twilio says at most 140 */
#define RCD_MAX_URL 2048
#define RCD_MAX_JSON (4 * 1024 * 1024)   /* one JSON response of a provider */
#define RCD_MAX_PICTURES 10              /* pictures of one turn sent to a model, */
#define RCD_MAX_SHOWN (12 * 1024 * 1024) /* and their total size */
#define RCD_MAX_PICTURE_SIDE 16384       /* pixels */
#define RCD_MAX_PICTURE_PIXELS (64 * 1024 * 1024)
#define RCD_MAX_ASK (20 * 1024 * 1024)   /* a request to a model, pictures in Base64 included */
#define RCD_MAX_HTTP_HEADERS (64 * 1024) /* all headers of one answer */
#define RCD_MAX_SSE_LINE (1024 * 1024)
#define RCD_MAX_SSE_EVENT (1024 * 1024)
#define RCD_MAX_WS_MESSAGE (16 * 1024 * 1024) /* one inbound WebSocket message, joined */
#define RCD_MAX_MEDIA (20 * 1024 * 1024)      /* one inbound attachment (WhatsApp: 16 MB) */
#define RCD_MAX_SMALL_MEDIA (1024 * 1024)     /* larger attachments count against the limit below */
#define RCD_MAX_LARGE_AT_ONCE 4               /* large attachments held by one process */
#define RCD_MAX_OPUS_AT_ONCE 4                /* voice notes decoded inside one process */
#define RCD_MAX_DECODERS 2                    /* recado-decode programs of one process */
/* documents of customers that one process extracts at once */
#define RCD_MAX_EXTRACTORS 2
/* a longer voice note is transcribed instead of sent to a realtime session */
#define RCD_MAX_LIVE_NOTE_SECONDS 180
/* samples that sessions of one process hear at once: with more under way a note is transcribed */
#define RCD_MAX_LIVE_BYTES (64 * 1024 * 1024)
#define RCD_MAX_MEDIA_COUNT 10         /* attachments of one message that are read */
#define RCD_MAX_NOTE_SECONDS (15 * 60) /* decoded length of a voice note */
#define RCD_MAX_OGG_PAGES 200000
#define RCD_MAX_SPEECH_SECONDS (10 * 60)        /* length of a spoken answer */
#define RCD_MAX_TEXT (64 * 1024)                /* one customer text or one model answer */
#define RCD_MAX_SAID (48 * 1024)                /* all texts of one turn, after shortening */
#define RCD_MAX_HEARD (64 * 1024 * 1024)        /* the same before shortening */
#define RCD_MAX_BODY_CHARS 1600                 /* characters that Twilio accepts in one Body */
#define RCD_MAX_PROMPT (256 * 1024)             /* persona + history + passages */
#define RCD_MAX_DOCUMENT (64 * 1024 * 1024)     /* one file or page of the knowledge base */
#define RCD_MAX_DOCUMENT_TEXT (8 * 1024 * 1024) /* its extracted text */
#define RCD_MAX_DOCUMENT_PAGES 2000
#define RCD_MAX_VECTOR_FILE (16 * 1024 * 1024) /* imported passages as JSON */
#define RCD_MAX_CONF_FILE (1024 * 1024)
#define RCD_MAX_EVAL_FILE (1024 * 1024) /* scripted conversations */
#define RCD_MAX_TURN_MESSAGES 64        /* inbound messages that one turn answers */

#endif
