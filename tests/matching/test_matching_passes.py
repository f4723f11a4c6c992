"""Matching passes over a real store: what is linked, kept, merged and flagged as days go by."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from town import MAYBE, Town, moment, shown, town

from records.flags import LIKELY
from records.reasons import sentence
from records.verdicts import PartitionOutcome, PartitionVerdict, RunOutcome
from storage import Busy

OTHER = "cerco persone gentili per una passeggiata in riva al mare e un gelato al limone"
THIRD = "studio danza da dieci anni e preparo ottimi biscotti alla cannella ogni domenica"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Town]:
    with town(tmp_path) as made:
        yield made


GIULIA = shown("a1")
MARTA = shown("a2", number="+393125566778", name="Marta", text=OTHER, province="TV", age=35)
SOFIA = shown("a3", number="+393136677889", name="Sofia", text=THIRD, province="VE", age=23)


def test_who_is_there_at_the_start_is_no_news_and_who_comes_is(place: Town) -> None:
    place.days(0, 2, [GIULIA, MARTA])
    assert place.told() == []
    place.days(3, 5, [GIULIA, MARTA, SOFIA])
    assert place.told() == [("new", 3)]
    (flag,) = place.flags()
    assert flag.probability == 1.0
    assert [sentence(reason, "it") for reason in flag.reasons] == [
        "primo annuncio visto il 4 marzo, a Venezia"
    ]
    assert [entry.profile for entry in place.store.entries("nave")] == [flag.profile]


def test_nothing_to_match_says_so(place: Town) -> None:
    place.days(0, 1, [GIULIA])
    place.crawl(2, [GIULIA])
    assert place.match(2).sentence().startswith("nothing to match")


def test_repost_copy_and_bump_raise_nothing(place: Town) -> None:
    place.days(0, 2, [GIULIA])
    place.days(3, 4, [shown("a9"), shown("b1", site="beta"), shown("c1", site="copies")])
    assert place.told() == []
    assert len({member.profile for member in place.store.memberships().values()}) == 1


def test_back_after_weeks_with_another_number_name_and_town(place: Town) -> None:
    text = "amo il silenzio del lago e le cene lunghe, parlo sottovoce e rido spesso, mai di lunedì"
    place.days(0, 3, [GIULIA, MARTA])
    place.days(4, 24, [MARTA])
    back = shown(
        "b7", site="beta", number="+393147788990", name="Giulietta", text=text, handle="lagolungo"
    )
    place.days(25, 27, [MARTA, back])
    assert place.told() == [("reappeared", 25)]
    (flag,) = place.flags()
    assert flag.proven
    assert flag.absent_days == 22
    codes = [reason.code for reason in flag.reasons]
    assert codes[0] == "absent_since"
    assert {"same_words", "number_changed", "other_site"} <= set(codes)


def test_back_after_an_outage_is_unproven_or_nothing(place: Town) -> None:
    place.days(0, 2, [GIULIA, MARTA])
    place.days(3, 5, [MARTA])
    for day in range(6, 22):
        place.crawl(day, [MARTA], complete=False)
    place.days(22, 22, [GIULIA, MARTA])
    (flag,) = place.flags()
    assert flag.kind.value == "reappeared"
    assert not flag.proven
    assert flag.reasons[1].code == "absence_unproven"


def test_our_outage_alone_raises_nothing(place: Town) -> None:
    place.days(0, 2, [GIULIA, MARTA])
    for day in range(3, 20):
        place.crawl(day, [], complete=False)
        place.match(day)
    place.days(20, 22, [shown("a8"), MARTA])
    assert place.told() == []


def test_new_number_and_then_a_new_province(place: Town) -> None:
    place.days(0, 2, [GIULIA])
    renumbered = shown("a1", number="+393158899001")
    place.days(3, 4, [renumbered])
    moved = shown("a1", number="+393158899001", province="TV")
    place.days(5, 6, [moved])
    assert place.told() == [("new_number", 3), ("moved", 5)]


def test_a_new_number_at_the_very_time_of_a_pass(place: Town) -> None:
    """With a fixed clock a crawl and the passes before and after it bear the same time."""
    place.days(0, 2, [GIULIA])
    place.crawl(3.1, [shown("a1", age=29)])
    assert place.match(3).adverts == 1
    place.crawl(3.1, [shown("a1", age=29, number="+393158899001")])
    place.match(3)
    place.match(3, full=True)
    assert place.told() == [("new_number", 3)]
    codes = {reason.code for reason in place.flags()[0].reasons}
    assert codes == {"number_changed", "same_advert"}


def test_a_new_number_stored_after_a_pass_that_began_later(place: Town) -> None:
    """A crawl reads her page, and stores it when a pass has judged her by another advert."""
    copy = shown("b1", site="beta")
    place.days(0, 2, [GIULIA, copy])
    place.crawl(3, [shown("b1", site="beta", age=29)], sites=("beta",))
    place.match(3)
    place.crawl(3.08, [shown("a1", number="+393158899001")], sites=("alfa",))
    place.match(3.1)
    assert place.told() == [("new_number", 3)]


def test_a_new_number_stored_while_a_pass_is_linking(place: Town) -> None:
    """The pass judges what it has read; the next one tells the rest."""
    renumbered = shown("a1", number="+393158899001")
    place.days(0, 2, [GIULIA, MARTA])

    def meanwhile(done: int, whole: int) -> None:
        if done == 1:
            place.crawl(3, [renumbered, MARTA])

    place.match(3, full=True, progress=meanwhile)
    assert place.told() == []
    place.days(4, 5, [renumbered, MARTA])
    assert place.told() == [("new_number", 4)]


def test_aggregator_never_brings_anybody_back(place: Town) -> None:
    place.days(0, 2, [GIULIA, MARTA])
    place.days(3, 19, [MARTA])
    place.days(20, 21, [MARTA, shown("c1", site="copies")])
    assert place.told() == []
    place.days(22, 22, [MARTA, shown("c1", site="copies"), GIULIA])
    assert place.told() == [("reappeared", 22)]


def test_switchboard_and_copied_text_join_nobody(place: Town) -> None:
    """Six women behind one number, and a stranger with the words of one of them."""
    women = [
        shown(f"s{place_}", number="+393114455667", name=name, text=text, age=age, province=where)
        for place_, (name, text, age, where) in enumerate(
            (
                ("Azzurra", "mi piacciono i libri gialli e il tè verde la sera tardi", 22, "PD"),
                ("Wanda", "cucino bene e ascolto musica antica con molta passione", 41, "TV"),
                ("Ketty", "vivo con due gatti e una chitarra scordata ma allegra", 30, "VE"),
                ("Ofelia", "amo i temporali, le candele profumate e il vino rosso", 36, "PD"),
                ("Ximena", "ballo il tango nelle sere di pioggia sotto i portici", 26, "TV"),
                ("Irma", "raccolgo conchiglie e scrivo lettere che non spedisco", 47, "VE"),
            )
        )
    ]
    copier = shown(
        "b1",
        site="beta",
        number="+393169900112",
        name="Domitilla",
        text="mi piacciono i libri gialli e il tè verde la sera tardi",
        age=52,
        province="VE",
    )
    place.days(0, 0, [GIULIA])
    place.days(1, 1, [GIULIA, *women, copier])
    profiles = [joined.profile for joined in place.store.memberships().values()]
    assert len(set(profiles)) == len(profiles) == 8
    summary = place.days(8, 8, [GIULIA, *women, copier])[0]
    assert [kind for kind, _ in place.told()] == ["new"] * 7, summary


def test_profile_ids_stay_and_a_later_link_merges_into_the_older(place: Town) -> None:
    place.days(0, 1, [GIULIA])
    stranger = shown("b1", site="beta", number="+393147788990", name=None, text=THIRD, age=None)
    place.days(2, 3, [GIULIA, stranger])
    before = place.store.memberships()
    assert len({joined.profile for joined in before.values()}) == 2
    assert place.told() == [("new", 2)]
    # Her second advert now carries both numbers: it was she.
    both = shown("b1", site="beta", number="+393114455667", name="Giulia", age=28)
    place.days(4, 5, [GIULIA, both])
    after = place.store.memberships()
    older = min(before.values(), key=lambda joined: joined.joined_at).profile
    assert {joined.profile for joined in after.values()} == {older}
    # What the older was never seen with is news of her, however long the other has had it.
    assert place.told() == [("new", 2), ("new_number", 4)]
    assert [flag.kind.value for flag in place.store.withdrawn_flags(None, moment(99))] == ["new"]


def test_a_doubt_waits_seven_days_and_is_told(place: Town) -> None:
    place.days(0, 1, [GIULIA, MARTA])
    first = place.days(2, 8, [GIULIA, MARTA, MAYBE])[0]
    assert first.held == 1
    assert "1 held back by a doubt" in first.sentence()
    assert place.told() == []
    place.days(9, 12, [GIULIA, MARTA, MAYBE])
    ((_, at),) = place.told()
    assert at == 9
    (flag,) = place.flags()
    assert flag.doubtful
    assert flag.reasons[-1].code == "doubtful_link"


def test_a_doubt_outlives_an_advert_that_joins_her(place: Town) -> None:
    """Her second advert is sure to be hers, and says nothing more about who she may be."""
    place.days(0, 1, [GIULIA, MARTA])
    place.days(2, 3, [GIULIA, MARTA, MAYBE])
    second = shown(
        "b9",
        site="beta",
        number="+393147788990",
        name=None,
        age=31,
        text="amo il silenzio del lago, e ballare",
    )
    joining = place.days(4, 8, [GIULIA, MARTA, MAYBE, second])[0]
    assert len({joined.profile for joined in place.store.memberships().values()}) == 3
    assert joining.held == 1
    assert place.told() == []
    place.days(9, 12, [GIULIA, MARTA, MAYBE, second])
    ((_, at),) = place.told()
    assert at == 9
    assert place.flags()[0].doubtful


@pytest.mark.parametrize("binds", [True, False])
def test_hardly_a_doubt_waits_a_day_for_what_else_she_shows(place: Town, binds: bool) -> None:
    """Of one advert nobody can tell; the next day another one may say who she is."""
    place.settings = place.settings.model_copy(update={"doubt_threshold": 0.69})
    other = shown("a3", site="beta", age=26, text="un gelato in riva al fiume quando piove forte")
    first = shown(
        "b1",
        site="beta",
        number="+393147788990",
        age=29,
        text="amo il silenzio del lago, e ballare",
        province="TV",
    )
    second = shown("b2", number="+393147788990", province="TV")
    place.days(0, 1, [GIULIA, other, MARTA])
    assert place.days(2, 2, [GIULIA, other, MARTA, first])[0].held == 1
    assert place.told() == []
    place.days(3, 5, [GIULIA, other, MARTA, first, *([second] if binds else [])])
    assert place.told() == [("new_number" if binds else "new", 3)]
    assert not place.flags()[0].doubtful


def test_a_faint_link_is_never_supposed_to_be_true(place: Town) -> None:
    """Where the cuts call a likely link faint, nobody is asked, and she is told all the same."""
    place.settings = place.settings.model_copy(update={"doubt_threshold": 0.69})
    maybe = shown("b1", site="beta", number="+393147788990", age=29, name=None)
    other = shown("a3", site="beta", age=26, text="un gelato in riva al fiume quando piove forte")
    place.days(0, 1, [GIULIA, other, MARTA])
    assert place.days(2, 2, [GIULIA, other, MARTA, maybe])[0].held == 1
    links = place.store.links(place.store.memberships()).values()
    assert [link for link in links if LIKELY < link.probability < 0.69]
    place.days(3, 4, [GIULIA, other, MARTA, maybe])
    assert place.told() == [("new", 3)]
    assert not place.flags()[0].doubtful


def test_an_advert_of_a_running_crawl_waits_for_its_verdict(place: Town) -> None:
    """Her re-post on a site whose crawl still runs joins her when that crawl is over."""
    place.days(0, 1, [GIULIA])
    run = place.store.start_run("beta", ["veneto"], moment(2), slot=None, pid=1, host="t")
    place.store.record(run, [shown("b1", site="beta")(moment(2))])
    place.crawl(2, [shown("a1", age=29)], sites=("alfa",))
    assert place.match(2).adverts == 1
    assert len(place.store.memberships()) == 1
    outcome = PartitionOutcome("veneto", PartitionVerdict.COMPLETE, cards=1, stored=1)
    place.store.finish_run(run, moment(2.2), RunOutcome((outcome,)))
    assert place.match(2.3).adverts == 1
    assert len({joined.profile for joined in place.store.memberships().values()}) == 1


def test_full_pass_changes_nothing_when_nothing_changed(place: Town) -> None:
    place.days(0, 3, [GIULIA, MARTA, SOFIA])
    before = place.store.memberships()
    summary = place.match(3.2, full=True)
    assert summary.adverts == 3
    assert (summary.made, summary.merged, dict(summary.flags)) == (0, 0, {})
    assert place.store.memberships() == before


def test_one_pass_at_a_time(place: Town) -> None:
    place.crawl(0, [GIULIA])
    with place.store.run_lock("match"), pytest.raises(Busy):
        place.match(0)


def test_a_return_is_told_once_though_its_pass_began_before_the_sighting(place: Town) -> None:
    """A pass takes its time when it begins; a crawl may store what it sees a little later."""
    copy = shown("b2", site="beta")
    place.days(0, 3, [GIULIA, MARTA])
    place.days(4, 24, [MARTA])
    place.crawl(25, [copy, MARTA], sites=("beta",))
    place.match(24.89)
    place.crawl(25.05, [GIULIA, MARTA], sites=("alfa",))
    place.match(25)
    assert place.told() == [("reappeared", 25)]
    assert place.flags()[0].raised_at == moment(25)
