"""From raw adverts to adverts: contacts and their places, fields, and what is counted."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from bacheca import SEEN, make_raw
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config import SiteFile
from pipelines.errors import PipelineError
from pipelines.normalise import normalise
from records.adverts import Advert, RawAdvert, Snippet
from records.contacts import FoundContact

# As text() has it, but text() tries to encode every character there is: three seconds.
ANY = st.characters(exclude_categories=["Cs"])

NUMBER = "+393114455667"


def html(markup: str) -> Snippet:
    return Snippet(markup, is_html=True)


def advert_of(site: SiteFile, raw: RawAdvert) -> Advert:
    return normalise(raw, site, Counter())


def redacted(advert: Advert) -> tuple[str, str]:
    """Title and text with every span blanked, last first."""
    shown = {"title": advert.title, "text": advert.text}
    spans = [(c.where, c.span) for c in advert.contacts if c.span]
    for where, span in sorted(spans, key=lambda pair: -pair[1].start):
        shown[where] = shown[where][: span.start] + "·" + shown[where][span.end :]
    return shown["title"], shown["text"]


def phones(advert: Advert) -> set[str]:
    return {c.value for c in advert.contacts if c.kind == "phone"}


def test_a_whole_advert(site: SiteFile) -> None:
    raw = make_raw(
        partition="padova",
        title="  Anna\u00a0bella  mora ",
        body=html("<p>Ciao, ho 25 anni.<br>100 rose, chiama <b>311</b> 4455667</p>"),
        nickname="❤️ Anna ❤️",
        posted="ieri 10:00",
        promoted="TOP",
        altezza="170 cm",
    )
    odd: Counter[str] = Counter()
    advert = normalise(raw, site, odd)
    assert (advert.site, advert.partition, advert.ad_id) == ("bacheca", "padova", "41")
    assert (advert.page, advert.position, advert.card) == (1, 3, "card")
    assert advert.seen_at == SEEN
    assert advert.title == "Anna bella mora"
    assert advert.text == "Ciao, ho 25 anni.\n100 rose, chiama 311 4455667"
    assert advert.nickname == "Anna"
    assert (advert.age, advert.price_cents, advert.currency) == (25, 10_000, "EUR")
    assert (advert.city, advert.province, advert.category) == ("Padova", "PD", "donne")
    assert advert.language == "it"
    assert advert.posted_at == datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    assert advert.promoted
    assert advert.extra == {"altezza": "170 cm"}
    assert phones(advert) == {NUMBER}
    assert odd == Counter()


def test_a_bare_card(site: SiteFile) -> None:
    advert = advert_of(site, make_raw(title="Ciao"))
    assert (advert.title, advert.text, advert.contacts) == ("Ciao", "", ())
    empty = (advert.nickname, advert.age, advert.price_cents, advert.currency, advert.city)
    assert empty == (None,) * 5
    assert (advert.province, advert.category, advert.language) == (None,) * 3
    assert (advert.posted_at, advert.promoted, dict(advert.extra)) == (None, False, {})


WRITINGS: list[tuple[str, dict[str, Any], tuple[str, str]]] = [
    ("in the title", {"title": "Anna 311 4455667"}, ("Anna ·", "")),
    ("in title and text", {"title": "A 3114455667", "body": "B 3114455667"}, ("A ·", "B ·")),
    ("twice in the text", {"body": "311 4455667 o 3114455667"}, ("Ciao", "· o ·")),
    (
        "cut by tags",
        {"body": html("chiama <b>311</b>44<i>55667</i> ora")},
        ("Ciao", "chiama · ora"),
    ),
    ("a zero width", {"body": "tel 311\u200b4455667 ok"}, ("Ciao", "tel · ok")),
    ("entities", {"body": html("tel &#51;114455667 ok")}, ("Ciao", "tel · ok")),
    ("tags in a plain string", {"body": "tel 311<br>4455667"}, ("Ciao", "tel ·")),
    (
        "written oddly, and told for certain by a field",
        {"body": "scrivi 3.1_1~4:4|5=5_6.6,7 ok", "phone": "311 4455667"},
        ("Ciao", "scrivi · ok"),
    ),
    (
        "written oddly, and told for certain by a link",
        {"body": html('<a href="tel:+393114455667">3_1_1_4_4_5_5_6_6_7</a> ok')},
        ("Ciao", "· ok"),
    ),
]


@pytest.mark.parametrize(
    ("fields", "shown"), [w[1:] for w in WRITINGS], ids=[w[0] for w in WRITINGS]
)
def test_every_writing_has_its_span(
    site: SiteFile, fields: dict[str, Any], shown: tuple[str, str]
) -> None:
    advert = advert_of(site, make_raw(**fields))
    assert phones(advert) == {NUMBER}
    assert redacted(advert) == shown


def test_spans_do_not_overlap_and_hold_what_was_read(site: SiteFile) -> None:
    body = "scrivi a anna3114455667@example.org o chiama 3115566778, wa.me/393114455667"
    advert = advert_of(site, make_raw(body=body))
    spans = sorted((c.span.start, c.span.end) for c in advert.contacts if c.span)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    text = redacted(advert)[1]
    assert not any(character.isdigit() for character in text)
    assert "example" not in text
    assert {NUMBER, "+393115566778"} <= phones(advert)


LINKS: list[tuple[str, dict[str, Any], str]] = [
    ("a link in the body", {"body": html('<a href="tel:3114455667">mostra</a>')}, "link"),
    ("WhatsApp in the body", {"body": html('<a href="https://wa.me/393114455667">w</a>')}, "link"),
    ("an address field", {"whatsapp": "https://wa.me/393114455667?text=ciao"}, "link"),
    ("a phone field", {"phone": "311 44.55.667"}, "field"),
    ("a phone field with an address", {"phone": "tel:+393114455667"}, "field"),
    ("a phone field of markup", {"phone": html("<b>311</b> 4455667")}, "field"),
    ("the nickname", {"nickname": "Anna 3114455667"}, "field"),
    ("the city", {"city": "Padova 3114455667"}, "field"),
    ("the category", {"category": "donne 3114455667"}, "field"),
    ("another field", {"orari": "9-20, cell. 311 4455667"}, "field"),
]


@pytest.mark.parametrize(("fields", "where"), [c[1:] for c in LINKS], ids=[c[0] for c in LINKS])
def test_contacts_outside_title_and_text(
    site: SiteFile, fields: dict[str, Any], where: str
) -> None:
    advert = advert_of(site, make_raw(**fields))
    assert [(c.value, c.tier, c.where, c.span) for c in advert.contacts] == [
        (NUMBER, "confirmed", where, None)
    ]
    others = [advert.nickname, advert.city, advert.category, *advert.extra.values()]
    kept = "".join(character for text in others if text for character in text)
    assert "4455667" not in "".join(c for c in kept if c.isdigit())


def test_fields_keep_the_rest(site: SiteFile) -> None:
    raw = make_raw(nickname="Anna 3114455667", city="Abano 3114455667", orari="9-20 3114455667")
    advert = advert_of(site, raw)
    assert advert.nickname == "Anna"
    assert (advert.city, advert.province) == ("Abano Terme", "PD")
    assert advert.extra == {"orari": "9-20"}


def test_a_known_number_stays_in_no_field(site: SiteFile) -> None:
    odd_writing = "3.1_1~4:4|5=5_6.6,7"
    raw = make_raw(
        phone="3114455667",
        nickname=f"Anna {odd_writing}",
        category=f"donne {odd_writing}",
        orari=f"9-20 {odd_writing}",
    )
    advert = advert_of(site, raw)
    assert (advert.nickname, advert.category) == ("Anna", None)
    assert advert.extra == {"orari": "9-20", "category": "donne"}


def test_handles(site: SiteFile) -> None:
    raw = make_raw(
        body=html('scrivi su telegram @anna_bella <a href="https://instagram.com/anna.b">ig</a>'),
        telegram="@anna_due",
    )
    advert = advert_of(site, raw)
    found = {(c.kind, c.value, c.where) for c in advert.contacts}
    assert ("telegram", "anna_bella", "text") in found
    assert ("instagram", "anna.b", "link") in found
    assert ("telegram", "anna_due", "field") in found
    assert "anna_bella" not in redacted(advert)[1]
    assert "telegram" not in advert.extra


ECHOES: list[tuple[str, dict[str, Any], tuple[str, str]]] = [
    (
        "a handle's second writing",
        {"body": "telegram: @luna_bella, cercami: Luna_Bella!"},
        ("Ciao", "telegram: ·, cercami: ·!"),
    ),
    (
        "a handle of the text in the title",
        {"title": "luna_bella a Padova", "body": "su telegram @luna_bella"},
        ("· a Padova", "su telegram ·"),
    ),
    (
        "a handle of a link",
        {"body": html('<a href="https://t.me/lunabella">qui</a> cerca LUNABELLA')},
        ("Ciao", "qui cerca ·"),
    ),
    (
        "a handle of a field",
        {"telegram": "@lunabella", "body": "sono lunabella."},
        ("Ciao", "sono ·."),
    ),
    (
        "in letters of another style",
        {"telegram": "@lunabella", "body": "sono 𝓵𝓾𝓷𝓪𝓫𝓮𝓵𝓵𝓪"},
        ("Ciao", "sono ·"),
    ),
    (
        "no part of another word, and none that is short",
        {"body": "telegram: @luna lunatica, la luna; instagram: @bella_a bella_anna"},
        ("Ciao", "telegram: · lunatica, la luna; instagram: · bella_anna"),
    ),
]


@pytest.mark.parametrize(("fields", "shown"), [e[1:] for e in ECHOES], ids=[e[0] for e in ECHOES])
def test_a_known_handle_is_lifted_wherever_it_stands(
    site: SiteFile, fields: dict[str, Any], shown: tuple[str, str]
) -> None:
    assert redacted(advert_of(site, make_raw(**fields))) == shown


def test_a_known_handle_stays_in_no_field(site: SiteFile) -> None:
    raw = make_raw(body="telegram: @luna_bella", nickname="Luna_Bella", nota="qui Luna_Bella sola")
    advert = advert_of(site, raw)
    assert advert.nickname is None
    assert advert.extra == {"nota": "qui sola"}


CATEGORIES: list[tuple[str, dict[str, Any], str | None]] = [
    ("a plain one", {"category": "Donne cerca uomo"}, "Donne cerca uomo"),
    ("it goes before the partition's", {"category": "trans", "partition": "padova"}, "trans"),
    ("with a digit", {"category": "donne 2"}, None),
    ("with a numeral", {"category": "donne ②"}, None),
    ("overlong", {"category": "donne " * 8}, None),
    ("with a number", {"category": "donne 3114455667"}, None),
    ("with an address", {"category": "donne luna@example.org"}, None),
    ("with the nickname", {"category": "Anna escort", "nickname": "Anna Bella"}, None),
    ("a handle's word", {"category": "donne luna", "body": "telegram: @luna_b"}, None),
    ("the partition's instead", {"category": "donne 2", "partition": "padova"}, "donne"),
]


@pytest.mark.parametrize(
    ("fields", "category"), [c[1:] for c in CATEGORIES], ids=[c[0] for c in CATEGORIES]
)
def test_only_a_category_that_names_nobody_stands_in_clear(
    site: SiteFile, fields: dict[str, Any], category: str | None
) -> None:
    advert = advert_of(site, make_raw(**fields))
    assert advert.category == category
    assert ("category" in advert.extra) == (advert.category != fields["category"])


def test_hidden_decoys_are_nobodys_number(site: SiteFile) -> None:
    body = html('chiama 311<span style="display:none">99</span>4455667')
    assert phones(advert_of(site, make_raw(body=body))) == {NUMBER}


PLACES: list[tuple[dict[str, Any], tuple[str | None, str | None]]] = [
    ({"city": "Mestre"}, ("Mestre", "VE")),
    ({"city": "Abano", "province": "PD"}, ("Abano Terme", "PD")),
    ({"city": "Castelfranco", "province": "Treviso"}, ("Castelfranco Veneto", "TV")),
    ({"city": "Vattelapesca", "province": "TV"}, (None, "TV")),
    ({"province": "Padova"}, (None, "PD")),
    ({"partition": "padova"}, ("Padova", "PD")),
    ({"partition": "padova", "city": "Mestre"}, ("Mestre", "VE")),
    ({"partition": "padova", "city": "boh"}, ("Padova", "PD")),
    ({"partition": "padova", "province": "PD"}, ("Padova", "PD")),
    ({"partition": "padova", "title": "Anna a Mestre"}, ("Padova", "PD")),
    ({"title": "Anna a Mestre"}, ("Mestre", "VE")),
    ({"title": "Anna", "body": "sono a Bassano del Grappa"}, ("Bassano del Grappa", "VI")),
    ({"title": "Anna a Mestre", "body": "anche a Padova"}, ("Mestre", "VE")),
    ({"province": "VE", "title": "Anna a Jesolo"}, ("Jesolo", "VE")),
    ({"title": "bella ragazza latina"}, (None, None)),
]


@pytest.mark.parametrize(("fields", "place"), PLACES)
def test_place(
    site: SiteFile, fields: dict[str, Any], place: tuple[str | None, str | None]
) -> None:
    advert = advert_of(site, make_raw(**fields))
    assert (advert.city, advert.province) == place


PRICES_AND_AGES: list[tuple[dict[str, Any], int | None, int | None]] = [
    ({"price": "1.026,00 €"}, 102_600, None),
    ({"price": ("80", "150")}, 8_000, None),
    ({"price": "trattabile", "body": "100 rose"}, 10_000, None),
    ({"price": "50 €", "body": "100 rose"}, 5_000, None),
    ({"body": "3114455667 80 euro"}, 8_000, None),
    ({"age": "25"}, None, 25),
    ({"age": "25 anni", "body": "ho 30 anni"}, None, 25),
    ({"title": "Anna 22enne"}, None, 22),
    ({"age": "17"}, None, 17),
    ({"age": "22", "body": "in realtà ho 17 anni"}, None, 17),
    ({"age": "22", "body": "Da 16 anni nel settore, 16 anni di passione"}, None, 22),
    ({"body": "Cane di 14 anni"}, None, None),
    ({"age": "150"}, None, None),
]


@pytest.mark.parametrize(("fields", "cents", "age"), PRICES_AND_AGES)
def test_price_and_age(
    site: SiteFile, fields: dict[str, Any], cents: int | None, age: int | None
) -> None:
    advert = advert_of(site, make_raw(**fields))
    assert (advert.price_cents, advert.age) == (cents, age)


ODD: list[tuple[dict[str, Any], dict[str, int]]] = [
    ({"price": "chiedere"}, {"price/unreadable": 1}),
    ({"age": "150"}, {"age/out_of_range": 1}),
    ({"age": "giovane"}, {"age/unreadable": 1}),
    ({"age": "22", "body": "ho 17 anni"}, {"age/contradicted": 1}),
    ({"city": "Vattelapesca"}, {"place/unknown": 1}),
    ({"city": "Vattelapesca", "province": "TV"}, {"city/unknown": 1}),
    ({"phone": "mostra numero"}, {"phone/unreadable": 1}),
    ({"posted": "boh"}, {"posted/unreadable": 1}),
    ({"body": html("<p> </p>")}, {"body/empty": 1}),
    ({"ad_id": "anna-3114455667", "phone": "3114455667"}, {"url/phone": 1}),
]


@pytest.mark.parametrize(("fields", "counted"), ODD)
def test_what_is_odd_is_counted(
    site: SiteFile, fields: dict[str, Any], counted: dict[str, int]
) -> None:
    odd: Counter[str] = Counter()
    normalise(make_raw(**fields), site, odd)
    assert odd == Counter(counted)


@pytest.mark.parametrize("title", [(), "", "\u200b \n", html("<i hidden>Ciao</i>")])
def test_without_a_title_there_is_no_advert(site: SiteFile, title: Any) -> None:
    odd: Counter[str] = Counter()
    with pytest.raises(PipelineError, match=r"bacheca/veneto, page 1, position 3: no title"):
        normalise(make_raw(title=title, body="tel 3114455667"), site, odd)
    with pytest.raises(PipelineError) as raised:
        normalise(make_raw("3114455667", title=title), site, Counter())
    assert "3114455667" not in str(raised.value)
    assert odd == Counter({"title/missing": 1})


@pytest.mark.parametrize(
    ("shown", "promoted"),
    [("TOP", True), ("1", True), ("", False), ("0", False), ("false", False)],
)
def test_promoted(site: SiteFile, shown: str, promoted: bool) -> None:
    assert advert_of(site, make_raw(promoted=shown)).promoted is promoted


def test_the_same_page_gives_the_same_advert(site: SiteFile) -> None:
    raw = make_raw(
        title="Anna 3114455667", body="100 rose, @anna_bella su telegram", phone="3114455667"
    )
    assert advert_of(site, raw) == advert_of(site, raw)
    assert all(isinstance(contact, FoundContact) for contact in advert_of(site, raw).contacts)


@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(
        st.sampled_from(
            [
                *("311", "4455667", "0039", "+39", "tre", "uno", "O", "@anna_b", "anna@b.it"),
                *("\u200b", " ", "\n", "-", ".", "<b>", "</b>", "<br>", "€", "25 anni"),
                *("telegram: ", "wa.me/39"),
            ]
        )
        | st.text(ANY, max_size=4),
        max_size=25,
    )
)
def test_spans_can_always_be_lifted_out(site: SiteFile, pieces: list[str]) -> None:
    body = "".join(pieces)
    for snippet in (Snippet(body), html(body)):
        advert = advert_of(site, make_raw(body=snippet))
        spans = sorted(
            (c.span.start, c.span.end) for c in advert.contacts if c.span and c.where == "text"
        )
        assert all(0 <= start < end <= len(advert.text) for start, end in spans)
        assert all(a[1] <= b[0] for a, b in pairwise(spans))
        assert all((c.span is not None) == (c.where in ("title", "text")) for c in advert.contacts)
