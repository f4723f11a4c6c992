"""Conditional requests: a list page that was not sent is a sighting of what was on it."""

import hashlib

import pytest
from noticeboard import Answer, Notice


@pytest.fixture
def tagged(board):
    """A board whose list pages have an ETag; `tagged.of` makes it from a page."""

    class Tagged:
        sent = 0

        @staticmethod
        def of(body):
            # The page without the bytes that differ each time.
            return '"' + hashlib.sha256(body.partition("<!--")[0].encode()).hexdigest() + '"'

        def answer(self, path, query):
            if not path.startswith("/annunci/"):
                return None
            found = board.answer(path, query)
            found.headers["ETag"] = tag = self.of(found.body)
            if board.headers.get("If-None-Match") == tag:
                return Answer(status=304, headers={"ETag": tag})
            self.sent += 1
            return found

    served = Tagged()
    board.before = served.answer
    return served


def test_an_unchanged_page_is_not_sent_again_and_shows_the_same_adverts(watch, board, tagged):
    board.fill("torino", range(1, 13))
    first = watch.crawl(0).partitions[0]
    # Until a validator was seen to change with its list, it proves nothing.
    watch.crawl(1)
    assert tagged.sent == 8
    board.notices["torino"].insert(0, Notice(40))
    watch.crawl(2)
    tagged.sent = 0
    result = watch.crawl(3)
    assert result.complete, result.sentence()
    assert (tagged.sent, result.unchanged) == (0, 4)
    [part] = result.partitions
    assert (part.cards, part.stored, part.pages) == (13, 13, 4)
    assert part.fill["title"] == first.fill["title"] == 1.0
    assert {each.last_seen for each in watch.adverts(3).values()} == {watch.at(3)}
    assert {each.versions for each in watch.adverts(3).values()} == {1}
    # What changed is sent and read; an advert that left becomes missing or absent as ever.
    gone = board.notices["torino"].pop(4)
    board.notices["torino"].insert(0, Notice(41))
    watch.crawl(4)
    assert watch.states(4)[str(gone.id)] == "absent"
    assert watch.states(4)["41"] == "active"
    assert tagged.sent > 0


def test_now_and_then_a_page_is_read_whole(watch, board, tagged):
    board.fill("torino", range(1, 4))
    watch.crawl(0)
    board.fill("torino", range(1, 5))
    watch.crawl(1)
    tagged.sent, sent = 0, []
    for day in range(2, 9):
        watch.crawl(day)
        sent.append(tagged.sent)
    assert sent == [0, 0, 0, 0, 0, 1, 1]


def test_a_server_that_lies_is_not_believed_again(watch, board, tagged):
    board.fill("torino", range(1, 4))
    watch.crawl(0)
    tagged.of = lambda body: '"sempre"'
    board.fill("torino", range(1, 5))
    watch.crawl(1)  # another validator for another list
    for day, last in ((2, 6), (8, 7)):
        board.fill("torino", range(1, last))
        watch.crawl(day)
    # The list changed under one validator: seen at the latest when the page is read whole.
    for day in range(9, 16):
        watch.crawl(day)
    assert watch.states(15)["6"] == "active"
    board.fill("torino", range(1, 9))
    watch.crawl(16)
    assert watch.states(16)["8"] == "active"


@pytest.mark.parametrize("change", ["nothing", "site file", "recheck"])
def test_a_page_is_read_whole_when_more_than_a_sighting_is_due(watch, board, tagged, change):
    board.fill("torino", range(1, 4))
    watch.crawl(0)
    board.fill("torino", range(1, 5))
    watch.crawl(1)
    if change == "site file":
        watch.describe(max_pages=3)
        path = watch.folder / "sites" / "board.toml"
        path.write_text(path.read_text().replace('price = "css:.prezzo"\n', ""))
    elif change == "recheck":
        watch.describe(recheck_days=1)
    tagged.sent = 0
    watch.crawl(3)
    assert tagged.sent == (0 if change == "nothing" else 1)
