"""`faro site try`, `freeze` and the screens: looked at without storing anything."""

import io
import json
import re
import sys
import types

import pytest
from noticeboard import Answer, Notice
from rich.console import Console

from crawlers.errors import CrawlError
from crawlers.freeze import differences, freeze
from crawlers.listing import ListingSpider
from crawlers.preview import preview
from crawlers.screens import CrawlProgress, results_table


def shown(renderable, width=120):
    console = Console(file=io.StringIO(), width=width)
    console.print(renderable)
    return console.file.getvalue()


def test_try_shows_what_a_site_file_finds(watch, board):
    board.fill("torino", range(1, 13))
    board.notices["torino"][0].title = "Giulia chiama 3114444555"
    found = preview(watch.config, "board", watch.clock(0))
    told = shown(found.render())
    assert found.ok
    for words in ("board: ok, 5 cards", "next page", "80.00 EUR", "first detail page: ok"):
        assert words in told
    assert "3114444555" not in told
    assert "phone × 2" in told
    assert re.search(r"title +100% +no\. 1 × 5", told)
    assert re.search(r"phone +found +\n", told)
    assert re.search(r"body +found +\n", told)
    assert watch.states() == {}


def test_try_tells_a_refusal_and_a_changed_layout(watch, board):
    board.before = lambda path, query: (
        Answer("<p>Accesso negato</p>") if path.startswith("/annunci") else None
    )
    found = preview(watch.config, "board", watch.clock(0))
    assert not found.ok
    assert "board: blocked, 0 cards" in shown(found.render())
    board.before = lambda path, query: (
        Answer("User-agent: *\nDisallow: /") if path == "/robots.txt" else None
    )
    assert "board: robots" in shown(preview(watch.config, "board", watch.clock(0)).render())


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer("<p>Aggiornamento</p>", status=500), "the server answered 500"),
        (Answer("<p>Accesso negato</p>"), "the site blocks us"),
        (Answer("<h1>Altro</h1>"), "another layout, or a notice in front"),
    ],
)
def test_try_says_why_it_is_no_list(watch, board, answer, words):
    board.before = lambda path, query: answer if "annunci" in path else None
    told = shown(preview(watch.config, "board", watch.clock(0)).render(), width=200)
    assert words in told


def test_try_says_why_no_page_came(watch, board):
    board.close()
    told = shown(preview(watch.config, "board", watch.clock(0)).render(), width=200)
    assert "the connection was refused" in told


def test_try_reads_a_saved_page(watch, board, tmp_path):
    board.fill("torino", range(1, 4))
    page = tmp_path / "page.html"
    page.write_text(board.answer("/annunci/torino", {}).body)
    assert "board: ok, 3 cards" in shown(
        preview(watch.config, "board", watch.clock(0), page).render()
    )
    assert not board.requests
    with pytest.raises(CrawlError, match="No such file"):
        preview(watch.config, "board", watch.clock(0), tmp_path / "none.html")


def test_a_frozen_page_names_nobody_and_reads_the_same(watch, board, tmp_path):
    board.notices["torino"] = [
        Notice(5001, title="Giulia, chiamami: 311 4444555"),
        Notice(5002, title="Marta in zona centro"),
    ]
    out = tmp_path / "fixture"
    made = list(freeze(watch.config, "board", watch.clock(0), None, out))
    assert [path.name for path in made] == ["list.html", "detail.html", "expected.json"]
    text = "".join(path.read_text() for path in made)
    for told in ("Giulia", "Marta", "4444555", "5001", "centro"):
        assert told not in text
    expected = json.loads((out / "expected.json").read_text())
    assert (expected["verdict"], expected["cards"]) == ("ok", 2)
    site = watch.config.sites["board"]
    assert differences(site, out) == []
    watch.describe()
    broken = (
        (watch.folder / "sites" / "board.toml").read_text().replace("css:.prezzo", "css:.costo")
    )
    (watch.folder / "sites" / "board.toml").write_text(broken)
    told = differences(watch.config.sites["board"], out)
    assert len(told) == 2
    assert "card 1, price" in told[0]
    watch.describe()
    broken = (
        (watch.folder / "sites" / "board.toml").read_text().replace("css:a.tel::", "css:a.call::")
    )
    (watch.folder / "sites" / "board.toml").write_text(broken)
    [told_of_page] = differences(watch.config.sites["board"], out)
    assert told_of_page.startswith("detail page, phone: expected ['tel:+")
    assert "faro site freeze" in differences(site, tmp_path / "none")[0]


def test_a_developers_spider_overrides_a_hook(watch, board, tmp_path, monkeypatch):
    class SiteSpider(ListingSpider):
        def cards(self, sheet):
            return list(super().cards(sheet))[1:]

    module = types.ModuleType("crawlers.spiders.bacheca")
    module.SiteSpider = SiteSpider
    monkeypatch.setitem(sys.modules, "crawlers.spiders.bacheca", module)
    board.fill("torino", range(1, 4))
    page = tmp_path / "page.html"
    page.write_text(board.answer("/annunci/torino", {}).body)
    path = watch.folder / "sites" / "board.toml"
    path.write_text('spider = "bacheca"\n' + path.read_text())
    assert len(preview(watch.config, "board", watch.clock(0), page).reading.cards) == 2
    path.write_text(path.read_text().replace('spider = "bacheca"', 'spider = "nessuno"'))
    with pytest.raises(CrawlError, match=r"there is no crawlers/spiders/nessuno\.py"):
        preview(watch.config, "board", watch.clock(0), page)


def test_no_fixture_of_a_page_that_is_no_list(watch, board, tmp_path):
    board.before = lambda path, query: Answer("<h1>Altro</h1>") if "annunci" in path else None
    with pytest.raises(CrawlError, match="no list to freeze: unknown"):
        list(freeze(watch.config, "board", watch.clock(0), None, tmp_path))


def test_progress_and_results_on_a_terminal(watch, board):
    board.fill("torino", range(1, 13))
    watch.describe(max_pages=1)
    console = Console(file=io.StringIO(), width=100, force_terminal=True)
    with CrawlProgress(console) as progress:
        result = watch.crawl(progress=progress.update)
    assert "1 pages, 5 adverts, not complete" in console.file.getvalue()
    told = shown(results_table([result]))
    assert "partial" in told
    assert "max_pages = 1" in told
