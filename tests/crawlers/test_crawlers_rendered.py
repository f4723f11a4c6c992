"""Pages that a real Chromium makes: what they load more, show on a click, and may not fetch."""

import json
import threading

import pytest
from noticeboard import Answer, Notice, NoticeBoard
from test_crawlers_browser import needs_chromium

from crawlers.preview import preview

pytestmark = needs_chromium

CARD = '<li class="card"><a class="titolo" href="/annuncio/{0}-x">Annuncio {1}</a></li>'
HEAD = "<html><body><h1 class=elenco>Annunci</h1><ul id=u></ul>"
MORE = """<button id=altri>Altri</button><script>
let page = 0; const button = document.getElementById('altri');
async function load() {
  const got = await fetch('/annunci/dati?page=' + ++page);
  if (!got.ok) return;
  const part = await got.json();
  document.getElementById('u').insertAdjacentHTML('beforeend', part.html);
  if (!part.more) button.remove();
}
button.onclick = load; load();
</script></body></html>"""
SCROLL = """<div id=fine style='height:10px'></div><script>
let page = 0, busy = false, over = false;
async function load() {
  if (busy || over) return; busy = true;
  const got = await fetch('/annunci/dati?page=' + ++page);
  if (got.ok) {
    const part = await got.json();
    document.getElementById('u').insertAdjacentHTML('beforeend', part.html);
    over = !part.more;
  }
  busy = false;
}
new IntersectionObserver(seen => seen[0].isIntersecting && load())
  .observe(document.getElementById('fine'));
</script><style>li {height: 400px}</style></body></html>"""
# Shows eight of forty at a time, in the same elements, as lists of thousands do.
WINDOW = """<div id=lungo style='height:8000px;position:relative'></div><script>
const ul = document.getElementById('u');
document.getElementById('lungo').append(ul); ul.style.position = 'absolute';
const draw = () => {
  const first = Math.max(0, Math.floor(window.scrollY / 200) - 1);
  ul.style.top = first * 200 + 'px'; ul.innerHTML = '';
  for (let n = first + 1; n <= Math.min(40, first + 8); n++)
    ul.insertAdjacentHTML('beforeend', `<li class="card" style="height:200px">
      <a class="titolo" href="/annuncio/${n}-x">Annuncio</a></li>`);
};
window.addEventListener('scroll', draw); draw();
</script></body></html>"""


def cards(numbers):
    return "".join(CARD.format(number, Notice(number).word) for number in numbers)


def served(board, page, parts=3, per_part=4, trouble=None):
    """Serve a list that loads itself in so many parts."""

    def before(path, query):
        if path == "/annunci/torino":
            return Answer(HEAD + page)
        if path == "/annunci/dati":
            number = int(query["page"])
            if trouble and number == 2:
                return trouble
            begin = (number - 1) * per_part
            html = cards(range(begin + 1, begin + per_part + 1)) if number <= parts else ""
            content = json.dumps({"html": html, "more": number < parts})
            return Answer(content, headers={"Content-Type": "application/json"})
        return None

    board.before = before


def describe(watch, list_key, **more):
    watch.describe(fetch="browser", when="never", **more)
    path = watch.folder / "sites" / "board.toml"
    path.write_text(path.read_text().replace("[list]\n", f"[list]\n{list_key}\n"))


WAYS = [("more", "more = 'css:#altri'", MORE), ("scroll", "scroll = true", SCROLL)]


@pytest.mark.parametrize(("key", "page"), [way[1:] for way in WAYS], ids=[way[0] for way in WAYS])
def test_a_list_is_loaded_to_its_end(watch, board, key, page):
    served(board, page)
    describe(watch, key)
    result = watch.crawl()
    assert result.complete, result.sentence()
    assert len(watch.adverts()) == 12


@pytest.mark.parametrize(("key", "page"), [way[1:] for way in WAYS], ids=[way[0] for way in WAYS])
@pytest.mark.parametrize(
    ("trouble", "verdict", "reason"),
    [
        (
            None,
            "partial",
            "on page 1 more adverts were still coming",
        ),
        (Answer("", 500), "partial", "page 1 could not load all of its adverts"),
        (
            Answer("", 429),
            "blocked",
            "page 2 was refused",
        ),
    ],
)
def test_a_list_that_did_not_come_to_its_end(watch, board, key, page, trouble, verdict, reason):
    served(board, page, parts=9, trouble=trouble)
    describe(watch, key if trouble else f"{key}\nmax_loads = 1")
    [part] = watch.crawl().partitions
    assert (str(part.verdict), reason in part.reason) == (verdict, True), part.reason
    assert part.cards >= 4


def test_a_list_that_shows_a_window_of_itself_is_read_whole(watch, board):
    board.before = lambda path, query: Answer(HEAD + WINDOW) if "annunci/" in path else None
    describe(watch, "scroll = true")
    result = watch.crawl()
    assert result.complete, result.sentence()
    assert len(watch.adverts()) == 40


def test_a_number_is_shown_by_a_click_where_the_site_file_says_so(watch, board):
    board.fill("torino", range(1, 3))

    def before(path, query):
        if path.startswith("/telefono/"):
            return Answer(f"<a class=tel href='tel:{Notice(int(path[10:])).phone}'>chiama</a>")
        if path.startswith("/annuncio/"):
            number = path[10:].partition("-")[0]
            return Answer(
                f"<h1 class=nome>Annuncio</h1><div class=testo>Ciao</div><p id=n>"
                f"<button id=mostra>Mostra</button></p><script>mostra.onclick = async () => "
                f"n.innerHTML = await (await fetch('/telefono/{number}')).text()</script>"
            )
        return None

    board.before = before
    watch.describe(fetch="browser")
    assert watch.crawl(0).complete
    assert watch.adverts()["1"].contacts == ()
    watch.describe(fetch="browser", when="always")
    path = watch.folder / "sites" / "board.toml"
    path.write_text(path.read_text().replace("[detail]\n", "[detail]\nclick = 'css:#mostra'\n"))
    assert watch.crawl(1).complete
    assert [each.value for each in watch.adverts(1)["1"].contacts] == ["+393110001111"]


ELSEWHERE = """<html><head><link rel=stylesheet href="{0}/stile.css">
<link rel=prefetch href="{0}/p">
<link rel=preconnect href="{0}"></head><body><script src="{0}/script.js"></script>
<iframe src="{0}/cornice"></iframe><img src="{0}/foto.jpg"><iframe src="/foto.jpg"></iframe>
<object data="/foto.png"></object><video src="/film.mp4" autoplay></video>
<style>@import url("{0}/altro.css"); @font-face {{font-family: x; src: url(/x.woff2)}}
body {{font-family: x; background: url(/sfondo.png)}}</style>
<script>fetch("{0}/dati").catch(() => 0); fetch("/foto.webp").catch(() => 0);
navigator.sendBeacon("{0}/segnale"); try {{ new WebSocket("{1}/presa") }} catch {{}}
fetch("/altrove").catch(() => 0); new Worker("/lavoro.js");</script>{2}</body></html>"""


@pytest.fixture
def other():
    served = NoticeBoard()
    yield served
    served.close()


def test_a_page_reaches_no_other_host_and_no_picture(watch, board, other):
    board.fill("torino", range(1, 4))
    content = board.answer("/annunci/torino", {}).body
    there = other.url.replace("127.0.0.1", "localhost")
    reached = threading.Event()
    other.before = lambda path, query: reached.set()

    def before(path, query):
        if path.startswith("/annunci"):
            return Answer(ELSEWHERE.format(there, there.replace("http", "ws"), content))
        if path == "/altrove":
            return Answer("", 302, {"Location": f"{there}/altrove"})
        if path == "/lavoro.js":
            script = f"fetch('{there}/operaio').catch(() => 0)"
            return Answer(script, headers={"Content-Type": "text/javascript"})
        return None

    board.before = before
    watch.describe(fetch="browser", when="never")
    result = watch.crawl(0)
    assert result.complete, result.sentence()
    assert not other.requests
    assert not reached.is_set()
    asked = {path for path in board.requests if not path.startswith(("list", "robots"))}
    assert asked <= {"other /altrove", "other /lavoro.js"}, asked
    log = (watch.folder.parent / "var" / "logs" / "board.log").read_text()
    assert f"refused to load from {there[7:]}, which" in log
    assert there[7:] in preview(watch.config, "board", watch.clock(0)).refused
    # A host that the site file names may be loaded from; pictures still may not.
    watch.describe(fetch="browser", when="never", access=f'hosts = ["{there[7:]}"]')
    assert watch.crawl(1).complete
    loaded = set(other.requests)
    assert {"other /stile.css", "other /script.js", "other /dati"} <= loaded
    assert "other /foto.jpg" not in loaded


def test_memory_of_the_browser_is_counted_and_told(watch, board):
    board.fill("torino", range(1, 3))
    watch.describe(fetch="browser", when="never")
    result = watch.crawl()
    assert result.complete
    assert result.memory_mb > 100


def test_a_crawl_that_uses_too_much_memory_stops_itself(watch, board):
    path = watch.folder / "faro.toml"
    path.write_text(path.read_text() + "[crawler]\nmemory_mb = 100\n")
    board.fill("torino", range(1, 13))
    watch.describe(fetch="browser", when="never")
    [part] = watch.crawl().partitions
    assert (str(part.verdict), part.reason) == ("failed", "the crawl used too much memory")
