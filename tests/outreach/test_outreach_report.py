"""The report on a real store: what it covers, who is in it, and that it stays the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from schema_check import faults
from story import Story, everything, phone, rome

from outreach.errors import OutreachError
from outreach.html import render_html
from outreach.report import build_report
from records.verdicts import PartitionVerdict

SCHEMA = json.loads(
    (Path(__file__).parents[2] / "docs/schema/report.schema.json").read_text(encoding="utf-8")
)


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """A Monday morning with one crawl behind it: what was there then is the baseline."""
    told = Story(tmp_path, "2026-03-02T05:00", list_size=3)
    told.open("vecchia", "anziana")
    told.open("patavina", province="PD", city="Padova")
    told.crawl("2026-03-02T06:00")
    told.settle()
    yield told
    told.store.close()


def test_has_the_contracts_shape_and_the_days_flags(story: Story) -> None:
    story.open("alba", "bruna")
    story.crawl("2026-03-02T18:00")
    story.flag("alba", "bruna")
    document = story.report("2026-03-03T06:45")
    assert list(faults(document, SCHEMA, SCHEMA)) == []
    assert (document["report"], document["unit"], document["draft"]) == (
        *("2026-03-03", "treviso", False),
    )
    assert document["covers"] == {
        "from": "2026-03-02T05:00:00+01:00",
        "to": "2026-03-03T06:45:00+01:00",
    }
    assert story.names(document["flags"]) == ["alba", "bruna"]
    assert document["list"] == [story.entry("alba"), story.entry("bruna")]
    assert document["counts"]["new"] == 2
    flag = document["flags"][0]
    assert flag["adverts"] == [
        {"site": "vetrina", "ad_id": "alba", "url": "http://127.0.0.1:9/a/alba"}
    ]
    assert flag["place"] == {"province": "TV", "city": "Treviso"}
    assert flag["reasons"] == ["primo annuncio visto il 1 marzo, a Treviso (TV)"]
    assert flag["phones"][0].startswith("•••")
    assert flag["language"] == {"code": "it", "source": "advert"}
    assert flag["callable"]
    assert "primo annuncio visto" in render_html(document)


def test_who_was_there_at_the_start_is_told_once_and_has_an_entry(story: Story) -> None:
    document = story.report("2026-03-02T06:45")
    assert sorted(story.names(document["baseline"])) == ["anziana", "vecchia"]
    assert document["counts"]["baseline"] == 2
    assert document["flags"] == document["list"] == []
    assert all(each["entry"].startswith("F-") for each in document["baseline"])
    assert story.report("2026-03-03T06:45")["baseline"] == []
    assert story.names(story.report("2026-03-03T06:45", unit="padova")["baseline"]) == ["patavina"]


def test_a_draft_changes_nothing(story: Story) -> None:
    story.open("alba")
    story.crawl("2026-03-02T18:00")
    story.flag("alba")
    audited = story.store.audit_head()
    first = story.report("2026-03-03T06:45", draft=True)
    assert first["draft"]
    assert first["baseline"][0]["entry"] is None
    assert list(faults(first, SCHEMA, SCHEMA)) == []
    assert story.store.last_report("treviso") is None
    assert story.store.audit_head() == audited
    assert story.report(draft=True) == first
    assert story.names(story.report()["flags"]) == ["alba"]


def test_asked_again_it_is_the_same_to_the_byte(story: Story) -> None:
    story.open("alba")
    story.crawl("2026-03-02T18:00")
    story.flag("alba")
    first = story.report("2026-03-03T06:45")
    story.open("bruna")
    story.down("alba")
    story.crawl("2026-03-03T18:00")
    story.flag("bruna")
    again = story.report("2026-03-03T19:00")
    assert json.dumps(again) == json.dumps(first)
    assert render_html(again) == render_html(first)
    later = story.report("2026-03-05T06:45", day="2026-03-03")
    assert json.dumps(later) == json.dumps(first)


def test_publishing_is_in_the_audit_trail_once(story: Story) -> None:
    count, _ = story.store.audit_head()
    story.report("2026-03-03T06:45")
    story.report("2026-03-03T06:50")
    assert story.store.audit_head()[0] == count + 1
    assert story.store.verify_audit() is None


def test_a_holiday_swallows_nothing_and_nothing_comes_twice(story: Story) -> None:
    story.report("2026-03-02T06:45")
    seen = []
    for day in range(2, 7):
        story.open(f"n{day}")
        story.crawl(f"2026-03-0{day}T18:00")
        story.flag(f"n{day}")
    document = story.report("2026-03-07T06:45")
    assert document["covers"]["from"] == "2026-03-02T06:45:00+01:00"
    seen += story.names(document["flags"])
    story.open("n8")
    story.crawl("2026-03-07T18:00")
    story.flag("n8")
    seen += story.names(story.report("2026-03-08T06:45")["flags"])
    assert seen == ["n2", "n3", "n4", "n5", "n6", "n8"]


def test_a_pass_that_ends_after_the_report_is_told_in_the_next(story: Story) -> None:
    story.open("alba", "bruna")
    story.crawl("2026-03-02T18:00")
    story.flag("alba")
    assert story.names(story.report("2026-03-03T06:45")["flags"]) == ["alba"]
    # This pass began at 06:40 and saved its flags after the report was out.
    story.at("2026-03-03T06:50").flag("bruna", raised_at=rome("2026-03-03T06:40"))
    assert story.names(story.report("2026-03-04T06:45")["flags"]) == ["bruna"]
    assert story.report("2026-03-05T06:45")["flags"] == []


def test_what_had_no_row_is_carried_until_somebody_calls(story: Story) -> None:
    story.open("a1", "a2", "a3", "a4", "a5")
    story.crawl("2026-03-02T18:00")
    story.flag("a1", "a2", "a3", "a4", "a5")
    monday = story.report("2026-03-03T06:45")
    assert len(monday["list"]) == 3
    assert monday["waiting"] == 2
    assert list(monday["waiting_because"]) == ["beyond_size"]
    assert [flag["why_not_listed"] for flag in monday["flags"]].count("beyond_size") == 2
    for name in ("a1", "a2", "a3"):
        story.at("2026-03-03T11:00").call(name, "listened", state="contacted")
    tuesday = story.report("2026-03-04T06:45")
    assert tuesday["flags"] == tuesday["list"] == []
    assert sorted(story.names(tuesday["carried"])) == ["a4", "a5"]
    assert tuesday["waiting"] == 0
    assert len(tuesday["handover"]) == 3
    # A new lead comes before them, and those whose advert is gone no longer wait.
    story.open("b1")
    story.down("a4")
    story.crawl("2026-03-04T18:00")
    story.crawl("2026-03-06T06:00")
    story.flag("b1")
    document = story.report("2026-03-06T06:45")
    assert document["list"] == [story.entry("b1")]
    assert story.names(document["carried"]) == ["a5"]


def test_only_the_visible_with_a_confirmed_number_are_listed(story: Story) -> None:
    story.open("alba", "via")
    story.open("forse", contacts=(phone(33, "candidate"),))
    story.open("muta", contacts=())
    story.crawl("2026-03-02T18:00")
    story.flag("alba", "via", "forse", "muta")
    story.down("via")
    story.crawl("2026-03-03T06:00")
    story.crawl("2026-03-04T06:00")
    document = story.report("2026-03-04T06:45")
    assert document["list"] == [story.entry("alba")]
    assert {story.names([flag])[0]: flag["why_not_listed"] for flag in document["flags"]} == {
        "alba": None,
        "via": "not_visible",
        "forse": "number_unconfirmed",
        "muta": "no_number",
    }
    assert document["waiting"] == 3
    assert document["counts"]["new"] == 4


def test_promises_come_first(story: Story) -> None:
    story.open("alba", "bruna")
    story.crawl("2026-03-02T18:00")
    story.flag("alba")
    story.report("2026-03-03T06:45")
    story.at("2026-03-03T11:00").call(
        "alba", "listened", next_on=date(2026, 3, 5), language="es", state="contacted"
    )
    story.flag("bruna")
    before = story.report("2026-03-04T06:45")
    assert before["follow_ups"] == []
    assert before["handover"][0]["next_date"] == "2026-03-05"
    story.crawl("2026-03-06T06:00")
    document = story.report("2026-03-06T06:45")
    assert document["list"][0] == story.entry("alba")
    (promise,) = document["follow_ups"]
    assert (promise["due"], promise["days_late"]) == ("2026-03-05", 1)
    assert promise["language"] == {"code": "es", "source": "attempt"}
    assert promise["attempts"]["count"] == 1
    assert document["counts"]["follow_ups"] == 1
    assert story.entry("alba") in render_html(document)
    story.at("2026-03-06T11:00").call("alba", "listened")
    assert story.report("2026-03-07T06:45")["follow_ups"] == []


def test_do_not_contact_is_nowhere(story: Story) -> None:
    story.open("alba", "bruna", "chiara")
    story.crawl("2026-03-02T18:00")
    story.flag("alba", "bruna", "chiara")
    story.at("2026-03-02T19:00").call("bruna", "listened", next_on=date(2026, 3, 3))
    story.store.add_do_not_contact("phone", story.number("bruna"), "herself", story.now)
    document = story.report("2026-03-03T06:45")
    assert story.names(document["flags"]) == ["alba", "chiara"]
    assert document["counts"]["new"] == 2
    assert document["follow_ups"] == document["handover"] == []
    assert "bruna" not in everything(document)
    assert story.entry("bruna") not in everything(document)


def test_who_asks_after_the_report_is_taken_out_of_it(story: Story) -> None:
    story.open("alba", "bruna")
    story.crawl("2026-03-02T18:00")
    story.flag("alba", "bruna")
    story.report("2026-03-03T06:45")
    story.at("2026-03-03T09:00")
    story.store.add_do_not_contact("phone", story.number("bruna"), "herself", story.now)
    again = story.report("2026-03-03T10:00")
    assert story.names(again["flags"]) == ["alba"]
    assert again["list"] == [story.entry("alba")]
    assert again["counts"]["new"] == 1
    assert story.entry("bruna") not in everything(again)


def test_who_was_merged_since_is_taken_out_with_her(story: Story) -> None:
    story.open("alba", "bruna", "chiara")
    story.crawl("2026-03-02T18:00")
    story.flag("alba", "bruna", "chiara")
    story.report("2026-03-03T06:45")
    told = {name: story.entry(name) for name in ("alba", "bruna")}
    story.at("2026-03-03T09:00").merge("alba", "bruna")
    story.store.add_do_not_contact("phone", story.number("bruna"), "herself", story.now)
    again = story.report("2026-03-03T10:00")
    assert story.names(again["flags"]) == ["chiara"]
    assert not [each for each in told.values() if each in everything(again)]


def test_stated_under_18_is_nowhere(story: Story) -> None:
    story.open("alba")
    story.open("minore", age=17)
    story.crawl("2026-03-02T18:00")
    story.flag("alba", "minore")
    document = story.report("2026-03-03T06:45")
    assert story.names(document["flags"]) == ["alba"]
    assert document["counts"]["new"] == 1
    assert "minore" not in everything(document)
    assert "minore" not in everything(story.report("2026-03-04T06:45"))


def test_each_unit_has_its_own(story: Story) -> None:
    story.open("alba")
    story.open("nuova", province="PD", city="Padova")
    story.crawl("2026-03-02T18:00")
    story.flag("alba")
    story.flag("nuova", unit="padova")
    assert story.names(story.report("2026-03-03T06:45")["flags"]) == ["alba"]
    assert story.names(story.report("2026-03-03T06:45", unit="padova")["flags"]) == ["nuova"]


def test_a_flag_proved_wrong_is_withdrawn_where_it_was_told(story: Story) -> None:
    story.open("alba", "bruna")
    story.crawl("2026-03-02T18:00")
    story.flag("alba")
    story.report("2026-03-03T06:45")
    story.at("2026-03-03T12:00").flag("bruna")
    story.withdraw("alba")
    story.withdraw("bruna")
    document = story.report("2026-03-04T06:45")
    assert [each["entry"] for each in document["withdrawn"]] == [story.entry("alba")]
    assert document["counts"]["withdrawn"] == 1
    # Nobody was ever told of bruna's flag.
    assert document["flags"] == document["carried"] == []
    assert list(faults(document, SCHEMA, SCHEMA)) == []


def test_health_tells_since_when_and_of_every_partition(story: Story) -> None:
    story.crawl("2026-03-02T18:00", PartitionVerdict.BLOCKED, ["padova"])
    story.crawl("2026-03-03T06:10", PartitionVerdict.BLOCKED, ["padova"])
    document = story.report("2026-03-03T06:45")
    health = {each["partition"]: each for each in document["health"]}
    assert sorted(health) == ["padova", "veneto"]
    assert {each["site"] for each in document["health"]} == {"vetrina"}
    assert health["padova"]["verdict"] == "blocked"
    assert health["padova"]["since"] == "2026-03-02T18:00:00+01:00"
    assert health["padova"]["last_complete"] == "2026-03-02T06:00:00+01:00"
    assert health["veneto"]["adverts"] == 2
    assert health["padova"]["sentence"] == (
        "vetrina, padova: bloccato da ieri alle 18:00 (ultimo controllo completo ieri alle 06:00); "
        "l'assenza dei suoi annunci non significa nulla"
    )
    assert "bloccato da ieri alle 18:00" in render_html(document)


def test_never_crawled_is_said(tmp_path: Path) -> None:
    told = Story(tmp_path, "2026-03-02T05:00", language="en")
    document = told.report("2026-03-02T06:45")
    told.store.close()
    assert [each["verdict"] for each in document["health"]] == ["never", "never"]
    assert "vetrina: never checked; the absence of its adverts means nothing" in render_html(
        document
    )


@pytest.mark.parametrize(
    ("days", "offsets"),
    [
        # 29 March 2026 has 23 hours, 25 October 25: a report each morning, nothing lost between.
        (("2026-03-28", "2026-03-29", "2026-03-30"), ("+01:00", "+02:00", "+02:00")),
        (("2026-10-24", "2026-10-25", "2026-10-26"), ("+02:00", "+01:00", "+01:00")),
    ],
)
def test_days_of_the_clock_change(
    tmp_path: Path, days: tuple[str, ...], offsets: tuple[str, ...]
) -> None:
    told = Story(tmp_path, f"{days[0]}T00:30")
    told.crawl(f"{days[0]}T01:00")
    seen: list[str] = []
    for number, (day, offset) in enumerate(zip(days, offsets, strict=True)):
        told.at(f"{day}T01:30")
        for half in range(4):
            # Four half hours through the night of the change, in absolute time.
            told.now += timedelta(minutes=30)
            told.open(f"n{number}{half}")
            told.crawl()
            told.flag(f"n{number}{half}")
        document = told.report(f"{day}T08:00")
        assert document["report"] == day
        assert document["covers"]["to"] == f"{day}T08:00:00{offset}"
        seen += told.names(document["flags"])
    told.store.close()
    assert seen == [f"n{number}{half}" for number in range(3) for half in range(4)]


@pytest.mark.parametrize(
    ("unit", "day", "says"),
    [
        ("venezia", date(2026, 3, 2), "unit venezia: not in faro.toml; it has treviso, padova"),
        ("treviso", date(2026, 3, 3), "has not come yet"),
    ],
)
def test_refusals(story: Story, unit: str, day: date, says: str) -> None:
    with pytest.raises(OutreachError, match=says):
        build_report(story.store, story.config, unit, day, story.now)


def test_the_published_document_is_not_in_the_database_in_clear(
    story: Story, tmp_path: Path
) -> None:
    story.open("alba")
    story.crawl("2026-03-02T18:00")
    story.flag("alba")
    story.report("2026-03-03T06:45")
    story.store.close()
    for path in (tmp_path / "var").rglob("*"):
        if path.is_file():
            assert b"primo annuncio visto" not in path.read_bytes()
