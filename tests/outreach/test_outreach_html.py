"""The page: what it must show, what it must never show, and that it is a sound document."""

from __future__ import annotations

import json
import re
import unicodedata
from copy import deepcopy
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import sample
from schema_check import faults

from outreach.html import css_string, render_html
from outreach.suppression import without
from outreach.words import WORDS

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "docs/schema/report.schema.json").read_text(encoding="utf-8"))
DOCUMENTS = {
    "full": sample.full("it"),
    "english": sample.full("en"),
    "empty": sample.empty("it"),
    "first": sample.empty("it", first=True),
    "draft": sample.full("it", flags=3) | {"draft": True, "health": []},
}
VOID = {"meta", "br", "hr", "img", "link", "input"}


class Page(HTMLParser):
    """Elements, attributes and visible text; fails on tags that do not close in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


@pytest.fixture(scope="module", params=sorted(DOCUMENTS))
def shown(request: pytest.FixtureRequest) -> tuple[dict[str, Any], str]:
    document = DOCUMENTS[request.param]
    return document, render_html(document)


def test_the_sample_has_the_contracts_shape(shown: tuple[dict[str, Any], str]) -> None:
    assert list(faults(shown[0], SCHEMA, SCHEMA)) == []


def test_is_a_sound_page_in_the_guides_order(shown: tuple[dict[str, Any], str]) -> None:
    document, html = shown
    page = Page(html)
    assert page.all("html") == [{"lang": document["language"]}]
    assert len(page.all("h1")) == 1
    headings = [each["id"] for each in page.all("h2")]
    assert headings == [
        *("health", "counts", "follow-ups", "list"),
        *("doubles", "handover", "withdrawn", "paper"),
    ]
    assert all(each.get("scope") in {"col", "row"} for each in page.all("th"))
    assert page.all("main") == [{}]


def test_needs_nothing_and_runs_nothing(shown: tuple[dict[str, Any], str]) -> None:
    page = Page(shown[1])
    assert {tag for tag, _ in page.tags}.isdisjoint(
        {"script", "link", "img", "iframe", "a", "form"}
    )
    policy = next(each for each in page.all("meta") if each.get("http-equiv"))
    assert policy["content"] == "default-src 'none'; style-src 'unsafe-inline'"
    for _, attributes in page.tags:
        assert not {name for name in attributes if name.startswith("on")} | (
            {"src", "href", "style"} & set(attributes)
        )
    assert "url(" not in shown[1]
    assert "@import" not in shown[1]


def test_no_address_no_nickname_no_number_no_former_place(
    shown: tuple[dict[str, Any], str],
) -> None:
    document, html = shown
    text = Page(html).text
    assert "127.0.0.1" not in html
    assert "://" not in html
    for flag in (*document["flags"], *document["carried"]):
        for advert in flag["adverts"]:
            assert advert["ad_id"] not in text
    assert "Mestre" not in text
    assert "nickname" not in json.dumps(document)
    # Digits in a row, whatever stands between them, are at most a date and an hour.
    digits = "".join(
        each if unicodedata.decimal(each, -1) >= 0 or each in " .-/" else "x" for each in text
    )
    assert not re.search(r"(?:\d[ .\-/]{0,2}){9,}", re.sub(r"F-\d+", "F", digits))
    assert "€" not in html


def test_a_whole_number_in_a_document_is_masked_on_the_page() -> None:
    document = deepcopy(DOCUMENTS["full"])
    document["flags"][0]["phones"] = ["+39 311 445 5667"]
    document["list"] = [document["flags"][0]["entry"]]
    text = Page(render_html(document)).text
    assert "•••67" in text
    assert "311" not in text


def test_hostile_words_stay_words(shown: tuple[dict[str, Any], str]) -> None:
    document, _ = shown
    hostile = deepcopy(document)
    hostile["unit_name"] = evil = """</style></title><script>x()</script>"'><img src=x>{{ 7*7 }}"""
    for each in (*hostile["flags"], *hostile["follow_ups"], *hostile["baseline"]):
        each["cautions"] = [evil]
        each["safe_hours"] = evil
        each["place"] = {"province": None, "city": evil}
        each["language"] = {"code": evil, "source": "advert"}
    for each in hostile["health"]:
        each["site"] = each["partition"] = evil
    page = Page(render_html(hostile))
    assert [tag for tag, _ in page.tags if tag in {"script", "img"}] == []
    assert evil in page.text
    assert page.text.count("{{ 7*7 }}") >= 1


def test_css_strings_hold_any_text() -> None:
    assert css_string('a"</') == r'"a\22 \3c \2f "'
    assert css_string("é\n") == r'"\e9 \a "'


def test_the_footer_of_every_printed_page_has_unit_hour_and_page() -> None:
    html = render_html(DOCUMENTS["empty"])
    assert "counter(page)" in html
    assert "counter(pages)" in html
    assert str(css_string("Unità di strada Treviso · mercoledì 4 marzo 2026 alle 06:45")) in html


def test_facts_and_their_change() -> None:
    text = Page(render_html(DOCUMENTS["full"])).text
    counts, before = DOCUMENTS["full"]["counts"], DOCUMENTS["full"]["counts_before"]
    assert f"{counts['new']} nuove {counts['new'] - before['new']} in più" in text
    assert f"{counts['follow_ups']} promesse come prima" in text
    first = Page(render_html(DOCUMENTS["first"])).text
    assert "in più" not in first
    assert "Primo rapporto" in first
    assert "34 già presenti all'inizio" in first


def test_rows_follow_the_list_and_are_numbered_once() -> None:
    document = DOCUMENTS["full"]
    html = render_html(document)
    rows = re.findall(r'<tr role="row" class="\w+">.*?</tr>', html, re.S)
    entries = [re.search(r"F-\d+", row).group() for row in rows]  # type: ignore[union-attr]
    promised = [each["entry"] for each in document["follow_ups"]]
    listed = [each for each in document["list"] if each not in promised]
    assert entries == [*promised, *listed, *(each["entry"] for each in document["carried"])]
    numbers = re.findall(r'<td role="cell" class="num">(\d+)</td>', html)
    assert numbers == [str(each) for each in range(1, len(rows) + 1)]
    # A promise that cannot be kept today has a row, but none to tick.
    ticks = html[html.index('<table class="ticks">') :]
    assert re.findall(r"F-\d+", ticks) == [each for each in entries if each != "F-0377"]


def test_what_is_missing_is_said() -> None:
    page = Page(render_html(DOCUMENTS["empty"] | {"health": []}))
    assert "Nessun sito è stato ancora controllato" in page.text
    assert "Con dei controlli mancanti, un elenco vuoto" in page.text
    blocked = DOCUMENTS["empty"] | {"health": DOCUMENTS["full"]["health"]}
    assert "Attenzione bacheca: bloccato dalle 06:10" in Page(render_html(blocked)).text


def test_two_flags_of_one_profile_share_a_row() -> None:
    document = deepcopy(DOCUMENTS["draft"])
    document["flags"][1] |= {
        "entry": document["flags"][0]["entry"],
        "kind": "moved",
        "reason_codes": [{"code": "place_changed", "params": {"place": "Mestre (VE)"}}],
    }
    document["flags"][0] |= {
        "kind": "new_number",
        "reason_codes": [{"code": "number_changed", "params": {}}],
    }
    document["list"] = [document["flags"][0]["entry"]]
    text = Page(render_html(document)).text
    assert "un numero mai visto prima per questo profilo; in una zona nuova" in text


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_the_page_is_in_one_language(name: str) -> None:
    document = DOCUMENTS[name]
    other = 1 if document["language"] == "it" else 0
    text = Page(render_html(document)).text
    foreign = [
        words[other]
        for key, words in WORDS.items()
        if not key.startswith("page")
        and "{" not in words[other]
        and " " in words[other]
        and words[0] != words[1]
    ]
    assert [phrase for phrase in foreign if phrase in text] == []
    switched = Page(render_html(document, "en" if other else "it")).text
    assert switched != text


def test_the_same_document_gives_the_same_bytes() -> None:
    document = DOCUMENTS["full"]
    again = json.loads(json.dumps(document))
    assert render_html(again) == render_html(document)


def test_taking_somebody_out_leaves_no_trace() -> None:
    document = DOCUMENTS["full"]
    gone = [document["list"][0], document["list"][4], document["doubtful"][2]["entry"]]
    gone.append(document["doubtful"][1]["other"])
    left = without(document, gone)
    assert list(faults(left, SCHEMA, SCHEMA)) == []
    assert not [entry for entry in gone if entry in json.dumps(left)]
    assert left["counts"]["follow_ups"] == document["counts"]["follow_ups"] - 1
    flags = sum(document["counts"][kind] for kind in ("new", "reappeared", "new_number", "moved"))
    left_flags = sum(left["counts"][kind] for kind in ("new", "reappeared", "new_number", "moved"))
    assert left_flags == flags - 2
    assert len(left["doubtful"]) <= len(document["doubtful"]) - 2
    assert not [entry for entry in gone if entry in render_html(left)]
    assert without(document, []) == document


def test_every_key_of_the_document_is_documented() -> None:
    text = (ROOT / "docs/report.md").read_text(encoding="utf-8")
    names: set[str] = set()

    def collect(schema: Any) -> None:
        if isinstance(schema, dict):
            names.update(schema.get("properties", {}))
            for each in schema.values():
                collect(each)
        elif isinstance(schema, list):
            for each in schema:
                collect(each)

    collect(SCHEMA)
    names.update(each for each in SCHEMA["$defs"]["why"]["enum"] if each)
    assert [name for name in sorted(names) if f"`{name}`" not in text] == []
