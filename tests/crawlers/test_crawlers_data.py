"""Lists that are data: JSON endpoints and their paging, JSON in a page, RSS, Atom, sitemaps."""

import gzip
import json

import pytest
from noticeboard import Answer, Notice

from config.selectors import parse_selector
from config.sitefile import Paging
from crawlers.data import embedded_json, gunzipped, is_empty_list, is_xml
from crawlers.extraction import Node, extract
from crawlers.paging import turned

URL = "https://example.org/api?citta=torino"


def page(**content):
    return Node.of_page(json.dumps(content), is_json=True)


TURNED = [
    ({}, URL, {}, f"{URL}&page=2"),
    ({}, f"{URL}&page=7", {}, f"{URL}&page=8"),
    ({"first": 0}, URL, {}, f"{URL}&page=1"),
    ({}, f"{URL}&page=x", {}, f"{URL}&page=2"),
    ({"by": "offset"}, URL, {}, f"{URL}&page=3"),
    ({"by": "offset", "step": 20}, f"{URL}&page=40", {}, f"{URL}&page=60"),
    ({"by": "offset", "first": 1}, URL, {}, f"{URL}&page=4"),
    ({"by": "cursor", "cursor": "json:next"}, URL, {"next": "a b/="}, f"{URL}&page=a+b%2F%3D"),
    ({"by": "cursor", "cursor": "json:next"}, f"{URL}&page=a", {"next": "b"}, f"{URL}&page=b"),
    ({"by": "cursor", "cursor": "json:next"}, URL, {"next": None}, None),
    ({"by": "cursor", "cursor": "json:next"}, URL, {}, None),
    ({"more": "json:more"}, URL, {"more": True}, f"{URL}&page=2"),
    ({"more": "json:more"}, URL, {"more": False}, None),
    ({"more": "json:more"}, URL, {"more": 0}, None),
    ({"more": "json:more"}, URL, {}, None),
]


@pytest.mark.parametrize(("paging", "url", "content", "following"), TURNED)
def test_pages_are_turned_by_a_parameter(paging, url, content, following):
    paging = Paging.model_validate({"parameter": "page", **paging})
    assert turned(paging, url, page(**content), lambda: 3) == following


def test_an_offset_without_adverts_turns_no_page():
    paging = Paging(parameter="da", by="offset")
    assert turned(paging, URL, page(), lambda: 0) is None


EMPTY = [
    ("ads", {"ads": []}, True),
    ("ads[]", {"ads": []}, True),
    ("ads[*].card", {"ads": []}, True),
    ("ads[?kind=='x']", {"ads": []}, True),
    ("data.ads[].card", {"data": {"ads": []}}, True),
    ("ads | [0:20]", {"ads": []}, True),
    ("ads[].cards[]", {"ads": []}, True),
    ("[]", [], True),
    ("ads", {"ads": None}, False),
    ("ads", {"adverts": []}, False),
    ("ads[*].card", {"ads": [{"annuncio": 1}]}, False),
    ("ads[?kind=='x']", {"ads": [{"kind": "y"}]}, False),
    ("ads[].cards[]", {"ads": [{"cards": []}]}, False),
    ("ads", {"ads": {}}, False),
]


@pytest.mark.parametrize(("query", "document", "empty"), EMPTY)
def test_only_a_list_that_is_there_is_empty(query, document, empty):
    import jmespath

    assert is_empty_list(jmespath.compile(query).parsed, document) is empty


KINDS = [
    ('<?xml version="1.0"?><rss version="2.0"><channel/></rss>', False, True),
    ("<!-- x --><feed xmlns='http://www.w3.org/2005/Atom'/>", False, True),
    ("\ufeff<urlset/>", False, True),
    ("<rdf:RDF xmlns:rdf='x'/>", False, True),
    ("<annunci/>", False, False),
    ("<annunci/>", True, True),
    ('<?xml version="1.0"?><!DOCTYPE html><html/>', True, False),
    ('<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>', True, False),
    ("<div>rss</div>", False, False),
    ("", True, False),
]


@pytest.mark.parametrize(("text", "declared", "xml"), KINDS)
def test_feeds_are_told_from_pages(text, declared, xml):
    assert is_xml(text, declared) is xml


SCRIPTS = [
    ('<script type="application/json">{"a": 1}</script>', [{"a": 1}]),
    ("<script>window.__STATO__ = {'a': 1}; var b = [1, 2];</script>", [[1, 2]]),
    ('<script>window["x"]={"a": {"b": 1}};y={"c": 2}</script>', [{"a": {"b": 1}}, {"c": 2}]),
    ('<script>x = JSON.parse("{\\"a\\": [1]}")</script>', [{"a": [1]}]),
    ('<script>if (a == {}) {}; x = "{}"</script>', [{}]),
    ("<script>" + "x = {" * 5000 + "</script>", []),
    ('<script src="/a.js">x = {"a": 1}</script>', []),
]


@pytest.mark.parametrize(("html", "found"), SCRIPTS)
def test_data_in_scripts(html, found):
    assert list(Node.of_page(html).documents) == found


def test_a_feed_is_read_without_prefixes_and_loads_nothing():
    text = """<?xml version="1.0" encoding="iso-8859-1"?>
    <!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY l "lll">]>
    <rss xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
    <item><title>Città &x;&l;</title><pubDate>Mon, 02 Mar 2026</pubDate>
    <content:encoded><![CDATA[<p>Uno<br>due</p>]]></content:encoded></item></channel></rss>"""
    [item] = Node.of_page(text, is_xml=True).find(parse_selector("css:item"))
    assert item.find(parse_selector("css:pubDate::text")) == ["Mon, 02 Mar 2026"]
    assert item.find(parse_selector("css:title"))[0].text().strip() == "Città"
    body = item.find(parse_selector("xpath:./content:encoded"))[0]
    assert body.markup() == "<p>Uno<br>due</p>"
    bomb = gzip.compress(b"<urlset>" + b" " * 100_000)
    assert gunzipped(bomb, 50_000) is None
    assert gunzipped(bomb[:40], 200_000) is None
    assert gunzipped(b"<urlset/>", 10) is None


# Whole crawls


def shown(notice):
    return {"id": notice.id, "titolo": notice.title, "url": f"/annuncio/{notice.id}-x"}


def serve(board, answer):
    """Let the board's lists be answered by `answer(query)`, as JSON unless it is an Answer."""

    def before(path, query):
        if not path.startswith("/annunci/"):
            return None
        found = answer(query)
        if isinstance(found, Answer):
            return found
        return Answer(json.dumps(found), headers={"Content-Type": "application/json"})

    board.before = before


def describe(watch, *lines, card="json:annunci", fields="", when="never", title="json:titolo"):
    path = watch.folder / "sites" / "board.toml"
    more = "\n".join(lines)
    detail = "" if when == "never" else DETAIL.format(when=when)
    title = f'title = "{title}"' if title else ""
    path.write_text(SITE.format(url=board_url(watch), **locals()))


def board_url(watch):
    return f"{watch.board.url}/annunci/torino"


SITE = """
name = "Bacheca di dati"
[legal]
allow_loopback = true
[politeness]
delay_s = 0
[list]
start = [{{ id = "torino", url = "{url}" }}]
card = '{card}'
{more}
[list.fields]
id = {{ select = ["json:id", 'xpath:./guid/text()', "css:loc"], clean = ['regex:(\\d+)(?:-x)?$'] }}
url = ["json:url", 'css:link::text', "css:link::attr(href)", "css:loc"]
{title}
{fields}
{detail}
"""
DETAIL = """[detail]
when = "{when}"
marker = "css:h1.nome"
[detail.fields]
title = "css:h1.nome"
body = "css:.testo"
"""


@pytest.mark.parametrize("by", ["page", "offset", "cursor", "next"])
def test_a_json_list_is_paged_to_its_end(watch, board, by):
    notices = [Notice(number) for number in range(1, 13)]

    def answer(query):
        at = int(query.get("da", "0" if by != "page" else "1"))
        begin = (at - 1) * 5 if by == "page" else at
        part = {"annunci": [shown(each) for each in notices[begin : begin + 5]]}
        following = begin + 5 if begin + 5 < len(notices) else None
        if by == "cursor":
            part["poi"] = following
        if by == "next":
            part["poi"] = following and f"?da={following}"
        return part

    serve(board, answer)
    paging = {
        "page": ('[list.paging]\nparameter = "da"',),
        "offset": ('[list.paging]\nparameter = "da"\nby = "offset"',),
        "cursor": ('[list.paging]\nparameter = "da"\nby = "cursor"\ncursor = "json:poi"',),
        "next": ('next = "json:poi"',),
    }[by]
    describe(watch, *paging)
    result = watch.crawl()
    assert result.complete, result.sentence()
    assert len(watch.adverts()) == 12
    assert watch.adverts()["12"].url.endswith("/annuncio/12-x")
    # Three pages, the first again; counted pages go on to the empty one.
    assert board.count("list") == (5 if by in {"page", "offset"} else 4)


@pytest.mark.parametrize(
    ("content", "verdict", "reason"),
    [
        ({"annunci": []}, "complete", ""),
        ({"adverts": []}, "drift", "check the card selector"),
        ({"annunci": None}, "drift", "check the card selector"),
        ({"annunci": [{"nome": "x"}]}, "drift", "check the card selector"),
        ({"error": "Too many requests", "annunci": []}, "blocked", "refused"),
        ([], "drift", "check the card selector"),
        (Answer("<h1>Manutenzione</h1>"), "failed", "marker"),
        (Answer("<p>Accesso negato</p>"), "blocked", "refused"),
        (Answer("{", headers={"Content-Type": "application/json"}), "failed", "marker"),
        (Answer('{"annunci": []}', 429), "blocked", "refused"),
    ],
)
def test_a_json_list_tells_empty_from_changed_and_refused(watch, board, content, verdict, reason):
    serve(board, lambda query: content)
    describe(watch)
    [part] = watch.crawl().partitions
    assert (str(part.verdict), reason in part.reason) == (verdict, True), part.reason


def test_an_empty_json_list_is_not_believed_where_there_were_adverts(watch, board):
    content = {"annunci": [shown(Notice(number)) for number in range(1, 15)]}
    serve(board, lambda query: content)
    board.notices["altrove"] = [Notice(number) for number in range(1, 15)]
    describe(watch)
    assert watch.crawl(0).complete
    content["annunci"] = []
    assert watch.verdicts(1) == {"torino": "empty_suspect"}
    assert set(watch.states(1).values()) == {"active"}


def test_a_list_in_a_script_of_a_page(watch, board):
    content = json.dumps({"stato": {"annunci": [shown(Notice(1)), shown(Notice(2))]}})
    html = f"<html><body><div id=app></div><script>window.__S__ = {content};</script></body></html>"
    serve(board, lambda query: Answer(html))
    describe(watch, 'page_marker = "css:#app"', card="json:stato.annunci")
    assert watch.crawl(0).complete
    assert set(watch.adverts()) == {"1", "2"}
    serve(board, lambda query: Answer(html.replace("annunci", "adverts")))
    assert watch.verdicts(1) == {"torino": "drift"}


RSS = (
    '<?xml version="1.0"?><rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel>'
    '<title>Bacheca</title><atom:link href="/rss"/>{}</channel></rss>'
)
ITEM = (
    "<item><title>{n.title}</title><link>/annuncio/{n.id}-x</link><guid>{n.id}</guid>"
    "<description>&lt;p&gt;{n.text} {n.phone}&lt;/p&gt;</description></item>"
)


def rss(numbers):
    items = "".join(ITEM.format(n=Notice(number)) for number in numbers)
    return Answer(RSS.format(items), headers={"Content-Type": "application/rss+xml"})


def test_a_feed_shows_the_newest_and_makes_nobody_absent(watch, board):
    serve(board, lambda query: rss(range(1, 6)))
    describe(watch, card="css:item", title="css:title", fields='body = "css:description"')
    [part] = watch.crawl(0).partitions
    assert (str(part.verdict), part.reason, part.cards) == (
        "partial",
        "the list shows only the newest adverts",
        5,
    )
    assert [each.value for each in watch.adverts()["3"].contacts] == ["+393110003333"]
    serve(board, lambda query: rss(range(4, 9)))
    board.notices["altrove"] = [Notice(number) for number in range(1, 3)]
    [part] = watch.crawl(1).partitions
    # Its own page says that 3 was removed; those of 1 and 2 stand.
    assert part.gone == {"3"}
    assert {name for name, state in watch.states(1).items() if state != "active"} == {"3"}
    serve(board, lambda query: rss(()))
    [part] = watch.crawl(2).partitions
    assert (str(part.verdict), part.reason) == ("partial", "the list shows only the newest adverts")


def test_a_feed_that_is_whole_by_its_site_file(watch, board):
    serve(board, lambda query: rss(range(1, 6)))
    describe(watch, "whole = true", card="css:item", title="css:title")
    assert watch.crawl(0).complete
    serve(board, lambda query: rss(()))
    assert watch.verdicts(1) == {"torino": "complete"}
    serve(board, lambda query: Answer(rss((1, 2)).body.replace("item>", "voce>")))
    assert watch.verdicts(2) == {"torino": "complete"}  # no entry of any known kind
    describe(watch, "whole = true", card="css:articolo", title="css:title")
    serve(board, lambda query: rss((1, 2)))
    assert watch.verdicts(3) == {"torino": "drift"}


def test_an_atom_feed(watch, board):
    entry = '<entry><id>tag:{0}</id><title>T</title><link href="/annuncio/{0}-x"/></entry>'
    feed = '<feed xmlns="http://www.w3.org/2005/Atom">{}</feed>'
    serve(board, lambda query: Answer(feed.format(entry.format(1) + entry.format(2))))
    describe(watch, "whole = true", card="css:entry", title="css:title")
    path = watch.folder / "sites" / "board.toml"
    path.write_text(path.read_text().replace("'xpath:./guid/text()'", "'css:entry > id'"))
    assert watch.crawl().complete
    assert set(watch.adverts()) == {"1", "2"}


@pytest.mark.parametrize("zipped", [False, True])
def test_a_sitemap_names_the_pages_to_read(watch, board, zipped):
    """It gives no title: the detail pages do."""
    board.fill("torino", range(1, 5))
    urls = "".join(f"<url><loc>{board.url}/annuncio/{n}-x</loc></url>" for n in range(1, 5))
    text = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'
    answer = Answer(text)
    if zipped:
        answer = Answer(
            gzip.compress(text.encode()), headers={"Content-Type": "application/x-gzip"}
        )
    serve(board, lambda query: answer)
    describe(watch, card="css:url", title="", when="new")
    result = watch.crawl(0)
    assert result.complete, result.sentence()
    assert watch.adverts()["2"].title == "Annuncio di prova numero c"
    watch.crawl(1)
    assert (board.count("list"), board.count("detail")) == (1, 0)


SITEMAP = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
INDEXES = [
    # the sitemaps an index names, and how the walk ends
    ("all of them", ["a.xml", "b.xml", "empty.xml", "c.xml"], "complete", 6),
    ("an index of indexes", ["index2.xml", "c.xml"], "complete", 6),
    ("an index that names itself", ["a.xml", "torino"], "partial", 2),
    ("one on another host", ["a.xml", "http://example.org/x.xml"], "partial", 2),
    ("one that is not there", ["a.xml", "nothing.xml"], "partial", 2),
    ("nothing", [], "complete", 0),
]


@pytest.mark.parametrize(
    ("named", "verdict", "cards"), [each[1:] for each in INDEXES], ids=[e[0] for e in INDEXES]
)
def test_an_index_of_sitemaps_is_read_through(watch, board, named, verdict, cards):
    board.fill("torino", range(1, 7))

    def index(names):
        pages = "".join(f"<sitemap><loc>{name}</loc></sitemap>" for name in names)
        return Answer(f"<sitemapindex {SITEMAP}>{pages}</sitemapindex>")

    def sitemap(*numbers):
        urls = "".join(f"<url><loc>{board.url}/annuncio/{n}-x</loc></url>" for n in numbers)
        return Answer(f"<urlset {SITEMAP}>{urls}</urlset>")

    answers = {
        "torino": index(named),
        "index2.xml": index(["a.xml", "b.xml"]),
        "a.xml": sitemap(1, 2),
        "b.xml": sitemap(3, 4),
        "c.xml": sitemap(5, 6),
        "empty.xml": sitemap(),
    }
    board.before = lambda path, query: (
        answers.get(path.rpartition("/")[2], Answer("", 404)) if "annunci/" in path else None
    )
    describe(watch, card="css:url", title="", when="new")
    [part] = watch.crawl(0).partitions
    assert (str(part.verdict), part.cards) == (verdict, cards), part.reason


def test_fields_of_an_entry_with_html_inside():
    entry = Node.of_page("<rss><item><d>a &lt;b&gt;c&lt;/b&gt;</d></item></rss>", is_xml=True)
    from config import FieldSpec
    from crawlers.cleaners import CleaningContext

    spec = FieldSpec.model_validate({"select": "css:d", "html": True})
    found = extract(entry, {"body": spec}, CleaningContext(URL, None, "Europe/Rome"))
    assert found.first("body") == "a <b>c</b>"


def test_embedded_json_of_a_script_without_text():
    [script] = Node.of_page("<script></script>").find(parse_selector("css:script"))
    assert list(embedded_json(script.element)) == []
