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


@pytest.fixture
def details(board):
    """A board whose detail pages have an ETag; `details.sent` are the ids of the pages it sent."""

    class Tagged:
        def __init__(self):
            self.sent = []
            self.of = lambda body: f'"{hashlib.sha256(body.encode()).hexdigest()}"'

        def answer(self, path, query):
            if not path.startswith("/annuncio/"):
                return None
            found = board.answer(path, query)
            found.headers["ETag"] = tag = self.of(found.body)
            if board.headers.get("If-None-Match") == tag:
                return Answer(status=304, headers={"ETag": tag})
            self.sent.append(int(path.removeprefix("/annuncio/").partition("-")[0]))
            return found

        def take(self):
            sent, self.sent = sorted(self.sent), []
            return sent

    served = Tagged()
    board.before = served.answer
    return served


def notice(board, number):
    return next(each for each in board.notices["torino"] if each.id == number)


def test_a_detail_page_that_is_as_it_was_is_not_sent_again(watch, board, details):
    watch.describe(recheck_days=2)
    board.fill("torino", range(1, 5))
    watch.crawl(0)
    notice(board, 1).phone = "+393150001111"
    details.take()
    # Until a validator was seen to change with its page, it proves nothing.
    watch.crawl(2)
    assert details.take() == [1, 2, 3, 4]
    result = watch.crawl(4)
    assert result.complete, result.sentence()
    assert (details.take(), board.count("detail"), result.unchanged) == ([], 4, 4)
    known = watch.adverts(4)
    assert {each.last_seen for each in known.values()} == {watch.at(4)}
    assert [known[number].versions for number in "1234"] == [2, 1, 1, 1]
    assert result.partitions[0].fill["phone"] == 1.0
    # It was asked, so it is not due for another two days; what changes then is sent and stored.
    watch.crawl(5)
    assert board.count("detail") == 0
    notice(board, 3).phone = "+393160002222"
    del board.notices["torino"][0]
    watch.crawl(6)
    assert details.take() == [3, 4]  # the fourth was asked for whether it is gone
    assert watch.adverts(6)["3"].contacts[0].value == "+393160002222"
    assert watch.states(6)["4"] == "absent"


def test_now_and_then_a_detail_page_is_read_whole(watch, board, details):
    watch.describe(when="always")
    board.fill("torino", range(1, 3))
    watch.crawl(0)
    notice(board, 1).text = "Ciao, ricevo solo la mattina."
    watch.crawl(1)
    details.take()
    sent = []
    for day in range(2, 8):
        watch.crawl(day)
        sent.append(details.take())
    assert sent == [[], [], [], [], [], [1, 2]]


@pytest.mark.parametrize("change", ["card", "site file", "a lie", "no validator"])
def test_a_detail_page_is_read_whole_when_more_than_a_look_is_due(watch, board, details, change):
    watch.describe(when="always")
    board.fill("torino", range(1, 4))
    watch.crawl(0)
    notice(board, 1).text = "Ciao, ricevo solo la mattina."
    tag = details.of
    if change == "a lie":  # the last one keeps its tag and not its text
        board.notices["torino"][0].text = "Ciao, ricevo solo la sera."
        first = details.of(board.answer("/annuncio/3", {}).body.replace("solo la sera", "altro"))
        kept = {"sera": first}
        details.of = lambda body: next((kept[w] for w in kept if w in body), tag(body))
    watch.crawl(1)
    details.take()
    if change == "card":
        notice(board, 2).title = "Un altro titolo"
        details.of = lambda body: '"sempre"'
    elif change == "site file":
        path = watch.folder / "sites" / "board.toml"
        path.write_text(path.read_text().replace("many = true", "many = false"))
    elif change == "no validator":
        details.of = lambda body: ""
    watch.crawl(2)
    expected = {"card": [1, 2, 3], "site file": [1, 2, 3], "a lie": [], "no validator": [1, 2, 3]}
    assert details.take() == expected[change]


def test_a_page_that_is_withheld_unasked_did_not_come(watch, board):
    board.fill("torino", range(1, 7))
    board.before = lambda path, query: (
        Answer(status=304) if path == "/annuncio/3-slug" or query.get("page") == "2" else None
    )
    result = watch.crawl(0)
    assert not result.complete
    assert set(watch.adverts(0)) == {"2", "4", "5", "6"}
