"""A changed layout of detail pages, though each run reads only a few of them."""

from datetime import UTC, datetime, timedelta

import pytest
from noticeboard import Notice

from crawlers.detail_layout import changed_layout, doubted
from records.causes import Cause, cause_words
from records.verdicts import DetailRun, Filled, PartitionVerdict

NOW = datetime(2026, 3, 20, 6, tzinfo=UTC)


def run(found, of, days=0, name="phone"):
    return DetailRun(NOW - timedelta(days=days), {name: Filled(found, of)})


def runs(*counts):
    """Runs of the last days, newest first."""
    return [run(found, of, days) for days, (found, of) in enumerate(counts, start=1)]


GOOD = runs((40, 40))
CASES = [
    # what this run read, what those before did, since how many days the layout is another; None: it
    # is as it was
    ("all as ever", run(5, 5), GOOD, None),
    ("four pages in one run, none has it", run(0, 4), GOOD, 0),
    ("three may be chance", run(0, 3), GOOD, None),
    ("one page a day, for three days", run(0, 1), [*runs((0, 1), (0, 1)), *GOOD], None),
    ("for four days", run(0, 1), [*runs((0, 1), (0, 1), (0, 1)), *GOOD], 3),
    ("one now and then has it: a second layout", run(0, 2), [*runs((1, 5)), *GOOD], 1),
    ("two of four have it", run(2, 4), GOOD, None),
    ("this run's pages have it again", run(2, 2), [*runs((0, 3)), *GOOD], None),
    ("hardly any page was read before", run(0, 9), runs((9, 9)), None),
    ("a field of six in ten: ten without it may be chance", run(0, 10), runs((24, 40)), None),
    ("thirteen are none", run(0, 13), runs((24, 40)), 0),
    ("a field that few have", run(0, 60), runs((8, 40)), None),
    ("half as many as usual, of many", run(30, 100), runs((70, 100)), 0),
    ("somewhat fewer", run(50, 100), runs((70, 100)), None),
    ("never compared before", run(0, 9), [], None),
    ("another field", run(0, 9), [run(40, 40, 1, name="body")], None),
    ("a thousand pages", run(100, 1000), runs((1000, 1000)), 0),
]


@pytest.mark.parametrize(
    ("now", "before", "since"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_changed_layout(now, before, since):
    found = changed_layout(now, before, 0.5)
    assert (found and (NOW - found.since).days) == since
    assert changed_layout(now, before, None) is None


def test_which_runs_need_more_pages():
    asked = [
        (run(0, 1), GOOD, 3),
        (run(0, 3), GOOD, 1),
        (run(0, 4), GOOD, 0),
        (run(1, 2), GOOD, 0),
        (run(0, 1), runs((24, 40)), 0),  # six in ten: absent from one page by chance
        (run(0, 1), runs((9, 9)), 0),
    ]
    for now, before, pages in asked:
        assert doubted(now.fields, before) == pages


def without_numbers(board):
    """The board's detail pages with the number in another place."""

    def before(path, query):
        found = board.answer(path, query)
        if not path.startswith("/annuncio/"):
            return None
        found.body = found.body.replace('class="tel"', 'class="numero"')
        return found

    return before


def test_one_new_advert_is_enough_to_see_it(watch, board):
    """Pages of adverts that were read well before are asked for, and nothing of them is stored."""
    board.fill("torino", range(1, 13))
    assert watch.crawl(day=0).complete
    known = watch.pending(day=0)
    board.before = without_numbers(board)
    board.notices["torino"].insert(0, Notice(40))
    result = watch.crawl(day=1)
    [part] = result.partitions
    told = {"field": "phone", "found": 0, "of": 4, "usual": 100}
    assert (part.verdict, part.cause) == (
        PartitionVerdict.DRIFT,
        Cause("details_fallen", told),
    )
    assert "0 delle ultime 4 pagine di annunci" in cause_words(part.cause, "it")
    assert board.count("detail") == 4
    assert {each.versions for each in watch.adverts(day=1).values()} == {1}
    assert watch.pending(day=1) == known, "she is new, but nobody is told before she is read"
    with watch.store(day=1) as store:
        assert "numero" in store.samples.read("board", "torino", watch.at(1)).page

    # As long as it lasts, what was misread is read again, and stays out of the comparison.
    board.notices["torino"].insert(0, Notice(41))
    assert str(watch.crawl(day=2).partitions[0].verdict) == "drift"
    assert watch.pending(day=2) == known

    # The site file is mended: both are read again, and the flags wait no longer.
    path = watch.folder / "sites" / "board.toml"
    path.write_text(path.read_text().replace("css:a.tel::", "css:a.numero::"))
    assert watch.crawl(day=3).complete
    assert board.count("detail") == 2
    assert watch.pending(day=3) == known + 2


def test_a_single_advert_without_a_number_is_no_change(watch, board):
    board.fill("torino", range(1, 13))
    watch.crawl(day=0)
    board.notices["torino"].insert(0, Notice(40))
    plain = without_numbers(board)
    board.before = lambda path, query: (
        plain(path, query) if path.startswith("/annuncio/40-") else None
    )
    result = watch.crawl(day=1)
    assert result.complete, result.sentence()
    assert board.count("detail") == 4
    assert watch.stats(day=1)["faro/requests/layout"] == 3


def test_pages_of_a_new_kind_add_up_over_days(watch, board):
    """Only new adverts are shown by the new template: those read before are as they were."""
    board.fill("torino", range(1, 13))
    watch.crawl(day=0)
    plain = without_numbers(board)
    board.before = lambda path, query: (
        plain(path, query) if path.startswith("/annuncio/5") else None
    )
    verdicts = []
    for day in range(1, 6):
        board.notices["torino"].insert(0, Notice(50 + day))
        verdicts.append(str(watch.crawl(day).partitions[0].verdict))
    assert "drift" in verdicts
