"""Possible doubles in the report: what a flag hangs on, until a person decides it."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from schema_check import faults
from story import Story, everything, rome

from outreach.html import render_html
from records.judgements import Verdict
from records.queue import PublishedReport

SCHEMA = json.loads(
    (Path(__file__).parents[2] / "docs/schema/report.schema.json").read_text(encoding="utf-8")
)


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    told = Story(tmp_path, "2026-03-02T05:00")
    told.open("vecchia")
    told.crawl("2026-03-02T06:00")
    told.settle()
    yield told
    told.store.close()


def test_doubts_on_which_a_flag_hangs_are_shown_to_be_decided(story: Story) -> None:
    """One holds a flag back, one kept another from being told, one was raised with the doubt."""
    story.open("alba", "bruna", "carla", "dora")
    story.crawl("2026-03-02T18:00")
    story.flag("dora")
    story.flag("alba", doubtful=True, probability=0.3)
    for name in ("bruna", "carla"):
        story.meet(name)
    story.doubt("alba", "dora", 0.65)
    story.doubt("bruna", "dora", 0.6)
    story.doubt("carla", "dora", 0.4, until=rome("2026-03-11T06:45"))
    draft = story.report("2026-03-03T06:45", draft=True)
    assert [each["entry"] is None for each in draft["doubtful"]] == [True, True, False]
    document = story.report()
    for each in (draft, document):
        assert list(faults(each, SCHEMA, SCHEMA)) == []
    rows = [
        (each["entry"], each["other"], each["probability"], each["kind"])
        for each in document["doubtful"]
    ]
    alba, bruna, carla, dora = (story.entry(name) for name in ("alba", "bruna", "carla", "dora"))
    assert rows == [
        (carla, dora, 0.4, None),
        (bruna, dora, 0.6, None),
        (alba, dora, 0.65, "new"),
    ]
    page = render_html(document)
    for words in (
        f"{carla} = {dora}?",
        "la prima segnalazione aspetta la decisione fino all'11 marzo",
        "presa per la stessa: nessuna segnalazione",
        "segnalata come «nuova» ieri alle 18:00, con il dubbio",
        "probabilità 65 su 100",
    ):
        assert words in html.unescape(page)


def test_a_double_is_shown_until_it_is_decided_and_to_nobody_who_must_not_hear(
    story: Story,
) -> None:
    story.open("alba", "bruna", "patrizia", province="TV")
    story.crawl("2026-03-02T18:00")
    story.flag("alba")
    story.meet("bruna")
    story.doubt("bruna", "alba", 0.6)
    assert len(story.report("2026-03-03T06:45")["doubtful"]) == 1
    assert story.report("2026-03-03T07:00", unit="padova")["doubtful"] == []
    story.crawl("2026-03-03T18:00")
    assert len(story.report("2026-03-04T06:45")["doubtful"]) == 1
    ends = story.advert("alba"), story.advert("bruna")
    story.store.judge(*ends, Verdict.UNKNOWN, "op1", story.now)
    assert len(story.report("2026-03-05T06:45", draft=True)["doubtful"]) == 1
    # A link that passes makes them one no more than one refused or undecided does.
    story.doubt("bruna", "alba", 0.9)
    assert len(story.report("2026-03-05T06:45", draft=True)["doubtful"]) == 1
    story.store.judge(*ends, Verdict.DIFFERENT, "op2", story.now)
    assert story.report()["doubtful"] == []


def test_who_must_not_be_called_is_nobodys_double(story: Story) -> None:
    story.open("alba", "bruna")
    story.crawl("2026-03-02T18:00")
    story.flag("alba")
    story.meet("bruna")
    story.doubt("bruna", "alba", 0.6)
    published = story.report("2026-03-03T06:45")
    assert len(published["doubtful"]) == 1
    story.at("2026-03-03T08:00")
    story.store.add_do_not_contact("phone", story.number("bruna"), "herself", story.now)
    assert story.report(day="2026-03-03")["doubtful"] == []


def test_a_report_from_before_doubles_named_both_sides_is_shown_again(story: Story) -> None:
    """What it told of one side is left out, and who asked not to be contacted since is gone."""
    story.open("alba", "bruna")
    story.crawl("2026-03-02T18:00")
    story.flag("alba", doubtful=True, probability=0.6)
    story.flag("bruna")
    older = story.report("2026-03-03T06:45")
    keys = ("entry", "profile", "kind", "probability", "raised_at", "reasons", "reason_codes")
    older["doubtful"] = [
        {key: each[key] for key in keys} for each in older["flags"] if each["doubtful"]
    ]
    day = "2026-03-04"
    story.store.publish_report(
        PublishedReport(
            unit="treviso",
            day=day,
            generated_at=story.now,
            covers_from=None,
            covers_to=story.now,
            document=json.dumps(older | {"report": day}),
        )
    )
    story.at("2026-03-04T08:00")
    story.store.add_do_not_contact("phone", story.number("bruna"), "herself", story.now)
    shown = story.report(day=day)
    assert [each["entry"] for each in shown["flags"]] == [story.entry("alba")]
    assert shown["doubtful"] == []
    assert list(faults(shown, SCHEMA, SCHEMA)) == []
    assert story.entry("alba") in render_html(shown)


def test_what_was_taken_for_the_same_is_shown_for_two_weeks(story: Story) -> None:
    story.open("alba", "bruna")
    story.crawl("2026-03-02T18:00")
    story.flag("alba")
    story.meet("bruna")
    # So unlikely a double would have been flagged: it is not why nothing was told.
    story.doubt("bruna", "alba", 0.45)
    assert story.report("2026-03-03T06:45", draft=True)["doubtful"] == []
    story.doubt("bruna", "alba", 0.95)
    assert len(story.report()["doubtful"]) == 1
    story.crawl("2026-03-22T18:00")
    assert len(story.report("2026-03-23T06:45")["doubtful"]) == 1
    assert story.report("2026-03-24T06:45")["doubtful"] == []


def test_of_a_double_in_two_units_each_hears_its_own_side_only(story: Story) -> None:
    story.open("alba")
    story.open("paola", province="PD", city="Padova")
    story.crawl("2026-03-02T18:00")
    for name in ("paola", "alba"):
        story.meet(name)
    story.doubt("alba", "paola", 0.6, until=rome("2026-03-11T06:45"))
    document = story.report("2026-03-03T06:45")
    assert list(faults(document, SCHEMA, SCHEMA)) == []
    (row,) = document["doubtful"]
    assert (row["entry"], row["other"]) == (story.entry("alba"), None)
    assert str(story.profile("paola")) not in everything(document)
    assert story.store.entry_of(story.profile("paola")) is None
    page = html.unescape(render_html(document))
    assert f"{story.entry('alba')} = ?" in page
    assert "la seconda non è di questa unità: ne decide il coordinamento" in page
    assert story.report(day="2026-03-03") == document
    assert story.report(unit="padova")["doubtful"] == []


def test_a_double_who_was_there_at_the_start_is_still_told_of(tmp_path: Path) -> None:
    """Beyond the cap of one day she is numbered as a double; the next day she is listed."""
    story = Story(tmp_path, "2026-03-02T05:00", baseline_cap=1)
    story.open("vecchia", "anziana")
    story.crawl("2026-03-02T06:00")
    story.settle()
    story.open("alba")
    story.crawl("2026-03-02T18:00")
    story.meet("alba")
    draft = story.report("2026-03-03T06:45", draft=True)
    (later,) = {"vecchia", "anziana"} - set(story.names(draft["baseline"]))
    story.doubt("alba", later, 0.6, until=rome("2026-03-11T06:45"))
    first = story.report()
    assert [each["other"] is None for each in first["doubtful"]] == [False]
    assert first["baseline"][0]["profile"] == draft["baseline"][0]["profile"]
    second = story.report("2026-03-04T06:45", draft=True)
    assert story.names(second["baseline"]) == [later]
    story.store.record_attempt(
        int(first["doubtful"][0]["other"].removeprefix("F-")),
        at=story.now,
        actor="op1",
        channel="call",
        outcome="taken_in_charge",
        state="in_charge",
    )
    document = story.report()
    assert (document["baseline"], document["doubtful"]) == ([], [])
    story.store.close()
