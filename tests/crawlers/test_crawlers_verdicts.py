"""The verdict tables: every rule of guide/crawling.md's "Verdicts" is a line here."""

import pytest

from crawlers.verdicts import (
    Expectations,
    Filled,
    PageFacts,
    PartitionFacts,
    page_verdict,
    partition_verdict,
)
from records.causes import Cause, cause_words
from records.verdicts import CompleteRun as Run
from records.verdicts import PageVerdict as Page
from records.verdicts import PartitionVerdict as Partition

PAGES = [
    ("no answer", PageFacts(status=None), Page.ERROR),
    ("robots say no", PageFacts(status=None, robots_denied=True), Page.ROBOTS),
    ("401", PageFacts(status=401), Page.BLOCKED),
    ("403", PageFacts(status=403), Page.BLOCKED),
    ("403 with the marker", PageFacts(status=403, marker=True, cards=9), Page.BLOCKED),
    ("429", PageFacts(status=429), Page.BLOCKED),
    ("503", PageFacts(status=503), Page.BLOCKED),
    ("500", PageFacts(status=500), Page.ERROR),
    ("404", PageFacts(status=404), Page.GONE),
    ("410", PageFacts(status=410), Page.GONE),
    ("404 detail", PageFacts(kind="detail", status=404), Page.GONE),
    ("marker and cards", PageFacts(marker=True, cards=20), Page.OK),
    ("no marker named, cards", PageFacts(marker=None, cards=20), Page.OK),
    ("cards and a captcha widget", PageFacts(marker=True, cards=2, challenge=True), Page.OK),
    ("cards and words of refusal", PageFacts(cards=2, block_words=True, text_length=90), Page.OK),
    ("empty marker", PageFacts(marker=True, empty_marker=True), Page.EMPTY),
    ("empty marker, no marker", PageFacts(marker=False, empty_marker=True), Page.EMPTY),
    ("empty marker beside cards", PageFacts(marker=True, cards=3, empty_marker=True), Page.OK),
    ("marker, no cards", PageFacts(marker=True), Page.DRIFT),
    ("marker, no cards, challenge", PageFacts(marker=True, challenge=True), Page.DRIFT),
    ("challenge", PageFacts(marker=False, challenge=True), Page.BLOCKED),
    ("challenge, no marker named", PageFacts(marker=None, challenge=True), Page.BLOCKED),
    (
        "tiny page of refusal",
        PageFacts(marker=False, block_words=True, text_length=80),
        Page.BLOCKED,
    ),
    (
        "long page with such words",
        PageFacts(marker=False, block_words=True, text_length=9000),
        Page.UNKNOWN,
    ),
    ("tiny page without them", PageFacts(marker=False, text_length=10), Page.UNKNOWN),
    ("cards without the marker", PageFacts(marker=False, cards=20), Page.UNKNOWN),
    ("nothing known", PageFacts(marker=None), Page.UNKNOWN),
    ("detail sent home", PageFacts(kind="detail", redirected_to="home"), Page.SOFT_GONE),
    (
        "detail sent to the list",
        PageFacts(kind="detail", redirected_to="list", cards=3),
        Page.SOFT_GONE,
    ),
    ("list sent home", PageFacts(kind="list", redirected_to="home", marker=False), Page.UNKNOWN),
    ("gone marker", PageFacts(kind="detail", gone_marker=True, cards=2), Page.SOFT_GONE),
    ("detail", PageFacts(kind="detail", marker=True, cards=4), Page.OK),
    ("detail without fields", PageFacts(kind="detail", marker=True), Page.DRIFT),
]


@pytest.mark.parametrize(
    ("facts", "verdict"), [case[1:] for case in PAGES], ids=[c[0] for c in PAGES]
)
def test_page(facts, verdict):
    assert page_verdict(facts) is verdict


OK = (Page.OK, Page.OK, Page.OK)
DONE = {"pages": OK, "ending": "last_page", "cards": 60, "yielded": 60, "stored": 60}
USUAL = tuple(
    Run(cards, {"title": 1.0, "price": 0.6, "age": 0.1}) for cards in (60, 62, 58, 61, 60)
)
EXPECT = Expectations(min_cards=1, max_drop=0.5, max_fill_drop=0.5, fill={"title": 0.95})

PARTITIONS = [
    ("all read", DONE, Partition.COMPLETE, ""),
    ("ended by an empty page", DONE | {"ending": "empty_page"}, Partition.COMPLETE, ""),
    ("ended by the site's total", DONE | {"ending": "total", "total": 60}, Partition.COMPLETE, ""),
    (
        "empty, and it may be",
        {"pages": (Page.EMPTY,), "ending": "empty_page"},
        Partition.COMPLETE,
        "",
    ),
    ("no page", {"pages": ()}, Partition.FAILED, "no list page"),
    ("robots", {"pages": (Page.ROBOTS,), "ending": "stopped"}, Partition.ROBOTS, "robots.txt"),
    (
        "refused at page 3",
        DONE | {"pages": (Page.OK, Page.OK, Page.BLOCKED), "finish": "blocked"},
        Partition.BLOCKED,
        "page 3",
    ),
    (
        "another partition was refused first",
        {"pages": (), "site_blocked": True, "finish": "blocked"},
        Partition.BLOCKED,
        "the crawl stopped",
    ),
    (
        "another partition was refused afterwards",
        DONE | {"site_blocked": True, "finish": "blocked"},
        Partition.PARTIAL,
        "refused a later page",
    ),
    ("out of time", DONE | {"finish": "closespider_timeout"}, Partition.TIMEOUT, "max_minutes"),
    ("told to stop", DONE | {"finish": "shutdown"}, Partition.FAILED, "told to stop"),
    ("orphaned", DONE | {"finish": "orphaned"}, Partition.FAILED, "died"),
    ("died", DONE | {"finish": "died"}, Partition.FAILED, "died"),
    ("start() failed", DONE | {"finish": "start_error"}, Partition.FAILED, "start_error"),
    ("drift", DONE | {"pages": (Page.OK, Page.DRIFT)}, Partition.DRIFT, "page 2"),
    (
        "drift where there are usually many",
        {"pages": (Page.DRIFT,), "ending": "stopped", "history": USUAL},
        Partition.DRIFT,
        "no card was found where there are usually 60",
    ),
    (
        "past the end, or a layout that changed meanwhile",
        DONE | {"pages": (Page.OK, Page.DRIFT), "ending": "stopped", "history": USUAL},
        Partition.DRIFT,
        "name what an empty page has as empty_marker",
    ),
    (
        "a server error",
        {"pages": (Page.ERROR,), "trouble": Cause("server_error", {"status": 500})},
        Partition.FAILED,
        "page 1: the server answered 500",
    ),
    ("paging skips", DONE | {"ending": "skip"}, Partition.PARTIAL, "skips pages after page 3"),
    ("no answer at first", {"pages": (Page.ERROR,)}, Partition.FAILED, "page 1: no usable answer"),
    ("no answer later", DONE | {"pages": (Page.OK, Page.ERROR)}, Partition.PARTIAL, "page 2"),
    ("list gone", {"pages": (Page.GONE,)}, Partition.FAILED, "404"),
    ("list page 2 gone", DONE | {"pages": (Page.OK, Page.GONE)}, Partition.PARTIAL, "page 2"),
    ("unknown page", {"pages": (Page.UNKNOWN,)}, Partition.FAILED, "marker"),
    ("capped", DONE | {"ending": "cap", "max_pages": 3}, Partition.PARTIAL, "max_pages = 3"),
    ("paging loops", DONE | {"ending": "loop"}, Partition.PARTIAL, "came back"),
    ("next page elsewhere", DONE | {"ending": "offsite"}, Partition.PARTIAL, "another host"),
    ("never ended", DONE | {"ending": None}, Partition.PARTIAL, "stopped after page 3"),
    ("not all stored", DONE | {"stored": 57}, Partition.PARTIAL, "3 of 60 adverts were not stored"),
    ("a callback failed", DONE | {"faults": 1}, Partition.PARTIAL, "1 faults"),
    ("two detail pages unread", DONE | {"details": 60, "unread": 2}, Partition.COMPLETE, ""),
    (
        "ten detail pages unread",
        DONE | {"details": 60, "unread": 10},
        Partition.PARTIAL,
        "10 of 60 detail pages",
    ),
    ("two cards without an id", DONE | {"unusable": 2}, Partition.COMPLETE, ""),
    (
        "a second layout of cards",
        DONE | {"unusable": 12},
        Partition.DRIFT,
        "12 cards have no id, address or title",
    ),
    ("total within reach", DONE | {"total": 61}, Partition.COMPLETE, ""),
    ("far from the total", DONE | {"total": 90}, Partition.PARTIAL, "60 adverts of the 90"),
    (
        "as usual",
        DONE | {"history": USUAL, "expect": EXPECT, "fill": {"title": Filled(60, 60)}},
        Partition.COMPLETE,
        "",
    ),
    (
        "empty where there are usually many",
        {"pages": (Page.EMPTY,), "ending": "empty_page", "history": USUAL, "expect": EXPECT},
        Partition.EMPTY_SUSPECT,
        "usually",
    ),
    (
        "empty where some are expected",
        {
            "pages": (Page.EMPTY,),
            "ending": "empty_page",
            "expect": Expectations(min_cards=5),
        },
        Partition.EMPTY_SUSPECT,
        "usually 5",
    ),
    (
        "a small partition empties",
        {
            "pages": (Page.EMPTY,),
            "ending": "empty_page",
            "history": (Run(2), Run(2), Run(1)),
            "expect": Expectations(max_drop=0.5),
        },
        Partition.COMPLETE,
        "",
    ),
    (
        "half of them gone at once",
        DONE | {"history": (Run(200), Run(190), Run(210)), "expect": EXPECT},
        Partition.PARTIAL,
        "usually 200",
    ),
    (
        "fewer than the floor",
        DONE | {"expect": Expectations(min_cards=100)},
        Partition.PARTIAL,
        "min_cards = 100",
    ),
    (
        "titles missing",
        DONE | {"expect": EXPECT, "fill": {"title": Filled(24, 60)}},
        Partition.DRIFT,
        "field title found in 40%",
    ),
    (
        "one title missing of the few that were read",
        DONE | {"expect": EXPECT, "fill": {"title": Filled(0, 1)}},
        Partition.COMPLETE,
        "",
    ),
    (
        "half as many prices as usual and less",
        DONE | {"history": USUAL, "expect": EXPECT, "fill": {"price": Filled(17, 60)}},
        Partition.DRIFT,
        "field price found in 28% of adverts, usually in 60%",
    ),
    (
        "somewhat fewer prices than usual",
        DONE | {"history": USUAL, "expect": EXPECT, "fill": {"price": Filled(19, 60)}},
        Partition.COMPLETE,
        "",
    ),
    (
        "a field that few adverts have comes and goes",
        DONE | {"history": USUAL, "expect": EXPECT, "fill": {"age": Filled(0, 60)}},
        Partition.COMPLETE,
        "",
    ),
    (
        "a field of the few detail pages that were read",
        DONE | {"history": USUAL, "expect": EXPECT, "fill": {"price": Filled(0, 9)}},
        Partition.COMPLETE,
        "",
    ),
    (
        "fill rates are not compared where the site file says so",
        DONE | {"history": USUAL, "fill": {"price": Filled(0, 60)}},
        Partition.COMPLETE,
        "",
    ),
]


@pytest.mark.parametrize(
    ("facts", "verdict", "words"), [case[1:] for case in PARTITIONS], ids=[c[0] for c in PARTITIONS]
)
def test_partition(facts, verdict, words):
    found, cause = partition_verdict(PartitionFacts(**facts))
    assert found is verdict
    assert words in str(cause or "")
    assert (cause is None) == (found is Partition.COMPLETE)
    if cause is not None:
        assert cause_words(cause, "it") != cause_words(cause, "en")
