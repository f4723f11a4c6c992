"""Numbers of which one half stands in the title and the other in the text."""

from __future__ import annotations

from collections import Counter

import pytest
from bacheca import make_raw

from config import SiteFile
from pipelines.halves import halves
from pipelines.normalise import normalise


@pytest.mark.parametrize(
    ("title", "text", "value", "raw"),
    [
        ("Luna Treviso 311 44", "55667 chiamami", "+393114455667", ("311 44", "55667")),
        ("Luna 311", "4455667 ti aspetto", "+393114455667", ("311", "4455667")),
        ("Luna +39 311 44", "55 667", "+393114455667", ("+39 311 44", "55 667")),
        ("tre uno uno", "quattro quattro cinque cinque sei sei sette baci", "+393114455667",
         ("tre uno uno", "quattro quattro cinque cinque sei sei sette")),
        ("Bella 311 445", "Ho 28 anni, 170 cm. Il resto del numero: 56 67, inizio nel titolo",
         "+393114455667", ("311 445", "56 67")),
        ("Luna 28 anni", "170 cm 55 kg 100 euro", None, None),
        ("Prezzi 350", "400 500 euro continua", None, None),
        ("Novità 30", "100 150 200 euro", None, None),
        ("Luna 311 445", "Ho 28 anni, in via Roma 5667", None, None),
        ("Sara 3114455667", "3122233344 chiama", None, None),
    ],
)  # fmt: skip
def test_halves(title: str, text: str, value: str | None, raw: tuple[str, str] | None) -> None:
    found = halves(title, text, ())
    assert {contact.value for contact in found} == ({value} if value else set())
    if raw:
        first, second = found
        assert (first.where, second.where, first.tier) == ("title", "text", "candidate")
        for contact, source, written in zip(found, (title, text), raw, strict=True):
            assert contact.span is not None
            assert source[contact.span.start : contact.span.end] == contact.raw == written


def test_both_halves_of_an_advert_are_lifted_out(site: SiteFile) -> None:
    raw = make_raw(title="Luna Treviso 311 44", body="55667 chiamami, sono dolce")
    advert = normalise(raw, site, Counter())
    places = {
        (contact.value, contact.where): contact.span
        for contact in advert.contacts
        if contact.kind == "phone"
    }
    assert set(places) == {("+393114455667", "title"), ("+393114455667", "text")}
    for (_, where), span in places.items():
        shown = advert.title if where == "title" else advert.text
        assert span is not None
        assert shown[span.start : span.end] in ("311 44", "55667")
