#ifndef RCD_SNIFF_H
#define RCD_SNIFF_H

#include "base/sv.h"

/* Detects the type of a file by its bytes. The declared content type only decides between types
 * that the bytes cannot tell apart (vCard and plain text, for example). */
enum rcd_kind {
	RCD_KIND_UNKNOWN, /* unknown: encrypted, truncated, or mislabelled */
	RCD_KIND_OGG_OPUS,
	RCD_KIND_OGG_OTHER, /* Vorbis, FLAC, Speex … inside Ogg */
	RCD_KIND_WAV,
	RCD_KIND_MP3,
	RCD_KIND_FLAC,
	RCD_KIND_MP4_AUDIO, /* M4A or MP4 that was declared or branded as audio */
	RCD_KIND_3GP,       /* 3GP that was */
	RCD_KIND_AMR,
	RCD_KIND_AAC,      /* with ADTS headers */
	RCD_KIND_AAC_LOAS, /* with LOAS headers */
	RCD_KIND_WEBM,
	RCD_KIND_IMAGE,
	RCD_KIND_STICKER, /* WebP */
	RCD_KIND_VIDEO,
	RCD_KIND_PDF,
	RCD_KIND_DOCUMENT, /* office files, zip */
	RCD_KIND_CONTACT,  /* vCard */
	RCD_KIND_TEXT,
	RCD_N_KINDS
};

/* declared: the Content-Type of the sender, may be absent. */
enum rcd_kind rcd_sniff(struct rcd_sv bytes, struct rcd_sv declared);
/* The file from its first frame on: leading tags, padding and the rest of a truncated frame are
 * removed. */
struct rcd_sv rcd_sniff_audio(struct rcd_sv bytes, enum rcd_kind k);
const char *rcd_kind_name(enum rcd_kind k); /* "ogg-opus", "image" … */
bool rcd_kind_is_audio(enum rcd_kind k);    /* something that may hold speech */
/* File name and content type under which a transcription service takes it ("note.ogg",
 * "audio/ogg"); NULL when none does (AMR, AAC, 3GP), or when k is not audio. */
const char *rcd_kind_filename(enum rcd_kind k);
const char *rcd_kind_type(enum rcd_kind k);

#endif
