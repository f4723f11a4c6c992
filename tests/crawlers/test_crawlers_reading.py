"""From a page to fields: selectors, cleaners, cards, what is read again, what is refused."""

import json
import logging
import re
from datetime import UTC, datetime, timedelta

import pytest

from config import FieldSpec, Selector
from config.cleaners import CLEANERS as CONFIG_CLEANERS
from config.selectors import parse_selector
from crawlers.cards import card_text
from crawlers.cleaners import CLEANERS, CleaningContext, clean
from crawlers.errors import CrawlError
from crawlers.extraction import Node, extract
from crawlers.generated import Inventor
from crawlers.logs import MaskDigits, masked
from crawlers.pages import landing
from crawlers.refusals import challenge_vendor, has_block_words
from crawlers.rereading import must_read_detail
from records.adverts import KnownAdvert, Snippet

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
CONTEXT = CleaningContext("https://example.org/annunci/torino?page=2", NOW, "Europe/Rome")

PAGE = """
<html><body><h1> Giulia  <b>a Torino</b></h1><!-- 311 --><script>var a = "no";</script>
<div class=testo>Ciao,<br>sono <i>qui</i><script>x()</script></div>
<a class=tel href="tel:+393114444555">uno</a><a class=tel href="tel:+393115555666">due</a>
<span class=prezzo></span><span class=costo>€ 80</span>
<script type="application/ld+json">{"@type": "X", "offers": {"price": "80.00", "n": 3}}</script>
<script type="application/json">not json</script></body></html>
"""


def field(select, **more):
    return FieldSpec.model_validate({"select": select, **more})


FIELDS = [
    ("css of an element", field("css:h1"), [("Giulia  a Torino", False)]),
    ("css of text", field("css:h1::text"), [("Giulia", False)]),
    ("css of an attribute", field("css:a.tel::attr(href)"), [("tel:+393114444555", False)]),
    (
        "many",
        field("css:a.tel::attr(href)", many=True, clean=["digits"]),
        [("393114444555", False), ("393115555666", False)],
    ),
    (
        "markup",
        field("css:div.testo", html=True),
        [("Ciao,<br>sono <i>qui</i><script>x()</script>", True)],
    ),
    ("text without scripts", field("css:div.testo"), [("Ciao,sono qui", False)]),
    (
        "markup cleaned",
        field("css:div.testo", html=True, clean=["text"]),
        [("Ciao, sono qui", False)],
    ),
    ("xpath", field("xpath://a[2]/text()"), [("due", False)]),
    ("xpath of a string", field("xpath:string(//h1/b)"), [("a Torino", False)]),
    ("xpath that counts", field("xpath:count(//a)"), [("2", False)]),
    ("embedded json", field("json:offers.price"), [("80.00", False)]),
    ("a number in json", field("json:offers.n"), [("3", False)]),
    ("the second of two", field(["css:.prezzo", "css:.costo"]), [("€ 80", False)]),
    ("blank", field("css:.prezzo"), None),
    ("not there", field("css:.niente"), None),
    ("cleaned away", field("css:h1", clean=["digits"]), None),
]


@pytest.mark.parametrize(("spec", "snippets"), [c[1:] for c in FIELDS], ids=[c[0] for c in FIELDS])
def test_a_field_is_found_or_missing(spec, snippets):
    found = extract(Node.of_page(PAGE), {"it": spec}, CONTEXT)
    expected = None if snippets is None else tuple(Snippet(*each) for each in snippets)
    assert found.values.get("it") == expected


def test_which_fallback_hit_is_told():
    fields = {"a": field(["css:.prezzo", "css:.costo"]), "b": field("css:h1")}
    assert extract(Node.of_page(PAGE), fields, CONTEXT).hits == {"a": 1}


def test_a_json_answer_is_a_page_too():
    page = Node.of_page(json.dumps({"items": [{"id": 7, "t": "Uno"}, {"id": 8}]}), is_json=True)
    cards = page.find(parse_selector("json:items[]"))
    fields = {"id": field("json:id"), "title": field("json:t")}
    read = [extract(card, fields, CONTEXT) for card in cards]
    assert [each.first("id") for each in read] == ["7", "8"]
    assert [each.first("title") for each in read] == ["Uno", ""]
    assert page.find(parse_selector("css:h1")) == []


@pytest.mark.parametrize("text", ["", "{", "[1, 2", "<", "\x00", "<b" * 5000, "<div>" * 5000])
def test_no_page_is_too_odd(text):
    for is_json in (False, True):
        assert (
            extract(Node.of_page(text, is_json=is_json), {"a": field("css:h1")}, CONTEXT).values
            == {}
        )


CLEANED = [
    ("text", "  a \n b\u200b c ", "a b c"),
    ("first_line", "\n  uno \ndue", "uno"),
    ("first_line", " \n ", None),
    ("digits", "tel. 311/44 ٤", "311444"),
    ("digits", "niente", None),
    ("number", "1.026,00 €", "1026.00"),
    ("number", "da 80 euro", "80"),
    ("number", "1.500", "1500"),
    ("number", "0,5", "0.5"),
    ("number", "12,345.60", "12345.60"),
    ("number", "gratis", None),
    ("url", "window.open('/annuncio/7?x=1')", "/annuncio/7?x=1"),
    ("url", "vedi https://example.org/a b", "https://example.org/a"),
    ("absolute_url", "?page=3", "https://example.org/annunci/torino?page=3"),
    ("absolute_url", "../7", "https://example.org/7"),
    ("strip_query", "https://example.org/7?utm=1#x", "https://example.org/7"),
    ("id_from_url", "/annunci/1234-giulia-80", "1234"),
    ("id_from_url", "/annunci/giulia-80-1234.html", "1234"),
    ("id_from_url", "/annunci/7/", "7"),
    ("id_from_url", "/scheda.php?id=99", "99"),
    ("id_from_url", "/annunci/giulia", "giulia"),
    ("lower", "GIULIA", "giulia"),
    ("date", "01/03/2026", "2026-02-28T23:00:00+00:00"),
    ("relative_date", "2 ore fa", "2026-03-02T10:00:00+00:00"),
    ("date", "presto", None),
    (r"regex:/(\d+)-", "/7-giulia/", "7"),
    (r"regex:(\d+)", "giulia", None),
]


@pytest.mark.parametrize(("name", "value", "cleaned"), CLEANED)
def test_cleaners(name, value, cleaned):
    assert clean(value, [name], CONTEXT) == cleaned


def test_the_registry_is_the_one_that_site_files_may_name():
    assert set(CLEANERS) == set(CONFIG_CLEANERS)
    with pytest.raises(CrawlError, match="cleaner nonsense: unknown"):
        clean("x", ["nonsense"], CONTEXT)


def test_a_card_is_its_content_without_what_changes_by_itself():
    fields = {
        "id": field("css:a"),
        "url": field("css:a"),
        "title": field("css:a"),
        "posted": field("css:a", volatile=True),
        "price": field("css:a"),
    }
    values = {name: (Snippet(f" {name}\n 1 "),) for name in fields}
    assert card_text(values, fields) == "price=price 1\ntitle=title 1"


def known(card=b"same", days_ago=1, state="active", read=True):
    return KnownAdvert(
        ad_id="7",
        url="",
        partition="torino",
        card=card,
        detail_at=NOW - timedelta(days=days_ago) if read else None,
        last_seen=NOW,
        state=state,
    )


REREADING = [
    # known, when, recheck_days, read again
    (None, "never", None, False),
    (None, "new", None, True),
    (None, "card_changed", None, True),
    (known(), "new", None, False),
    (known(card=b"other"), "new", None, False),
    (known(card=b"other"), "card_changed", None, True),
    (known(), "card_changed", None, False),
    (known(), "always", None, True),
    (known(), "never", 1, False),
    (known(days_ago=6), "new", 7, False),
    (known(days_ago=7), "new", 7, True),
    (known(read=False), "new", None, True),
    (known(state="absent"), "new", None, True),
    (known(state="missing"), "card_changed", None, False),
]


@pytest.mark.parametrize(("before", "when", "days", "again"), REREADING)
def test_what_is_read_again(before, when, days, again):
    assert must_read_detail(before, b"same", when, days, NOW) is again


LANDINGS = [
    ("https://e.org/7-uno", "https://e.org/7-uno", None),
    ("https://e.org/7-uno", "https://e.org/7-altro", None),
    ("https://e.org/7-uno", "https://e.org/7-uno/?utm=1", None),
    ("https://e.org/7-uno", "https://e.org/", "home"),
    ("https://e.org/7-uno", "https://www.e.org", "home"),
    ("https://e.org/7-uno", "https://e.org/torino/?removed=1", "list"),
]


@pytest.mark.parametrize(("asked", "landed", "where"), LANDINGS)
def test_where_a_redirect_ends(asked, landed, where):
    assert landing(asked, landed, ["https://e.org/torino", "https://e.org/asti/"]) == where


REFUSALS = [
    ("<title>Just a moment...</title>", "Cloudflare"),
    ("<script>var dd={'cid':1}</script><script src=//ct.captcha-delivery.com/c.js>", "DataDome"),
    ("<h1>Annunci</h1><div class='g-recaptcha'></div>", None),
    ("<script src='https://challenges.cloudflare.com/turnstile/v0/api.js'></script>", None),
    ("<p>Servito da Cloudflare</p>", None),
]


@pytest.mark.parametrize(("html", "vendor"), REFUSALS)
def test_a_widget_or_a_vendor_alone_is_no_challenge(html, vendor):
    assert challenge_vendor(html) == vendor


def test_words_of_refusal():
    assert has_block_words("Accesso\n negato")
    assert has_block_words("Verifica di non essere un robot")
    assert not has_block_words("Accesso da via Roma")
    assert has_block_words("Torna più tardi", ["torna PIÙ tardi"])


MASKED = [
    "chiama +39 311 4444 555 ora",
    "3114444555",
    "311/44.44-555",
    "٣١١٤٤٤٤٥٥٥",
    "id 31144445",
]


@pytest.mark.parametrize("text", MASKED)
def test_logs_mask_numbers(text):
    assert not any(part.isdigit() and len(part) > 2 for part in masked(text).split())
    assert "311" not in masked(text)


def test_logs_mask_arguments_and_tracebacks_and_addresses():
    record = logging.LogRecord(
        "x", logging.ERROR, "", 0, "page %s", ("http://e.org/7-giulia",), None
    )
    try:
        raise ValueError("odd price 3114444555")
    except ValueError as fault:
        record.exc_info = (type(fault), fault, fault.__traceback__)
    MaskDigits().filter(record)
    told = logging.Formatter("%(message)s").format(record)
    assert "3114444555" not in told
    assert "giulia" not in told
    assert "odd price" not in told
    assert "ValueError" in told
    assert "test_crawlers_reading.py:" in told


ITEMS = [
    ("closed", "<ul><li>a</li><li>b</li></ul>", ["a", "b"]),
    ("left open", "<ul><li>a<li>b</ul>", ["a", "b"]),
    ("with what is in them left open", "<ul><li><b>a<li><b><i>b<li>c</ul>", ["a", "b", "c"]),
    ("a link left open", "<ul><li><a href=/1>a<li><a href=/2>b</ul>", ["a", "b"]),
    ("boxes left open", "<ul><li><div><span>a<li><div><span>b</ul>", ["a", "b"]),
    ("a list in a list", "<ul><li><b>a<ul><li>x</ul><li>b</ul>", ["ax", "x", "b"]),
    ("words of a script", "<ul><li><b>a<script>'<li>'</script><li>b</ul>", ["a", "b"]),
    ("a comment", "<ul><li><b>a<!-- </li><ul> --><li>b</ul>", ["a", "b"]),
    ("items of two lists", "<ul><li><b>a</ul><ol><li><b>b<li>c</ol>", ["a", "b", "c"]),
    ("a link that is none", "<ul><li><b>a<link rel=x><li>b</ul>", ["a", "b"]),
]


@pytest.mark.parametrize(("page", "read"), [each[1:] for each in ITEMS], ids=[i[0] for i in ITEMS])
def test_list_items_end_as_in_a_browser(page, read):
    sheet = Node.of_page(f"<html><body>{page}</body></html>")
    found = sheet.find(Selector("css", "li"))
    assert [each.text() for each in found] == read


OWN_WORDS = [
    (
        ("crawled %s (%s): %s", "bakeca", "2026-03-04 06:40", "1 of 1 partitions complete"),
        "crawled bakeca (2026-03-04 06:40): 1 of 1 partitions complete",
    ),
    (
        ("%s", "backup: /srv/faro/var/backups/faro-20260304T041000Z.tar"),
        "backup: /srv/faro/var/backups/faro-20260304T041000Z.tar",
    ),
    (
        ("report %s", "/srv/var/reports/2026-03-04-veneto.html"),
        "report /srv/var/reports/2026-03-04-veneto.html",
    ),
    (("read %d of %d", 1234567, 2345678), "read 1234567 of 2345678"),
    (("%s: %s", "asti", "2026-03-04 311 4444555"), "asti: 2026-03-04 ·······"),
    (("%s", "odd: 20263114444555"), "odd: ·······"),
]


@pytest.mark.parametrize(("words", "told"), OWN_WORDS)
def test_logs_keep_faros_own_dates_and_counts(words, told):
    record = logging.LogRecord("faro.scheduler", logging.INFO, "", 0, words[0], words[1:], None)
    MaskDigits().filter(record)
    assert logging.Formatter("%(message)s").format(record) == told


@pytest.mark.parametrize(
    "text",
    [
        *("311,445,5667", "311 · 445 · 5667", "311—445—5667", "311%2044%2055%20667"),
        *("311<>445<>5667", "311_445_5667", "+39 (311) 445-5667", "3️⃣1️⃣1️⃣4️⃣4️⃣5️⃣5️⃣"),
    ],
)
def test_logs_mask_numbers_in_any_writing(text):
    assert not re.search(r"\d\D{0,6}\d\D{0,6}\d", masked(f"odd: {text} end"))


def test_logs_mask_mail_and_the_whole_of_an_address():
    told = masked("from luna@example.org at http://h.example?u=luna_bella(1)/x and on")
    assert "luna" not in told
    assert told.endswith("and on")


def test_generated_words_name_nobody_and_keep_their_shape():
    inventor = Inventor(["Prezzo:"])
    text = "Giulia riceve, Prezzo: 80 euro, oggi. Tel. +39 311 4455667, Giulia (2 ore fa)"
    made = inventor.text(text)
    assert len(made) == len(text)
    assert "Giulia" not in made
    assert "4455667" not in made
    assert "Prezzo:" in made
    assert made.endswith(" ore fa)")
    assert made.split()[0][0].isupper()
    assert made.split()[0].rstrip(",") == made.split()[-5].rstrip(",") or made.count(made[:6]) == 2
    assert Inventor().text(text) != made  # another key, other words
    assert inventor.text("dal 04/03/2026 alle 10:30") == "dal 04/03/2026 alle 10:30"
