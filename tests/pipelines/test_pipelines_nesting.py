"""Markup nested deeper than browsers nest it."""

import pytest

from pipelines.nesting import DEEPEST, flattened
from pipelines.phones.pages import find_phones_html


def test_a_page_as_pages_are_stays_as_it_is() -> None:
    page = "<ul>" + "<li><a href='x'><b>uno</b></a><br><p>due" * 3000 + "</ul>"
    assert flattened(page) == page


@pytest.mark.parametrize("piece", ["<div>", "<div></span>", "<b><DIV class='a'>", "<svg><g>"])
def test_what_is_never_closed_opens_so_deep_and_no_deeper(piece: str) -> None:
    page = "tel 3114455667 " + piece * 5000 + " tel 3155667788"
    flat = flattened(page)
    assert len(flat) == len(page)
    assert flat.endswith(" tel 3155667788")
    assert sum(flat.lower().count(name) for name in ("<div", "<b>", "<svg", "<g>")) == DEEPEST


def test_numbers_before_behind_and_within_are_found_at_their_place() -> None:
    page = (
        "tel 3114455667 " + "<div>" * 3000 + "tel 3155667788" + "</div>" * 3000 + "tel 3166778899"
    )
    found = find_phones_html(page)
    assert [each.value for each in found] == ["+393114455667", "+393155667788", "+393166778899"]
    assert all(each.span and page[each.span.start : each.span.end] == each.raw for each in found)
