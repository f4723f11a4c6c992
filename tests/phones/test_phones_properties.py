"""Whatever the text: no exception, exact spans, nothing left after redaction, linear work."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FrameType

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipelines.contacts import find_contacts, link_contacts
from pipelines.phones import find_phones, find_phones_html
from records.contacts import FoundContact

# As text() has it, but text() tries to encode every character there is: three seconds.
ANY = st.characters(exclude_categories=["Cs"])

HERE = Path(__file__).parent
PIECES = (
    "3", "31", "311", "0039", "+39", "39", "445", "5667", "0", "00", "tre", "uno", "sette", "e",
    "doppio", "sessanta", "trecento", "vingt", "quatre", "dreiund", "o", "O", "l", "S", "|", "!",
    ".", "-", "/", " ", "\n", "💋", "3️⃣", "\u200b", "③", "З", "(", ")", "€", "euro", "anni", "rif.",
    "cell", "P.IVA", "x", "**", "wa.me/", "tel:", "t.me/+", "@", "al contrario", "anteponi il",
    "<b>", "</b>", "<p hidden>", "&#51;", "<!--", "<script>", "atob('", "')", "http://", ".jpg",
    "12/03/2024", "10:30",
)  # fmt: skip
mixtures = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)
texts = st.one_of(st.text(ANY, max_size=200), mixtures)


def redacted(text: str, found: tuple[FoundContact, ...]) -> str:
    for contact in reversed(found):
        assert contact.span is not None
        text = text[: contact.span.start] + "⟦tel⟧" + text[contact.span.end :]
    return text


@settings(max_examples=300, deadline=None)
@given(texts)
def test_text_never_raises_and_spans_are_exact(text: str) -> None:
    end = 0
    for contact in find_phones(text):
        assert contact.span is not None
        assert text[contact.span.start : contact.span.end] == contact.raw != ""
        assert contact.span.start >= end
        end = contact.span.end
        assert re.fullmatch(r"\+[1-9]\d{5,14}", contact.value)
    for handle in find_contacts(text):
        assert handle.span is not None
        assert text[handle.span.start : handle.span.end] == handle.raw


@settings(max_examples=200, deadline=None)
@given(texts)
def test_pages_and_links_never_raise(text: str) -> None:
    for contact in find_phones_html(text):
        if contact.span is not None:
            assert text[contact.span.start : contact.span.end] == contact.raw
    link_contacts(text)
    link_contacts("https://wa.me/" + text)


@pytest.mark.parametrize("path", sorted(HERE.glob("**/*.jsonl")), ids=lambda path: path.stem)
def test_redaction_leaves_no_number(path: Path) -> None:
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        if row["is_html"]:
            continue
        found = find_phones(row["input"])
        rest = redacted(row["input"], found)
        values = {contact.value for contact in found}
        assert not values & {contact.value for contact in find_phones(rest)}, row["id"]
        for value in values:
            assert value[3:] not in rest, row["id"]


MOBILES = st.from_regex(r"31[1-8][0-9]{7}", fullmatch=True)


@settings(max_examples=200, deadline=None)
@given(MOBILES, st.sampled_from((" ", "-", ".", "/", "", "💋", "\n")), st.data())
def test_a_number_in_any_grouping_is_found_and_lifted_out(
    number: str, separator: str, data: st.DataObject
) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(1, 9), max_size=9)))
    assume(separator != "." or cuts not in ([1], [2]))  # 3.110000000 is a fraction
    parts = [number[a:b] for a, b in zip([0, *cuts], [*cuts, 10], strict=True)]
    text = f"Sono Luna, chiamami al {separator.join(parts)} ti aspetto"
    found = find_phones(text)
    assert "+39" + number in {contact.value for contact in found}
    assert not any(char.isdigit() for char in redacted(text, found))


DIGITS = {
    "it": "zero uno due tre quattro cinque sei sette otto nove",
    "en": "zero one two three four five six seven eight nine",
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve",
    "pt": "zero um dois três quatro cinco seis sete oito nove",
    "ro": "zero unu doi trei patru cinci șase șapte opt nouă",
    "fr": "zéro un deux trois quatre cinq six sept huit neuf",
    "de": "null eins zwei drei vier fünf sechs sieben acht neun",
}


def told(words: list[str], number: str) -> str:
    return " ".join(words[int(digit)] for digit in number)


WRITINGS: dict[str, Callable[[str], str]] = {
    **{language: partial(told, words.split()) for language, words in DIGITS.items()},
    "glued words": lambda number: "".join(DIGITS["it"].split()[int(d)].title() for d in number),
    "words between digits": lambda number: "".join(
        f"{d} " if index % 2 else DIGITS["it"].split()[int(d)] + " "
        for index, d in enumerate(number)
    ).strip(),
    "keycaps": lambda number: "".join(digit + "\ufe0f\u20e3" for digit in number),
    "circled": lambda number: "".join("⓪①②③④⑤⑥⑦⑧⑨"[int(digit)] for digit in number),
    "fullwidth": lambda number: "".join(chr(0xFF10 + int(digit)) for digit in number),
    "invisible": lambda number: "\u200b".join(number),
    "struck": lambda number: "".join(digit + "\u0336" for digit in number),
    "letter O": lambda number: number.replace("0", "O"),
    "prefix": lambda number: f"(+39) {number[:3]}/{number[3:]}",
    "link": lambda number: f"wa.me/39{number}",
    "lines": lambda number: "\n".join((number[:3], number[3:6], number[6:])),
}


@pytest.mark.parametrize("writing", WRITINGS)
@settings(max_examples=20, deadline=None)
@given(number=MOBILES)
def test_nothing_of_a_number_is_left_over(writing: str, number: str) -> None:
    written = WRITINGS[writing](number)
    text = f"Bella mora, anni ventisei! Chiamami al {written}, ti aspetto"
    found = find_phones(text)
    assert {contact.value for contact in found} == {"+39" + number}
    rest = redacted(text, found)
    assert (
        rest.replace("wa.me/", "").replace("(", "")
        == "Bella mora, anni ventisei! Chiamami al ⟦tel⟧, ti aspetto"
    )


@pytest.mark.parametrize(
    "page",
    ["<p>{a}<b>{b}</b></p>", "<p>{a}&nbsp;{b}</p>", "<p>{a}<!-- 5 -->{b}</p>",
     "<i>{a}</i><i>{b}</i>", "<p>x &amp; y {a}<span style='display:none'>77</span>{b} z</p>"],
)  # fmt: skip
@settings(max_examples=20, deadline=None)
@given(number=MOBILES)
def test_nothing_of_a_number_is_left_over_in_a_page(page: str, number: str) -> None:
    source = page.format(a=number[:4], b=number[4:])
    (found,) = find_phones_html(source)
    assert found.value == "+39" + number
    rest = redacted(source, (found,))
    assert number[:4] not in rest and number[4:] not in rest


def calls(read: Callable[[str], object], text: str) -> int:
    """Python and C functions called while reading: work that does not depend on the machine."""
    count = 0

    def note(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        read(text)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(
    "piece",
    ["3", "3 ", "347 ", "+39 ", "3471234567\n", "tre ", "tresette", "sessanta sette ",
     "quatre vingt ", "settr ", "3️⃣", "💋", "o0l1 ", "x1", "3€ ", "a@", "wa.me/3 ",
     "al contrario 347 1234567 ", "З"],
)  # fmt: skip
def test_work_grows_with_the_length_and_no_faster(piece: str) -> None:
    find_phones(piece * 50)
    short = calls(find_phones, piece * 400)
    long = calls(find_phones, piece * 1600)
    assert long <= 5.5 * short + 3000


@pytest.mark.parametrize(
    "piece",
    ["<b>3", "<div>3", "<", "<!--", "<span>3</span>", "<a href='tel:3114455667'>", "&#51;",
     "<script>a+", "<script>x=['3','1'];", "<p style='display:none'>3"],
)  # fmt: skip
def test_work_on_pages_grows_with_the_length_and_no_faster(piece: str) -> None:
    find_phones_html(piece * 50)
    short = calls(find_phones_html, piece * 400)
    long = calls(find_phones_html, piece * 1600)
    assert long <= 5.5 * short + 3000
