"""Analysts' queries: the views, all of them, and nothing else, on both databases alike."""

from __future__ import annotations

import pytest
from stage import advert, crawl, day, phone

from records.flags import Flag, FlagKind
from records.passes import PassResult
from storage import StorageError, Store, querying
from storage.views import VIEWS


@pytest.fixture
def filled(store: Store) -> Store:
    """Two adverts, one of them gone; a profile, a flag."""
    seen = [
        advert("a", day(0), age=25, price_cents=5000, contacts=[phone("+393114455667")]),
        advert("b", day(0), province="PD", city="Padova"),
    ]
    crawl(store, day(0), seen)
    for number in (1, 2):
        crawl(store, day(number), [advert("a", day(number), age=25, price_cents=6000)])
    a, b = (each.advert for each in store.current_adverts("bakeca"))
    flag = Flag("new-1", FlagKind.NEW, day(2), (a,), (), 1.0)
    members = ((a, "new-1", 1.0), (b, "new-2", 1.0))
    store.save_pass(PassResult(at=day(2), memberships=members, flags=(flag,)))
    return store


QUERIES = [
    (
        "SELECT province, state, age, price_cents FROM v_adverts ORDER BY 1",
        [("PD", "absent", None, None), ("TV", "active", 25, 6000)],
    ),
    ("SELECT count(*) FROM v_presence", [(3,)]),
    (
        "SELECT site, cards, complete, started_at FROM v_runs ORDER BY started_at LIMIT 1",
        [("bakeca", 2, 1, "2026-03-01 06:00:00.000000")],
    ),
    (
        "SELECT verdict, baseline FROM v_partitions ORDER BY started_at",
        [("complete", 1), ("complete", 0), ("complete", 0)],
    ),
    (
        "SELECT proof, declared_at, ended_at FROM v_absences",
        [("runs", "2026-03-03 06:00:00.000000", None)],
    ),
    ("SELECT kind, proven, probability FROM v_flags", [("new", 1, 1.0)]),
    ("SELECT adverts, visible FROM v_profiles ORDER BY visible", [(1, 0), (1, 1)]),
    (
        "SELECT a.province FROM v_memberships m JOIN v_adverts a ON a.advert = m.advert"
        " JOIN v_flags f ON f.profile = m.profile",
        [("TV",)],
    ),
    ("WITH x AS (SELECT site FROM v_runs) SELECT count(DISTINCT site) AS n FROM x;", [(1,)]),
    ("SELECT strftime('%Y-%m', first_seen), count(*) FROM v_adverts GROUP BY 1", [("2026-03", 2)]),
]


def test_queries(filled: Store) -> None:
    for sql, rows in QUERIES:
        assert filled.query(sql)[1] == rows, sql


def test_columns_and_limit(filled: Store) -> None:
    columns, rows = filled.query("SELECT advert, state AS s FROM v_adverts", 1)
    assert (columns, len(rows)) == (["advert", "s"], 1)
    assert filled.query("SELECT 1 AS one FROM v_runs WHERE site = 'none'") == (["one"], [])
    for limit in (0, -1, 10**9):
        with pytest.raises(StorageError, match="choose one from 1 to 100000"):
            filled.query("SELECT 1", limit)


REFUSED = [
    "SELECT value FROM contact",
    "SELECT url FROM advert",
    "SELECT id FROM advert",
    "SELECT * FROM version",
    "SELECT mac FROM audit",
    "WITH v_adverts AS (SELECT value FROM contact) SELECT * FROM v_adverts",
    "WITH v_adverts AS (SELECT content AS state FROM version) SELECT state FROM v_adverts",
    "SELECT * FROM (SELECT reasons FROM flag) AS v_flags",
    "SELECT (SELECT content FROM version LIMIT 1) FROM v_adverts",
    "SELECT * FROM v_adverts WHERE EXISTS (SELECT 1 FROM contact WHERE length(value) > 9)",
    "SELECT * FROM v_runs UNION SELECT document, 1, 1, 1, 1, 1, 1, 1, 1, 1 FROM report",
    "SELECT * FROM sqlite_master",
    "SELECT * FROM pragma_table_info('advert')",
    "PRAGMA table_info(advert)",
    "PRAGMA writable_schema = 1",
    "ATTACH DATABASE '/etc/passwd' AS x",
    "SELECT load_extension('x')",
    "DELETE FROM v_runs",
    "DELETE FROM advert",
    "CREATE TABLE x (y)",
    "CREATE TEMP VIEW x AS SELECT value FROM contact",
    "DROP VIEW v_runs",
    "VACUUM INTO '/tmp/copy'",
    "BEGIN",
    "SELECT 1; SELECT 2",
    "SELECT",
    "",
    "nonsense",
    "SELECT no_such_column FROM v_runs",
]


def test_everything_else_is_refused_in_one_line(filled: Store) -> None:
    for sql in REFUSED:
        with pytest.raises(StorageError, match=r"^query: [^\n]+$"):
            filled.query(sql)
            pytest.fail(sql)
    assert filled.query("SELECT count(*) FROM v_runs")[1] == [(3,)]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM do_not_contact",
        "SELECT EXISTS (SELECT 1 FROM contact)",
        "SELECT count(*) FROM sqlite_master",
    ],
)
def test_what_no_view_shows_is_not_even_counted(filled: Store, sql: str) -> None:
    with pytest.raises(StorageError, match=r"may only read|no such table"):
        filled.query(sql)


def test_an_answer_is_bounded(filled: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StorageError, match="too big"):
        filled.query("SELECT zeroblob(9000000)")
    monkeypatch.setattr("storage.querying.MAX_ANSWER", 1000)
    with pytest.raises(StorageError, match="narrow it down"):
        filled.query(
            "WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM x LIMIT 99) "
            "SELECT printf('%0100d', n) FROM x"
        )


def test_a_query_that_does_not_end(filled: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(querying, "TIME_LIMIT_S", 0.0)
    endless = (
        "WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM x) SELECT count(*) FROM x"
    )
    with pytest.raises(StorageError, match="narrow it down"):
        filled.query(endless)
    with pytest.raises(StorageError, match="too big"):
        filled.query("SELECT zeroblob(1000000000)")


PERSONAL = {
    "url",
    "ad_id",
    "nickname",
    "title",
    "text",
    "content",
    "value",
    "blind",
    "dnc",
    "reasons",
}


def test_no_view_shows_what_is_personal(filled: Store) -> None:
    for view in VIEWS:
        columns, rows = filled.query(" ".join(("SELECT * FROM", view)))
        assert not PERSONAL & set(columns)
        assert not any(isinstance(value, bytes) for row in rows for value in row)
