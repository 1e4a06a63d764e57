/* From messages to words: what is built of them, and in which language. */

#include "media/media_int.h"
#include "tests/t.h"

static int texts_stand_in_both_languages(void)
{
	int ret = 0;

	for (enum rcd_media_text i = 0; i < RCD_N_MEDIA_TEXTS; i++)
		T_OK(rcd_media_text(RCD_PT, i) != NULL && rcd_media_text(RCD_EN, i) != NULL);
	T_STR(rcd_media_text(RCD_PT, RCD_MARK_NO_SPEECH), "áudio sem fala");
	T_STR(rcd_media_text(RCD_EN, RCD_MARK_NO_SPEECH), "voice note without speech");
	T_STR(rcd_media_text(RCD_EN, RCD_MARK_STICKER), "sticker");
out:
	return ret;
}

/* Marks are for the model, and no rule reads them; a session is not told what it has heard. */
static int words_and_marks_go_where_they_belong(void)
{
	struct rcd_received h;
	struct rcd_err err = {0};
	bool bad;
	int ret = 0;

	rcd_received_init(&h);
	rcd_received_words(&h, RCD_SV("[imagem] oi"));
	rcd_received_mark(&h, "figurinha");
	rcd_received_beside(&h, RCD_SV("[localização: x]"));
	rcd_received_transcript(&h, RCD_SV("quanto custa"), true);
	rcd_received_notice(&h, RCD_NOTICE_STICKER);
	rcd_received_notice(&h, RCD_NOTICE_VIDEO);
	bad = h.customer_text.bad || h.own_words.bad || h.unsent_text.bad || h.transcript.bad;
	T_DO(bad ? rcd_fail_nomem(&err) : 0, err);
	T_STR(h.customer_text.p, "(imagem] oi\n[figurinha]\n[localização: x]\nquanto custa");
	T_STR(h.own_words.p, "(imagem] oi\nquanto custa");
	T_INT(rcd_sv_is(rcd_buf_view(&h.unsent_text), "(imagem] oi\n[localização: x]"), 1);
	T_STR(h.transcript.p, "quanto custa");
	T_INT(h.notice, RCD_NOTICE_STICKER);
	T_OK(h.has_words);
out:
	rcd_received_free(&h);
	return ret;
}

static int describe(enum rcd_lang lang, struct rcd_sv captions, struct rcd_buf *out,
                    struct rcd_err *err)
{
	struct rcd_received h;
	struct rcd_captions c;
	struct rcd_buf rest;
	int ret;

	rcd_received_init(&h);
	rcd_captions_init(&c);
	rcd_buf_init(&rest, 1000);
	h.pictures = json_pack("[s, s]", "data:1", "data:2");
	rcd_received_words(&h, RCD_SV("veja"));
	for (int i = 0; i < 3; i++)
		rcd_received_mark(&h, rcd_media_text(lang, RCD_MARK_IMAGE));
	h.n_picture_marks = 3;
	h.picture_mark[0] = 0; /* the second picture was not shown */
	h.picture_mark[1] = 2;
	rcd_captions_push(&c, captions, &rest);
	rcd_captions_end(&c, &rest);
	ret = h.customer_text.bad || h.pictures == NULL || rest.bad
	          ? rcd_fail_nomem(err)
	          : rcd_pictures_describe(&h, &c, lang, out, err);
	rcd_buf_free(&rest);
	rcd_captions_done(&c);
	rcd_received_free(&h);
	return ret;
}

static int pictures_are_described_where_they_stood(void)
{
	struct rcd_buf out;
	struct rcd_err err = {0};
	int ret = 0;

	rcd_buf_init(&out, 1000);
	T_DO(describe(RCD_PT, RCD_SV("[imagem: um gato]\n[imagem: uma nota]\n"), &out, &err), err);
	T_STR(out.p, "veja\n[imagem: um gato]\n[imagem]\n[imagem: uma nota]");
	rcd_buf_reset(&out);
	T_DO(describe(RCD_EN, RCD_SV("[image: a cat]\n[image: a bill]\n"), &out, &err), err);
	T_STR(out.p, "veja\n[image: a cat]\n[image]\n[image: a bill]");
out:
	rcd_buf_free(&out);
	return ret;
}

const struct t_case t_cases[] = {
	{"texts_stand_in_both_languages", texts_stand_in_both_languages, 0},
	{"words_and_marks_go_where_they_belong", words_and_marks_go_where_they_belong, T_OOM},
	{"pictures_are_described_where_they_stood", pictures_are_described_where_they_stood, T_OOM},
	{NULL, NULL, 0},
};
