"""Sites that refuse, break, lie and loop: the verdict is true, and nobody is absent by mistake."""

import threading

import pytest
from noticeboard import Answer, NoticeBoard, drip, endless, gzip_bomb, reset
from watching import Watch

CHALLENGE = "<html><title>Just a moment...</title><script>window._cf_chl_opt={}</script></html>"


def at_page(number, answer):
    """Answers list page `number` with `answer`."""
    return lambda path, query: (
        answer if path.startswith("/annunci/") and query.get("page", "1") == str(number) else None
    )


CASES = [
    ("403 at page 3", at_page(3, Answer("no", 403)), "blocked", "page 3 was refused"),
    ("429 at page 2", at_page(2, Answer("", 429)), "blocked", "page 2"),
    ("503 at once", at_page(1, Answer("", 503)), "blocked", "page 1"),
    ("a challenge with status 200", at_page(2, Answer(CHALLENGE)), "blocked", "page 2"),
    ("words of refusal", at_page(1, Answer("<p>Accesso negato</p>")), "blocked", "page 1"),
    ("500 for good", at_page(2, Answer("", 500)), "partial", "page 2: the server answered 500"),
    ("404 for page 3", at_page(3, Answer("", 404)), "partial", "page 3"),
    ("the list is gone", at_page(1, Answer("", 410)), "failed", "404 or 410"),
    (
        "another layout",
        at_page(1, Answer("<h1 class=elenco>Annunci</h1><div class=neu>…</div>")),
        "drift",
        "no card was found where there are usually 12",
    ),
    (
        "another layout without the marker",
        at_page(1, Answer("<h2>Annunci</h2>" + "<p>parole parole parole</p>" * 99)),
        "failed",
        "neither",
    ),
    (
        "empty all of a sudden",
        at_page(1, Answer("<h1 class=elenco>Annunci</h1><p class=vuoto>Nessuno</p>")),
        "empty_suspect",
        "usually 12",
    ),
    (
        "paging goes back to page 1",
        at_page(3, Answer("", 302, {"Location": "/annunci/torino"})),
        "partial",
        "paging came back",
    ),
    (
        "the next page is on another host",
        at_page(
            2,
            Answer(
                "<h1 class=elenco>Annunci</h1><li class=card><a class=titolo "
                "href=/annuncio/5-x>Annuncio di prova numero f</a><b class=prezzo>€ 80</b></li>"
                "<a class=avanti href=http://example.org/>Avanti</a>"
            ),
        ),
        "partial",
        "another host",
    ),
    (
        "half an answer",
        at_page(2, Answer("", 200, {"Content-Length": "9"})),
        "partial",
        "page 2: the connection broke off",
    ),
    (
        "sent to another host",
        at_page(2, Answer("", 302, {"Location": "http://127.0.0.2:9/annunci"})),
        "partial",
        "page 2: sends to a host",
    ),
    (
        "a redirect loop",
        at_page(2, Answer("", 302, {"Location": "/annunci/torino?page=2"})),
        "partial",
        "page 2: sends from one address to the next without end",
    ),
    (
        "a page of 10 MB",
        at_page(2, Answer("<html>" + "x" * 10_000_000)),
        "partial",
        "page 2: the page is too large",
    ),
    (
        "50 MB without a length",
        at_page(2, Answer(raw=endless)),
        "partial",
        "page 2: the page is too large",
    ),
    (
        "a small answer that unpacks to 100 MB",
        at_page(2, gzip_bomb(100)),
        "partial",
        "page 2: the page is too large",
    ),
    ("a byte now and then", at_page(2, Answer(raw=drip)), "partial", "page 2: no answer in time"),
    (
        "connections are reset",
        at_page(2, Answer(raw=reset)),
        "partial",
        "page 2: the connection broke off",
    ),
    ("nothing at all", at_page(1, Answer("")), "failed", "neither the list's marker"),
    (
        "an empty list without its marker",
        at_page(1, Answer("<h1 class=elenco>Annunci a Torino</h1>")),
        "drift",
        "no card was found where there are usually 12",
    ),
    (
        "page 2 is a notice with status 200",
        at_page(2, Answer("<h1>Spiacenti</h1><p>La pagina richiesta non esiste.</p>")),
        "partial",
        "page 2: neither",
    ),
    (
        "an age page in front",
        at_page(1, Answer("<h1>Hai 18 anni?</h1><a href=/entra>Sì</a><a href=/esci>No</a>")),
        "failed",
        "a notice in front",
    ),
    (
        "data instead of a page",
        at_page(1, Answer('{"error": "internal"}', 200, {"Content-Type": "application/json"})),
        "failed",
        "neither",
    ),
    (
        "cards that lead nowhere",
        at_page(1, Answer("<h1 class=elenco>A</h1>" + "<li class=card><b>Ciao</b></li>" * 12)),
        "drift",
        "no card was found",
    ),
    (
        "a login with a captcha",
        at_page(1, Answer("<h1>Accedi</h1><p>Completa il captcha: non sono un robot</p>")),
        "blocked",
        "page 1 was refused",
    ),
    (
        "robots.txt does not come",
        lambda path, query: Answer(raw=reset) if path == "/robots.txt" else None,
        "failed",
        "robots.txt did not come",
    ),
    (
        "robots.txt denies",
        lambda path, query: (
            Answer("User-agent: *\nDisallow: /annunci/") if path == "/robots.txt" else None
        ),
        "robots",
        "robots.txt",
    ),
    (
        "robots.txt fails with 503",
        lambda path, query: Answer("", 503) if path == "/robots.txt" else None,
        "blocked",
        "page 1",
    ),
]


@pytest.fixture(scope="module")
def first_day(tmp_path_factory):
    """What a good first crawl of a board has left: every case begins with a copy of it."""
    board = NoticeBoard()
    watch = Watch(tmp_path_factory.mktemp("first"), board)
    watch.tune(page_mb=1, page_timeout_s=0.5)
    board.fill("torino", range(1, 13))
    assert watch.crawl(day=0).complete
    yield watch
    board.close()


@pytest.mark.parametrize(
    ("misbehaviour", "verdict", "words"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_a_broken_day_is_told_and_proves_nothing(first_day, tmp_path, misbehaviour, verdict, words):
    board = first_day.board
    watch = Watch(tmp_path, board, like=first_day)
    usual_memory = watch.stats()["memusage/max"]
    board.before = misbehaviour
    result = watch.crawl(day=1)
    [part] = result.partitions
    assert (str(part.verdict), words in part.reason) == (verdict, True), part.reason
    assert not result.complete
    assert result.seconds < 20
    assert watch.stats(day=1)["memusage/max"] < usual_memory + 64 * 2**20
    assert set(watch.states(day=1).values()) == {"active"}
    with watch.store(day=1) as store:
        assert [each.verdict for each in store.health()] == [verdict]
    board.before = lambda path, query: None
    assert watch.crawl(day=2).complete
    assert set(watch.states(day=2).values()) == {"active"}
    assert {each.versions for each in watch.adverts(day=2).values()} == {1}
    assert len(watch.adverts(day=2)) == 12


def test_a_refusal_stops_the_whole_site(watch, board):
    watch.describe(cities=["torino", "asti"], when="always")
    board.fill("torino", range(1, 13))
    board.fill("asti", range(21, 33))
    board.before = lambda path, query: Answer("", 403) if path.startswith("/annuncio/6-") else None
    result = watch.crawl()
    assert [str(part.verdict) for part in result.partitions] == ["blocked", "blocked"]
    assert board.count("detail") < 24


def test_a_cap_makes_the_partition_partial_and_ages_nobody(watch, board):
    board.fill("torino", range(1, 13))
    watch.crawl(day=0)
    watch.describe(max_pages=2)
    removed = board.notices["torino"].pop()
    for day in (1, 2, 3):
        [part] = watch.crawl(day).partitions
        assert (str(part.verdict), part.reason) == (
            "partial",
            "stopped at max_pages = 2; raise it, or split the partition",
        )
    states = watch.states(day=3)
    assert states.pop(str(removed.id)) == "absent"  # its own page said so
    assert set(states.values()) == {"active"}


def test_time_is_limited(watch, board):
    """A site that answers nothing: the crawl ends at its limit, not at the download's."""
    watch.describe(max_minutes=0.02)
    held = threading.Event()
    board.fill("torino", range(1, 13))
    board.before = lambda path, query: held.wait(4) and None if query.get("page") == "2" else None
    [part] = watch.crawl().partitions
    held.set()
    assert (str(part.verdict), part.reason) == (
        "timeout",
        "stopped at max_minutes; raise it, or split the partition",
    )


def test_new_ids_overnight_are_held_and_make_nobody_absent(watch, board):
    board.fill("torino", range(1, 13))
    watch.crawl(day=0)
    before = watch.pending()
    board.fill("torino", range(501, 513))
    for day in (1, 2, 3):
        [part] = watch.crawl(day).partitions
        assert (str(part.verdict), part.gone) == ("drift", frozenset())
        assert "12 of 12 adverts are new" in part.reason
        assert watch.pending(day) == before
    assert list(watch.states(day=3).values()).count("active") == 24
    with watch.store(day=3) as store:
        assert store.health()[0].held
        store.decide_held("board", "released", watch.at(3))
    assert watch.pending(3) == 24
    assert watch.crawl(day=4).complete


def test_a_broken_detail_page_leaves_the_card(watch, board):
    board.fill("torino", range(1, 9))
    board.before = lambda path, query: (
        Answer("<html>niente</html>") if path.startswith("/annuncio/3-") else None
    )
    assert watch.crawl(day=0).complete
    assert watch.adverts(day=0)["3"].text == ""
    board.before = lambda path, query: None
    assert watch.crawl(day=1).complete
    assert board.count("detail") == 1
    assert "ricevo" in watch.adverts(day=1)["3"].text


def test_a_new_advert_whose_page_does_not_come_is_left_for_the_next_run(watch, board):
    board.fill("torino", range(1, 9))
    board.before = lambda path, query: Answer("", 500) if path.startswith("/annuncio/3-") else None
    watch.crawl(day=0)
    assert "3" not in watch.adverts(day=0)
    board.before = lambda path, query: None
    watch.crawl(day=1)
    assert "3" in watch.adverts(day=1)


def test_logs_name_no_page_and_no_number(watch, board):
    path = watch.folder / "faro.toml"
    path.write_text(path.read_text() + '[crawler]\nlog_level = "DEBUG"\n')
    board.fill("torino", range(1, 9))
    board.before = lambda path, query: (
        Answer("<html><body><h1 class=nome>x", 200) if path.startswith("/annuncio/3-") else None
    )
    watch.crawl()
    log = (watch.folder.parent / "var" / "logs" / "board.log").read_text()
    assert "list page 1 of torino" in log
    for told in ("annuncio/", "slug", "Annuncio di prova", "311", "ricevo"):
        assert told not in log
