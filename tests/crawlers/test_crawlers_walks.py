"""Crawls of a small board on loopback, from the first page to the run's record."""

import pytest
from noticeboard import Answer, Notice


def test_a_crawl_reads_every_page_and_every_advert(watch, board):
    board.fill("torino", range(1, 13))
    result = watch.crawl()
    assert result.complete, result.sentence()
    [part] = result.partitions
    assert (part.pages, part.cards, part.stored) == (4, 12, 12)  # three, and the first again
    assert part.fill["title"] == part.fill["body"] == 1.0
    assert part.selector_hits == {"title:0": 17}
    adverts = watch.adverts()
    assert len(adverts) == 12
    assert adverts["7"].title == "Annuncio di prova numero h"
    assert adverts["7"].price_cents == 8000
    assert adverts["7"].city == "Torino"
    assert "ricevo in zona centro" in adverts["7"].text
    assert [each.value for each in adverts["7"].contacts] == ["+393110007777"]
    assert board.count("robots") == 1
    assert board.agents == {"Faro/0.1 (test)"}


def test_an_unchanged_site_costs_list_pages_only(watch, board):
    board.fill("torino", range(1, 13))
    watch.crawl(day=0)
    assert board.count("detail") == 12
    assert watch.crawl(day=1).complete
    assert (board.count("list"), board.count("detail")) == (4, 0)
    board.notices["torino"].insert(0, Notice(99))
    result = watch.crawl(day=2)
    assert result.partitions[0].cards == 13
    assert board.count("detail") == 1
    assert {each.versions for each in watch.adverts(day=2).values()} == {1}


@pytest.mark.parametrize(
    ("when", "recheck_days", "read_again"),
    [
        ("never", 30, (0, 0)),
        ("new", 30, (1, 0)),
        ("new", 1, (1, 6)),
        ("card_changed", 30, (1, 1)),
        ("card_changed", 1, (1, 6)),
        ("always", 30, (6, 6)),
    ],
)
def test_which_detail_pages_are_read_again(watch, board, when, recheck_days, read_again):
    """Day 1 brings a new advert, day 2 a new price and a new text."""
    watch.describe(when=when, recheck_days=recheck_days)
    board.fill("torino", range(1, 6))
    watch.crawl(day=0)
    assert board.count("detail") == (0 if when == "never" else 5)
    board.notices["torino"].append(Notice(9))
    seen = [board.count("detail") for day in (1,) if watch.crawl(day=day / 2).complete]
    board.notices["torino"][0].price = 95
    board.notices["torino"][0].text = "Testo nuovo, sempre su appuntamento."
    seen += [board.count("detail") for day in (2,) if watch.crawl(day=day).complete]
    assert tuple(seen) == read_again
    changed = watch.adverts(day=2)["5"]
    assert changed.price_cents == 9500  # the card says so, whether the detail page was read or not
    assert ("Testo nuovo" in changed.text) == (read_again[1] > 0)


def test_a_removed_advert_is_absent_at_once_when_its_page_says_so(watch, board):
    board.fill("torino", range(1, 13))
    watch.crawl(day=0)
    removed = board.notices["torino"].pop(3)
    result = watch.crawl(day=1)
    assert result.complete
    assert result.partitions[0].gone == {str(removed.id)}
    assert board.count("detail") == 1
    states = watch.states(day=1)
    assert states.pop(str(removed.id)) == "absent"
    assert set(states.values()) == {"active"}


def test_an_advert_that_is_only_unlisted_is_there_for_a_week(watch, board):
    board.fill("torino", range(1, 9))
    watch.crawl(day=0)
    hidden = board.notices["torino"].pop(0)
    board.notices["altrove"] = [hidden]  # its page still answers
    assert watch.crawl(day=1).partitions[0].gone == frozenset()
    for day in (2, 3):
        watch.crawl(day=day)
        assert watch.states(day=day)[str(hidden.id)] == "active"
    watch.crawl(day=8)
    assert watch.states(day=8)[str(hidden.id)] == "missing"
    watch.crawl(day=9)
    assert watch.states(day=9)[str(hidden.id)] == "absent"
    board.notices["torino"].insert(0, hidden)
    watch.crawl(day=10)
    assert watch.states(day=10)[str(hidden.id)] == "active"


def test_an_advert_on_two_lists_is_seen_on_both(watch, board):
    board.fill("torino", range(1, 9))
    board.notices["asti"] = [board.notices["torino"][0], Notice(20)]
    watch.describe(cities=["torino", "asti"])
    for day in (0, 1):
        parts = watch.crawl(day=day).partitions
        assert [(part.verdict, part.cards, part.stored) for part in parts] == [
            ("complete", 8, 8),
            ("complete", 2, 2),
        ]
    with watch.store(day=1) as store:
        listed, _ = store.listing("board", watch.at(1).date(), "Europe/Rome")
    both = [row.partition for row in listed if row.ad_id == "8"]
    assert sorted(both) == ["asti", "torino"]


def test_probes_are_limited(watch, board):
    watch.describe(probe_max=2)
    board.fill("torino", range(1, 9))
    watch.crawl(day=0)
    board.fill("torino", range(1, 4))
    assert len(watch.crawl(day=1).partitions[0].gone) == 2
    states = watch.states(day=1)
    assert sorted(states.values()).count("absent") == 2
    assert sorted(states.values()).count("missing") == 3


def test_pages_sent_home_prove_nothing_when_all_of_them_are(watch, board):
    board.fill("torino", range(1, 9))
    watch.crawl(day=0)
    board.notices["torino"].pop(2)
    home = Answer(status=302, headers={"Location": "/"})
    board.before = lambda path, query: home if path.startswith("/annuncio/") else None
    assert watch.crawl(day=1).partitions[0].gone == frozenset()
    assert watch.states(day=1)["6"] == "missing"
    board.before = lambda path, query: home if path.startswith("/annuncio/6") else None
    assert watch.crawl(day=2).partitions[0].gone == {"6"}
    assert watch.states(day=2)["6"] == "absent"


def test_an_advert_that_moves_to_another_partition_is_not_absent(watch, board):
    watch.describe(cities=["torino", "asti"])
    board.fill("torino", range(1, 9))
    board.fill("asti", range(11, 19))
    assert watch.crawl(day=0).complete
    board.notices["asti"].insert(0, board.notices["torino"].pop(0))
    for day in (1, 2, 3):
        assert watch.crawl(day).complete
        assert board.count("detail") == 0
    assert set(watch.states(day=3).values()) == {"active"}
    assert watch.adverts(day=3)["8"].partition == "asti"


def test_an_advert_in_two_partitions_is_counted_in_both_and_stored_once(watch, board):
    watch.describe(cities=["torino", "asti"])
    board.fill("torino", range(1, 5))
    board.notices["asti"] = board.notices["torino"][:2]
    result = watch.crawl()
    assert result.complete
    assert [part.cards for part in result.partitions] == [4, 2]
    assert len(watch.adverts()) == 4


def test_what_comes_on_top_while_paging_is_seen(watch, board):
    board.fill("torino", range(1, 13))

    def arrival(path, query):
        if query.get("page") == "3" and board.notices["torino"][0].id != 50:
            board.notices["torino"].insert(0, Notice(50))

    board.before = arrival
    result = watch.crawl()
    assert result.complete
    assert result.partitions[0].cards == 13
    assert "50" in watch.adverts()


def test_a_crawl_needs_leave(watch, board):
    path = watch.folder / "sites" / "board.toml"
    path.write_text(path.read_text().replace("allow_loopback = true", "allow_loopback = false"))
    result = watch.crawl()
    assert not result.complete
    assert result.run is None
    assert "allow_loopback" in result.sentence()
    assert not board.requests


def test_cookies_are_sent_only_where_the_site_file_has_some(watch, board):
    board.fill("torino", range(1, 3))
    board.before = lambda path, query: Answer(
        board.answer(path, query).body, headers={"Set-Cookie": "seguimi=1"}
    )
    watch.crawl(day=0)
    assert board.cookies == {""}
    board.cookies.clear()
    watch.describe(access='cookies = { eta = "18" }', when="always")
    assert watch.crawl(day=1).complete
    assert all("eta=18" in sent for sent in board.cookies - {""})
    assert board.cookies - {""}


def test_a_slot_is_crawled_once(watch, board):
    board.fill("torino", range(1, 3))
    assert watch.crawl(day=0, slot="2026-03-02 07:00").complete
    assert "claimed already" in watch.crawl(day=0, slot="2026-03-02 07:00").sentence()
    assert watch.crawl(day=0, slot="2026-03-02 19:00").complete


def test_progress_is_told(watch, board):
    board.fill("torino", range(1, 13))
    updates = []
    result = watch.crawl(progress=updates.append)
    assert [(each.pages, each.adverts) for each in updates[:3]] == [(1, 5), (2, 10), (3, 12)]
    assert updates[-1].result is result
