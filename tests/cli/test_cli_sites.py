"""`faro site add` and `forget`, as an admin types them."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "crawlers"))
from noticeboard import Notice, NoticeBoard
from watching import Watch

from cli import main
from config import load


@pytest.fixture
def board():
    served = NoticeBoard()
    yield served
    served.close()


@pytest.fixture
def watch(tmp_path, board):
    return Watch(tmp_path, board)


PAGE = """<html><body><nav><ul><li><a href="/1">Uno</a></li><li><a href="/2">Due</a></li>
<li><a href="/3">Tre</a></li></ul></nav><div id="elenco">{}</div>
<a href="?p=2">Avanti</a></body></html>"""
CARD = """<div class="ad box"><h3><a href="/annunci/{0}-slug">Annuncio {1}</a></h3>
<span class="prezzo">€ 80</span><span class="zona">Treviso</span><span class="eta">25 anni</span>
<em class="quando">2 ore fa</em><p>Testo</p></div>"""


def faro(watch, *words):
    return main([*words, "--config", str(watch.folder), "--now", watch.at(1).isoformat()])


def test_a_site_file_is_proposed_from_a_saved_page(watch, tmp_path, capsys):
    page = tmp_path / "lista.html"
    cards = "".join(CARD.format(number, Notice(number).word) for number in range(1234, 1240))
    page.write_text(PAGE.format(cards))
    url = "https://www.bacheca.example/annunci/treviso"
    assert faro(watch, "site", "add", url, "--html", str(page)) == 0
    told = capsys.readouterr().out
    assert "bacheca: ok, 6 cards" in told, told
    site = load(watch.folder).sites["bacheca"]
    assert not site.enabled
    assert {"id", "url", "title", "price", "age", "city", "posted"} <= set(site.list.fields)
    assert str(site.list.card[0]) == "css:div.ad"
    assert str(site.list.next[0]) == 'xpath://a[normalize-space()="Avanti"]/@href'
    assert faro(watch, "site", "add", url, "--html", str(page)) == 2
    assert "is there already" in capsys.readouterr().err


def test_no_site_is_asked_before_it_is_approved(watch, capsys):
    assert faro(watch, "site", "add", "https://www.bacheca.example/annunci") == 2
    assert "nobody has approved it yet" in capsys.readouterr().err


def test_a_list_on_this_machine_is_fetched(watch, board, capsys):
    board.fill("torino", range(1, 6))
    assert faro(watch, "site", "add", f"{board.url}/annunci/torino") == 0
    [made] = [path for path in (watch.folder / "sites").iterdir() if path.stem != "board"]
    assert "css:li.card" in made.read_text()


@pytest.mark.parametrize("text", ["<p>Niente</p>", "[]", "{}", "<urlset/>", ""])
def test_a_page_that_is_no_list(watch, tmp_path, capsys, text):
    page = tmp_path / "altro.html"
    page.write_text(text)
    code = faro(watch, "site", "add", "https://www.altro.example/x", "--html", str(page))
    told = capsys.readouterr()
    assert (code, told.err.count("\n")) in {(2, 1), (0, 0)}, told
    assert "Traceback" not in told.err + told.out


def test_a_site_is_forgotten(watch, board, capsys):
    board.fill("torino", range(1, 6))
    assert watch.crawl(0).complete
    assert faro(watch, "site", "forget", "board", "--yes") == 2
    assert "enabled = false" in capsys.readouterr().err
    path = watch.folder / "sites" / "board.toml"
    path.write_text("enabled = false\n" + path.read_text())
    assert faro(watch, "site", "forget", "board", "--yes") == 0
    assert "forgotten: 5 adverts, 1 runs" in capsys.readouterr().out
    assert watch.states(1) == {}
    with watch.store(1) as store:
        assert store.last_runs() == []
        assert store.verify_audit() is None
    assert faro(watch, "site", "forget", "board", "--yes") == 2
    assert "nothing of it is stored" in capsys.readouterr().err
