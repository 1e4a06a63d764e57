"""Between a model's words and the customer: what is not for the customer, the channel's marks, SMS."""

import json

from lib import Sandbox, Up

SMS_CUSTOMER, SMS_BUSINESS = "+5511900000005", "+14155238886"
QUIET = "turn: { window_ms = 0; };\n"
NEVER = 'voice: { when = "never"; };\n'
BELOW = 'responses text="Posso ajudar em mais alguma coisa?"\n'
EMPTY = "A sua mensagem chegou vazia por aqui."


def chat(text, more=""):
    """A line of the plan: the chat model says this."""
    return f"chat {more} text={json.dumps(text, ensure_ascii=False)}\n"


def finished(up, n=1):
    up.wait_rows("SELECT 1 FROM turn WHERE finished_ms IS NOT NULL", count=n)


def answers(up):
    """(rung, what the history holds) of each turn, and what was sent of it."""
    rows = up.query("SELECT rung, bot_response AS answer FROM turn ORDER BY id")
    return [(r["rung"], r["answer"]) for r in rows]


def bodies(up):
    return [r["body"] for r in up.query("SELECT body FROM outbox WHERE body IS NOT NULL ORDER BY id")]


def media(up):
    return [r["media_url"] for r in up.query("SELECT media_url FROM outbox WHERE media_url IS NOT NULL")]


def one(plan, ask="qual o horário?", **fields):
    """One message and its answer: rung, what the history holds, the texts that were sent, the log."""
    with Sandbox(plan=plan) as box, Up(env=box.env, conf_text=QUIET + NEVER) as up:
        up.text(ask, **fields)
        finished(up)
        (rung, said), = answers(up)
        return rung, said, bodies(up), up.log()


def test_reasoning_stays_inside():
    answer = "Atendemos das 9h às 18h."
    before = ("<think>O cliente quer saber o horário. 3 < 5.</think>\n\n", "<THINKING>\nHum.\n</THINKING>",
              "[THINK]Hum.[/THINK]", "◁think▷Hum.◁/think▷", "O cliente quer saber o horário. Devo dizer.</think>\n",
              "<|channel|>analysis<|message|>Hum.<|end|><|start|>assistant<|channel|>final<|message|>")
    plan = "".join(chat(b + answer, f"nth={i + 1}") for i, b in enumerate(before))
    with Sandbox(plan=plan) as box, Up(env=box.env, conf_text=QUIET + NEVER) as up:
        for i in range(len(before)):
            up.text("qual o horário?")
            finished(up, i + 1)
        assert answers(up) == [("chat", answer)] * len(before), answers(up)
        assert bodies(up) == [answer] * len(before), bodies(up)


def test_a_superfluous_end_tag_loses_no_answer():
    answer = "Atendemos das 9h às 18h."
    for text in ("<think>Hum.</think>\n\n" + answer + "</think>", "Hum.</think>\n" + answer + "</think>\n"):
        rung, said, texts, _ = one(chat(text))
        assert (rung, said, texts) == ("chat", answer, [answer]), (text, rung, said, texts)


def test_the_voice_speaks_what_is_read():
    """Words that turn out to be reasoning are taken back from the voice too."""
    answer = "Atendemos das nove às dezoito horas, de segunda a sexta."
    plan = chat("O cliente pergunta o horário. Vou responder. Isso é longo o bastante para a voz.</think>\n" + answer,
                "pace=20")
    with Sandbox(plan=plan) as box, Up(env=box.env, conf_text=QUIET) as up:
        up.text("qual o horário?")
        finished(up)
        assert bodies(up) == [answer]
        assert len(media(up)) == 1
        pieces = up.query("SELECT count(*) AS n FROM speech")
        assert pieces[0]["n"] == 1, pieces


def test_no_visible_answer_is_none():
    for text in ("<think>só pensei", "\u200b\u2800\u3164"):
        rung, said, texts, log = one(chat(text) + BELOW)
        assert rung == "assistant", (text, rung)
        assert texts == [said] == ["Posso ajudar em mais alguma coisa?"], (text, texts)
        assert "gave no visible answer" in log, text


def test_a_call_as_text_is_not_sent():
    for text in ('<tool_call>\n{"name": "save_contact", "arguments": {"name": "Cliente Um"}}\n</tool_call>',
                 'Pronto, anotei.\n```json\n{"name": "save_contact", "arguments": {}}\n```',
                 'functions.save_contact({"name": "Ana"})'):
        rung, _, texts, log = one(chat(text) + BELOW)
        assert rung == "assistant" and texts == ["Posso ajudar em mais alguma coisa?"], (text, rung, texts)
        assert "wrote a tool call as text" in log, text


def test_a_cut_answer_ends_at_a_sentence():
    whole = "A entrega é grátis no centro."
    text = whole + " O nosso plano inclui também troca em até trinta dias, e isso sem custo, sempre que quiser."
    with Sandbox(plan=chat(text, "incomplete")) as box, Up(env=box.env, conf_text=QUIET) as up:
        up.text("como é a entrega?")
        finished(up)
        assert answers(up) == [("chat", whole)], answers(up)
        assert bodies(up) == [whole]
        assert len(media(up)) == 1
        up.wait_log(r"turn=\d+ answer_cut reason=length kept=\d+ dropped=\d+")


def test_half_a_sentence_is_no_answer():
    text = "O nosso plano inclui também troca em até trinta dias, e isso sem custo, sempre que quiser"
    rung, _, texts, log = one(chat(text, "incomplete") + BELOW)
    assert rung == "assistant" and texts == ["Posso ajudar em mais alguma coisa?"], (rung, texts)
    assert "answer_cut reason=length" in log


MARKDOWN = ("## Planos\n\n**Básico**: R$ 10\n- [Ver](https://example.com/p)\n\n| Plano | Preço |\n|---|---|\n"
            "| A | R$ 10 |\n\n***Só hoje*** e ~~R$ 20~~")


def test_markdown_is_whatsapps_own():
    _, said, texts, _ = one(chat(MARKDOWN))
    want = ("*Planos*\n\n*Básico*: R$ 10\n- Ver: https://example.com/p\n\nPlano: A; Preço: R$ 10\n\n"
            "*_Só hoje_* e ~R$ 20~")
    assert texts == [want] and said == want, texts


def test_invisible_messages_are_empty():
    messages = ("\u200b", "\u2800", "\u3164\u00ad", "\u202e\u202c\U000E0041")
    with Sandbox() as box, Up(env=box.env, conf_text=QUIET + NEVER) as up:
        for i, body in enumerate(messages):
            up.text(body)
            finished(up, i + 1)
        assert [rung for rung, _ in answers(up)] == ["notice"] * len(messages), answers(up)
        assert all(said.startswith(EMPTY) for _, said in answers(up)), answers(up)
        assert not [r for r in box.ledger() if r["op"] == "chat"]


def test_sms_is_short_plain_text():
    """Spoken always, with Markdown, accents and 1,300 characters: one text of three segments."""
    long = "😊 **Olá**, não há “taxa” de adesão — e você pode cancelar quando quiser. " * 20
    with Sandbox(plan=chat(long)) as box, Up(env=box.env, conf_text=QUIET) as up:
        up.text("quanto custa?", From=SMS_CUSTOMER, To=SMS_BUSINESS)
        finished(up)
        (rung, said), texts = answers(up)[0], bodies(up)
        assert rung == "chat" and texts == [said], texts
        assert media(up) == []
        assert said.endswith("cancelar quando quiser.") and said.startswith("Ola, nao ha \"taxa\" de adesao - e voce")
        assert said.isascii() and 300 < len(said) <= 459, (len(said), said)
        assert not [r for r in box.ledger() if r["op"] == "tts"]
        up.wait_log("answer_cut reason=sms")


def test_a_short_sms_keeps_its_accents():
    _, said, texts, _ = one(chat("Não há vagas às 9h, só à tarde."), From=SMS_CUSTOMER, To=SMS_BUSINESS)
    assert texts == ["Não há vagas às 9h, só à tarde."] == [said]
