"""What is left unread of an overlong field, and readers whose work grows with the text only."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC
from typing import Any

import pytest
from bacheca import SEEN, make_raw

from config import SiteFile
from pipelines.ages import find_age, read_age
from pipelines.contacts import find_contacts
from pipelines.dates import read_date
from pipelines.echoes import MOST_KNOWN, echoes
from pipelines.language import detect_language
from pipelines.markup import visible_text
from pipelines.normalise import MOST_FIELD, MOST_TEXT, MOST_TITLE, normalise
from pipelines.places import find_place, read_place
from pipelines.prices import read_price
from pipelines.text import clean_nickname, clean_text
from records.adverts import Advert
from records.contacts import FoundContact

NUMBER = "+393114455667"
KNOWN = [
    FoundContact("phone", f"+39311{n:03d}4455", "confirmed", "call", "link", "", "link", 0.9)
    for n in range(2 * MOST_KNOWN)
]


def read(site: SiteFile, **fields: Any) -> tuple[Advert, Counter[str]]:
    odd: Counter[str] = Counter()
    return normalise(make_raw(**fields), site, odd), odd


def test_a_long_body_is_cut_and_counted(site: SiteFile) -> None:
    advert, odd = read(site, body="dolce e " * 10_000)
    assert MOST_TEXT - 10 <= len(advert.text) <= MOST_TEXT
    assert odd == Counter({"body/cut": 1})
    whole, odd = read(site, body="dolce e " * 2_000)
    assert len(whole.text) == 15_999
    assert odd == Counter()


@pytest.mark.parametrize("early", range(2, 17, 3))
def test_no_number_is_cut_in_two(site: SiteFile, early: int) -> None:
    for field, most in (("body", MOST_TEXT), ("title", MOST_TITLE)):
        filling = "bella " * (most // 6 + 1)
        text = filling[: most - early] + " 311 4455667 " + filling
        advert, odd = read(site, **{field: text})
        assert [c.value for c in advert.contacts] == [NUMBER]
        spans = [c.span for c in advert.contacts if c.span]
        shown = getattr(advert, "text" if field == "body" else "title")
        assert spans or not any(character.isdigit() for character in shown)
        assert odd == Counter({f"{field}/cut": 1})


def test_a_body_of_numbers_is_cut_between_two(site: SiteFile) -> None:
    for shift in range(11):
        advert, odd = read(site, body="x" * shift + " 3114455667" * 2_500)
        assert {contact.value for contact in advert.contacts} == {NUMBER}
        shown = [advert.text[c.span.start : c.span.end] for c in advert.contacts if c.span]
        assert len(shown) >= MOST_TEXT // 11 - 1
        assert advert.text.count("3114455667") == len(shown)
        assert odd["body/cut"] == 1


def test_other_fields_are_cut_too(site: SiteFile) -> None:
    advert, odd = read(site, orari="sempre " * 1_000, phone="311 4455667, " * 200, age="9" * 9_000)
    assert len(advert.extra["orari"]) <= MOST_FIELD
    assert advert.age is None
    assert odd["orari/cut"] == odd["phone/cut"] == odd["age/cut"] == 1


def test_many_snippets_are_cut(site: SiteFile) -> None:
    advert, odd = read(site, orari=("9",) * 5_000)
    assert len(advert.extra["orari"]) < MOST_FIELD
    assert odd["orari/cut"] == 1


def test_echoes_are_sought_of_so_many_contacts() -> None:
    text = " . ".join("_".join(contact.value[3:]) for contact in KNOWN)
    found = echoes(text, "text", KNOWN)
    assert [contact.value for contact in found] == [contact.value for contact in KNOWN[:MOST_KNOWN]]


HANDLES = [
    FoundContact("telegram", f"anna_{n}", "confirmed", "call", "link", "", "link", 0.9)
    for n in range(MOST_KNOWN)
]
READERS: dict[str, Callable[[str], object]] = {
    "read_age": read_age,
    "find_age": find_age,
    "read_price": read_price,
    "read_date": lambda text: read_date(text, SEEN, UTC),
    "read_place": read_place,
    "find_place": find_place,
    "find_contacts": find_contacts,
    "detect_language": detect_language,
    "clean_text": clean_text,
    "clean_nickname": clean_nickname,
    "visible_text": visible_text,
    "echoes of numbers": lambda text: echoes(text, "text", KNOWN[:MOST_KNOWN]),
    "echoes of handles": lambda text: echoes(text, "text", HANDLES),
}
HOSTILE = [
    *(
        "3-",
        "80 e ",
        "80-100-",
        "80-100-150-200-250 ",
        "80 / 100 / ",
        "1 ",
        "1 000 ",
        "1.000.",
        "1,",
    ),
    *("12 anni ", "trenta e ", "vinte e ", "16 anni, ", "Anna 16 anni e ", "ho ", "1/1/", "1 a "),
    *("€80 ", "80€-", "80€ ", "100 rose ", "100 x 30 min ", "Roma ", "via Roma ", "Padova (PD) "),
    *("t.me/", "@ab ", "a@b.", "a [at] b [dot] ", "telegram ", "1 ora e ", "1 gennaio ", "9", "a"),
    *(
        "311_000_4455 ",
        "anna_1 ",
        "3110004455",
        "anna 16 anni ",
        "<b>",
        "e\u0301",
        "\u200b",
        "\n",
        " ",
    ),
]


def work(reader: Callable[[str], object], text: str) -> float:
    """Processor time of a reading, the least of some."""
    spent = []
    for _ in range(3):
        begun = time.process_time()
        reader(text)
        spent.append(time.process_time() - begun)
        if spent[-1] > 1:
            break
    return min(spent)


@pytest.mark.parametrize("name", READERS)
def test_work_grows_with_the_text_only(name: str) -> None:
    reader = READERS[name]
    reader("prova 1")
    for piece in HOSTILE:
        short, long = (work(reader, (piece * size)[:size]) for size in (1_000, 8_000))
        # Eight times the text: 8 when linear, 64 when quadratic. Under 20 ms it is no matter.
        assert long < 0.02 or long < 24 * short, piece


@pytest.mark.parametrize("gap", ["1 {} anni", "ho {} 17 anni", "100 {} euro", "80 {} - {} 100 €"])
@pytest.mark.parametrize("name", ["read_age", "find_age", "read_price", "read_date", "find_place"])
def test_a_long_gap_costs_no_more(name: str, gap: str) -> None:
    reader = READERS[name]
    short, long = (work(reader, gap.replace("{}", " " * size)) for size in (1_000, 8_000))
    assert long < 0.02 or long < 24 * short
