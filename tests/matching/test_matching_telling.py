"""Why adverts are linked or not, and what people decide of it, through the command line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from town import Town, moment, shown, town

import cli
from matching.telling import chain
from records.judgements import Verdict

Faro = Callable[..., str]

NUMBER = "+393114455667"
GIULIA = shown("a1")
AGAIN = shown("b1", site="beta")
OTHER = shown(
    "a2",
    number="+393125566778",
    name="Marta",
    age=41,
    province="TV",
    text="studio danza da dieci anni e preparo ottimi biscotti alla cannella ogni domenica",
)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Town]:
    with town(tmp_path) as made:
        made.days(0, 1, [GIULIA])
        made.days(2, 4, [GIULIA, AGAIN, OTHER])
        yield made


@pytest.fixture
def faro(place: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Faro:
    def run(*words: str, day: float = 5, status: int = 0) -> str:
        now = moment(day).isoformat()
        config = str(tmp_path / "config")
        assert cli.main(["--config", config, "--now", now, *words]) == status
        told = capsys.readouterr()
        for said in (told.out, told.err):
            assert NUMBER[3:] not in said
        return told.err if status else told.out

    return run


def ids(place: Town) -> list[int]:
    return sorted(place.store.memberships())


def entry(place: Town, advert: int) -> str:
    profile = place.store.memberships((advert,))[advert].profile
    return place.store.ensure_entry(profile, "nave", moment(4.2)).short_id


def test_why_two_adverts_are_linked(place: Town, faro: Faro) -> None:
    told = faro("explain", "alfa/a1", "beta/b1")
    assert re.search(r"\+\d\.\d  stesso numero\b", told)
    assert "in un solo profilo" in told
    assert "•••67" in told
    assert "«" in told
    assert "silenzio" in told


def test_why_two_adverts_are_not(place: Town, faro: Faro) -> None:
    told = faro("explain", "alfa/a1", "alfa/a2")
    assert re.search("\N{MINUS SIGN}\\d\\.\\d  altro nome", told)
    assert "in due profili" in told


def test_an_entry_with_its_adverts_flags_and_folded_signals(place: Town, faro: Faro) -> None:
    first, _, second = ids(place)
    told = faro("explain", entry(place, first))
    assert str(first) in told
    assert str(second) in told
    assert "stesso numero +" in told
    assert "segnali, per il coordinamento" in told
    assert "--signals" in told
    assert "nessuno" in faro("explain", entry(place, first), "--signals")


def test_signals_of_her_network_stand_below_hers(place: Town, faro: Faro) -> None:
    """Three women behind one switchboard; two of them say that they receive by appointment."""
    board = [
        shown("b5", site="beta", number="+393136677889", name="Sofia", age=23, text="appuntamento"),
        shown("b6", site="beta", number="+393136677889", name="Elena", age=35, text="appuntamento"),
        shown("b7", site="beta", number="+393136677889", name="Bianca", age=45, text="sera"),
    ]
    place.days(5, 6, [GIULIA, AGAIN, OTHER, *board])
    told = faro("explain", entry(place, ids(place)[-1]), "--signals", day=7)
    assert "nella sua rete di 3 profili, su almeno la metà:" in told
    assert "su 2 profili [parla contro]" in told


def test_different_parts_them_and_same_makes_them_one(place: Town, faro: Faro) -> None:
    first, third, second = ids(place)
    assert "they are two profiles" in faro("judge", "alfa/a1", "beta/b1", "different")
    joined = place.store.memberships()
    assert joined[first].profile != joined[second].profile
    assert "una persona ha deciso: non è la stessa" in faro("explain", "alfa/a1", "beta/b1")
    assert "they are one profile" in faro("judge", str(first), str(third), "same", day=6)
    joined = place.store.memberships()
    assert joined[first].profile == joined[third].profile
    # For ever: a pass over everything changes nothing of it.
    place.match(7, full=True)
    assert place.store.memberships() == joined
    assert "they are one profile" in faro("judge", "alfa/a1", "beta/b1", "--undo", day=8)


def test_who_is_asked_again_is_not_merged(place: Town, faro: Faro) -> None:
    assert "they are two profiles" in faro("judge", "alfa/a1", "beta/b1", "unknown")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("explain", "alfa/a1"), "name a second advert"),
        (("explain", "F-0999"), "no such entry"),
        (("explain", "alfa/zz", "alfa/a1"), "no such advert of alfa"),
        (("explain", "alfa/3114455667", "alfa/a1"), "neither an entry"),
        (("judge", "alfa/a1", "alfa/a2", "perhaps"), "write same, different or unknown"),
        (("judge", "alfa/a1", "alfa/a1", "same"), "two different adverts"),
        (("judge", "alfa/a1", "alfa/a2", "--undo"), "has decided nothing"),
    ],
)
def test_wrong_use_is_one_line(
    place: Town,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    says: str,
) -> None:
    config = str(tmp_path / "config")
    assert cli.main(["--config", config, "--now", moment(5).isoformat(), *words]) == 2
    told = capsys.readouterr().err
    assert says in told
    assert told.count("\n") == 1


def test_who_became_one_entry_is_named_by_both_still(place: Town, faro: Faro) -> None:
    first, third, _ = ids(place)
    one, other = entry(place, first), entry(place, third)
    assert "are one entry" in faro("explain", one, one, status=2)
    assert "they are one profile" in faro("judge", one, other, "same", day=6)
    told = faro("explain", one, other, day=6)
    assert "in un solo profilo" in told
    assert "una persona ha deciso: la stessa" in told
    # Somebody else's word keeps them apart, and the one who said the same is told so.
    place.store.judge(first, third, Verdict.DIFFERENT, "bruno", moment(6.5))
    assert "somebody else said" in faro("judge", one, other, "same", day=7)
    place.store.undo_judgement(first, third, "bruno", moment(7.5))
    assert "they are one profile" in faro("judge", one, other, "same", day=8)
    assert "they are one profile" in faro("judge", one, other, "--undo", day=9)
    assert "they are one profile" in faro("judge", one, other, "--undo", day=10)
    assert "they are two profiles" in faro("judge", one, other, "--undo", day=11)


def test_a_third_advert_that_binds_two_is_told() -> None:
    links: dict[tuple[int, int], float | None] = {(1, 2): 0.99, (2, 3): None, (3, 4): 0.97}
    assert chain(links, 1, 3) == ((2, 0.99), (3, None))
    assert chain(links, 4, 1) == ((3, 0.97), (2, None), (1, 0.99))
    assert chain(links, 1, 9) == ()
