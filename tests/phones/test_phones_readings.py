"""What is said of a number beside its digits: tier, line, channel, span, surroundings."""

from __future__ import annotations

import pytest

from pipelines.phones import find_phones, find_phones_html


@pytest.mark.parametrize(
    ("text", "value", "line", "tier", "channel", "raw"),
    [
        ("chiama 311 445 5667 ora", "+393114455667", "mobile", "confirmed", "call", "311 445 5667"),
        ("WhatsApp: 3114455667", "+393114455667", "mobile", "confirmed", "whatsapp", "3114455667"),
        ("telegram 3114455667", "+393114455667", "mobile", "confirmed", "telegram", "3114455667"),
        ("viber +393114455667", "+393114455667", "mobile", "confirmed", "viber", "+393114455667"),
        ("tel. 041 5223344", "+390415223344", "fixed", "confirmed", "call", "041 5223344"),
        ("numero verde 800 112233", "+39800112233", "tollfree", "confirmed", "call", "800 112233"),
        ("chiama 899 112233", "+39899112233", "premium", "confirmed", "call", "899 112233"),
        ("+40 721 234 567", "+40721234567", "foreign", "confirmed", "call", "+40 721 234 567"),
        ("tel 3I1 44S 5667", "+393114455667", "mobile", "candidate", "call", "3I1 44S 5667"),
        ("cell 330112233", "+39330112233", "mobile", "candidate", "call", "330112233"),
        ("7665544113 al contrario", "+393114455667", "mobile", "candidate", "call", "7665544113"),
        ("114455667 anteponi il 3", "+393114455667", "mobile", "candidate", "call", "114455667"),
        ("Luna3114455667", "+393114455667", "mobile", "candidate", "call", "3114455667"),
        ("wa.me/393114455667", "+393114455667", "mobile", "confirmed", "whatsapp", "393114455667"),
        ("tre uno uno 4 4 cinque cinque sei sei sette", "+393114455667", "mobile", "confirmed",
         "call", "tre uno uno 4 4 cinque cinque sei sei sette"),
        ("3\u200b1\u200b1\u200b4455667\ufe0f", "+393114455667", "mobile", "confirmed", "call",
         "3\u200b1\u200b1\u200b4455667\ufe0f"),
    ],
)  # fmt: skip
def test_a_number_in_text(
    text: str, value: str, line: str, tier: str, channel: str, raw: str
) -> None:
    (found,) = find_phones(text)
    assert (found.value, found.line, found.tier, found.channel) == (value, line, tier, channel)
    assert found.raw == raw
    assert found.span is not None
    assert text[found.span.start : found.span.end] == raw
    assert found.where == "input"
    assert 0 < found.confidence < 1


def test_each_writing_of_a_number_is_its_own_contact() -> None:
    found = find_phones(
        "3114455667, ripeto tre uno uno quattro quattro cinque cinque sei sei sette"
    )
    assert [contact.value for contact in found] == ["+393114455667"] * 2


@pytest.mark.parametrize(
    ("html", "where", "raw"),
    [
        ("<p>a &amp; <b>311</b>&#52;45<i>5667</i></p>", "input", "311</b>&#52;45<i>5667"),
        ("<p>311<span style='display:none'>99</span>4455667", "input",
         "311<span style='display:none'>99</span>4455667"),
        ("<td>x\r\n311\r\n4455667</td>", "input", "311\r\n4455667"),
        ("<a href='tel:3114455667'>chiama</a>", "link", None),
        ("<i data-phone='3114455667'>mostra</i>", "field", None),
    ],
)  # fmt: skip
def test_a_number_in_a_page(html: str, where: str, raw: str | None) -> None:
    (found,) = find_phones_html(html)
    assert (found.value, found.where) == ("+393114455667", where)
    if raw is None:
        assert found.span is None
    else:
        assert found.span is not None
        assert html[found.span.start : found.span.end] == raw


def test_page_code_is_not_run() -> None:
    html = "<script>var p='311'+f('4455667');while(1){};eval(\"document.write('x')\")</script>"
    assert find_phones_html(html) == ()


def test_an_order_number_is_no_phone_though_a_phone_stands_beside_it() -> None:
    found = find_phones("Rif. 3122233344 - tel 3114455667 - P.IVA 03133344455")
    assert [contact.value for contact in found] == ["+393114455667"]
