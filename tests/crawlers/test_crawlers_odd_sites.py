"""Sites that are odd rather than broken: what is there is read whole, nothing else is believed."""

import itertools
import re

import pytest
from noticeboard import Answer, Notice

from crawlers.walk import Walk
from records.causes import Cause

ADDRESS = "/annunci/torino"


def rewritten(board, change):
    """Every page of the board, changed on its way."""

    def before(path, query):
        found = board.answer(path, query)
        if path == "/robots.txt" or not isinstance(found.body, str):
            return None
        return Answer(change(found.body), found.status, dict(found.headers))

    return before


def kept(watch, day, ids):
    """Nobody is absent, nobody is new, nobody has changed."""
    adverts = watch.adverts(day)
    assert set(adverts) == {str(number) for number in ids}
    assert {each.state for each in adverts.values()} == {"active"}
    assert {each.versions for each in adverts.values()} == {1}


def test_the_same_pages_in_other_bytes_each_time(watch, board):
    """Tokens, comments, advertising and the order of attributes change; nothing else does."""
    board.fill("torino", range(1, 13))
    counted = itertools.count()

    def noisy(page):
        number = next(counted)
        page = page.replace("<body>", f"<body data-n={number}><!-- {number} --><b hidden>ad</b>")
        return page.replace("<li class=", f"<li data-token=t{number} class=")

    board.before = rewritten(board, noisy)
    for day in (0, 1):
        assert watch.crawl(day).complete
    assert board.count("detail") == 0
    kept(watch, 1, range(1, 13))


def test_relative_dates_are_no_change(watch, board):
    board.fill("torino", range(1, 13))
    for day, words in enumerate(("12 minuti fa", "ieri, 18:40", "2 giorni fa")):
        posted = f'class="data">{words}<'
        board.before = rewritten(
            board, lambda page, p=posted: re.sub('class="data">[^<]*<', p, page)
        )
        assert watch.crawl(day).complete
    assert board.count("detail") == 0
    kept(watch, 2, range(1, 13))


CHARSETS = [
    ("utf-8 that says latin-1", "utf-8", "text/html; charset=iso-8859-1"),
    ("windows-1252 that says utf-8", "cp1252", "text/html; charset=utf-8"),
    ("windows-1252 that says nothing", "cp1252", "text/html"),
    ("utf-8 that says nonsense", "utf-8", "text/html; charset=klingon"),
]


@pytest.mark.parametrize(
    ("stored", "told"), [c[1:] for c in CHARSETS], ids=[c[0] for c in CHARSETS]
)
def test_a_wrong_charset_overnight_changes_nobody(watch, board, stored, told):
    board.fill("torino", range(1, 13))
    for each in board.notices["torino"]:
        each.title += ": perché no? Novità"
        each.text += " Più tardi è meglio, da lunedì."
    assert watch.crawl(day=0).complete

    def recoded(path, query):
        found = board.answer(path, query)
        if path == "/robots.txt":
            return None
        return Answer(found.body.encode(stored), found.status, {"Content-Type": told})

    watch.describe(when="always")
    board.before = recoded
    assert watch.crawl(day=1).complete
    assert "perché no? Novità" in watch.adverts(day=1)["7"].title
    kept(watch, 1, range(1, 13))


def test_malformed_pages_are_read(watch, board):
    board.fill("torino", range(1, 13))
    watch.crawl(day=0)

    def broken(page):
        page = page.replace("</body></html>", "<!-- <div <<< &nope; &#xFFFFFFF;")
        page = page.replace("</li>", "").replace("</ul>", "</div></span>").replace("</a>", "</a", 1)
        page = page.replace('<h1 class="elenco', '<div>Banner</body></html><h1 class="elenco')
        return "\x00<p><table>" + page

    board.before = rewritten(board, broken)
    result = watch.crawl(day=1)
    assert result.complete, result.sentence()
    assert set(watch.states(day=1).values()) == {"active"}
    assert len(watch.adverts(day=1)) == 12


def test_half_of_the_fields_gone(watch, board):
    """Nobody wrote [expect] fill: the site's own complete runs say that cards have prices."""
    board.fill("torino", range(1, 25))
    watch.crawl(day=0)
    board.before = rewritten(board, lambda page: page.replace("class=prezzo", "class=preis"))
    [part] = watch.crawl(day=1).partitions
    assert part.cause == Cause("fill_fallen", {"field": "price", "found": 0, "usual": 100})
    assert str(part.verdict) == "drift"
    assert set(watch.states(day=1).values()) == {"active"}
    board.before = lambda path, query: None
    assert watch.crawl(day=2).complete
    assert len(watch.adverts(day=2)) == 24


def test_paging_that_leaves_pages_out(watch, board):
    """1, 2, 3, 5, 6: the adverts of page 4 are there all the same."""
    watch.describe(when="never")
    board.fill("torino", range(1, 31))
    watch.crawl(day=0)
    board.before = rewritten(board, lambda page: page.replace("?page=4", "?page=5"))
    for day in (1, 2, 3):
        [part] = watch.crawl(day).partitions
        assert (str(part.verdict), part.cause) == ("partial", Cause("skip", {"page": 6}))
    kept(watch, 3, range(1, 31))


def test_paging_that_leaves_out_the_second_page(watch, board):
    """(1), 3, 4: the first page's address has no number to count from."""
    watch.describe(when="never")
    board.fill("torino", range(1, 21))
    watch.crawl(day=0)
    board.before = rewritten(board, lambda page: page.replace("?page=2", "?page=3"))
    [part] = watch.crawl(day=1).partitions
    assert (str(part.verdict), part.cause) == ("partial", Cause("skip", {"page": 4}))


@pytest.mark.parametrize(
    ("numbers", "skips"),
    [
        ((None, 2, 3, 4), False),
        ((None, 1, 2), False),
        ((None, 20, 40, 60), False),
        ((0, 20, 40), False),
        ((None, 3, 4), True),
        ((1, 3, 4), True),
        ((None, 2, 4, 5), True),
        ((1, 2, 4), True),
        ((None, 83211, 83290), False),  # where the next page begins, not how many came before
    ],
)
def test_even_steps_leave_nothing_out(numbers, skips):
    walk = Walk("torino", "https://example.org/annunci", None)
    urls = [walk.url + (f"?p={number}" if number is not None else "") for number in numbers]
    for before, after in itertools.pairwise(urls):
        walk.turn(before, after)
    assert (walk.ending == "skip") is skips


def test_a_list_that_the_site_itself_cuts_off(watch, board):
    """It says how many there are, and shows ten."""
    watch.describe(list='total = "css:.quanti"', when="never")
    board.fill("torino", range(1, 13))
    count = "<p class=quanti>12 annunci</p><h1"
    board.before = rewritten(board, lambda page: page.replace("<h1", count, 1))
    assert watch.crawl(day=0).complete
    cut = rewritten(board, lambda page: page.replace("<h1", count, 1).replace("?page=3", "#"))
    board.before = cut
    for day in (1, 2, 3):
        [part] = watch.crawl(day).partitions
        assert (str(part.verdict), part.cause.code) == ("partial", "below_total")
    kept(watch, 3, range(1, 13))


def test_a_list_cut_off_without_a_word_asks_for_whom_it_misses(watch, board):
    board.fill("torino", range(1, 13))
    assert watch.crawl(day=0).complete
    board.before = rewritten(board, lambda page: page.replace("?page=3", "#"))
    for day in (1, 2, 3):
        assert watch.crawl(day).complete
        assert board.count("detail") == 2
    kept(watch, 3, range(1, 13))


def test_adverts_that_move_while_we_page(watch, board):
    """One is bumped to the top, one is taken down: who is there is seen or asked for."""
    board.fill("torino", range(1, 31))
    assert watch.crawl(day=0).complete
    moved = []

    def shift(path, query):
        notices = board.notices["torino"]
        if query.get("page") == "2" and not moved:
            moved.append(notices.pop(3))  # page 1 has been read: what follows moves up by one
        if query.get("page") == "4" and len(moved) == 1:
            moved.append(notices.pop(7))
            notices.insert(0, notices.pop(20))

    board.before = shift
    assert watch.crawl(day=1).complete
    gone = {str(each.id) for each in moved}
    states = watch.states(day=1)
    assert {states.pop(ad_id) for ad_id in gone} <= {"absent", "active"}
    assert set(states.values()) == {"active"}
    assert {each.versions for each in watch.adverts(day=1).values()} == {1}
    watch.crawl(day=2)
    assert {ad_id for ad_id, state in watch.states(day=2).items() if state == "absent"} == gone


def test_an_endless_list_of_adverts_that_nobody_posted(watch, board):
    """A trap for robots: every page has new adverts and a next page."""
    board.fill("torino", range(1, 13))
    watch.crawl(day=0)
    waiting = watch.pending()
    watch.describe(max_pages=6, when="never")

    def trap(path, query):
        if path != ADDRESS:
            return None
        page = int(query.get("page", "1"))
        board.notices["trappola"] = [Notice(9000 + 5 * page + number) for number in range(5)]
        body = board.answer("/annunci/trappola", {}).body
        return Answer(body + f'<a class="avanti" href="?page={page + 1}">Avanti</a>')

    board.before = trap
    [part] = watch.crawl(day=1).partitions
    assert (str(part.verdict), part.cards) == ("partial", 30)
    with watch.store(day=1) as store:
        assert store.last_runs(1)[0].gate == "held"
    assert watch.pending(day=1) == waiting
    states = watch.states(day=1)
    assert {states[str(number)] for number in range(1, 13)} == {"active"}


def test_removed_adverts_whose_page_says_so_with_status_200(watch, board):
    board.fill("torino", range(1, 13))
    watch.crawl(day=0)
    board.notices["torino"].pop(3)
    board.before = lambda path, query: (
        Answer("<h1 class=nome>Annuncio</h1><p class=rimosso>Annuncio scaduto</p>")
        if path.startswith("/annuncio/9-")
        else None
    )
    assert watch.crawl(day=1).partitions[0].gone == {"9"}
    assert watch.states(day=1)["9"] == "absent"


def test_a_refusal_says_when_to_come_back(watch, board):
    board.fill("torino", range(1, 13))
    busy = Answer("", 429, {"Retry-After": "7200"})
    board.before = lambda path, query: busy if query.get("page") == "2" else None
    assert not watch.crawl().complete
    assert watch.stats()["faro/retry_after_s"] == 7200
    assert board.count(f"list {ADDRESS}?page=2") == 1, "asked once, and never again"


def test_an_age_page_is_passed_with_its_cookie(watch, board):
    board.fill("torino", range(1, 13))
    ask = Answer("<h1>Hai 18 anni?</h1><a href=/entra>Sì</a>")
    sent = []

    def gate(path, query):
        passed = "eta=18" in "".join(board.cookies)
        board.cookies.clear()
        sent.append(passed)
        return None if passed or path == "/robots.txt" else ask

    board.before = gate
    [part] = watch.crawl(day=0).partitions
    assert (str(part.verdict), part.cause) == ("failed", Cause("unmarked", {"page": 1}))
    watch.describe(access='cookies = { eta = "18" }')
    assert watch.crawl(day=1).complete
    kept(watch, 1, range(1, 13))


def test_the_last_bad_page_can_be_read_for_a_week(watch, board):
    board.fill("torino", range(1, 13))
    watch.crawl(day=0)
    page = "<h1 class=elenco>Annunci</h1><div class=scheda>Chiamami: 311 2223333</div>"
    board.before = lambda path, query: Answer(page) if path == ADDRESS else None
    watch.crawl(day=1)
    folder = watch.folder.parent / "var" / "samples"
    [file] = folder.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert b"scheda" not in file.read_bytes() and b"3333" not in file.read_bytes()
    with watch.store(day=2) as store:
        assert store.health()[0].sampled
        assert store.samples.read("board", "torino", watch.at(2)).page == page
    with watch.store(day=8) as store:
        assert not store.health()[0].sampled
        assert store.samples.purge(watch.at(8)) == 1
    assert not list(folder.iterdir())
    watch.crawl(day=9)
    board.before = lambda path, query: None
    watch.crawl(day=10)
    assert not list(folder.iterdir()), "a partition that is whole again keeps no page"
