"""How a simulated person behaves over the days: when she is there, under which number and where.

A life is a list of episodes. Between two of them lies a change: an absence, another number,
another city, or several at once. Days count from 0; day 0 is the first that is crawled.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from random import Random

from demo.people import Deck, Person, Place, other_place

FLAGGED_ABSENCE = (14, 24)
"""Days between the last sighting and the return that make a reappearance, least and most here."""
SHORT_ABSENCE = (3, 11)
"""Absences that must not be flagged; far enough from 14 for a site blocked for two days."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How often people do what. Decks are numbers of cards: 11 of 20 is 55 %.

    The guides give adverts per person (3.2), shared, changed and recycled numbers, copied and
    edited texts, varied names and absences of weeks, but no shares: those are set so that thirty
    days hold enough of each to measure.
    """

    arrivals: Mapping[str, int] = field(default_factory=lambda: {"baseline": 11, "new": 9})
    lives: Mapping[str, int] = field(
        default_factory=lambda: {
            "stays": 6,
            "leaves": 4,
            "returns": 7,
            "pauses": 3,
            "moves": 3,
            "renumbers": 2,
        }
    )
    # What a return brings besides itself.
    returns: Mapping[str, int] = field(
        default_factory=lambda: {
            "as_was": 7,
            "new_number": 5,
            "new_city": 4,
            "new_name": 1,
            "number_and_city": 1,
        }
    )
    contacts: Mapping[str, int] = field(
        default_factory=lambda: {
            "one": 51,
            "two": 4,
            "handle": 3,
            "opens_flat": 1,
            "opens_switchboard": 1,
        }
    )
    flat_sizes: Mapping[int, int] = field(default_factory=lambda: {2: 4, 3: 3, 4: 1})
    switchboard_sizes: Mapping[int, int] = field(default_factory=lambda: {3: 2, 4: 2, 6: 1})
    networks_share_a_text: float = 0.5
    sites_of_a_person: Mapping[int, int] = field(default_factory=lambda: {1: 10, 2: 7, 3: 3})
    copies_a_text: float = 0.05
    recycles_a_number: float = 0.03
    couples: float = 0.03
    heavy_posters: float = 0.02
    reposts: float = 0.5
    same_id_after_absence: float = 0.35
    number_edited_in_place: float = 0.5
    moves_in_place: float = 0.3
    rewrites_text: float = 0.12
    edits: float = 0.25
    bumps_a_day: float = 0.15
    aggregated: float = 0.25
    other_name: float = 0.05
    nameless: float = 0.06


@dataclass(frozen=True, slots=True)
class Episode:
    """A stretch of days, both included, with one set of numbers and one place.

    `change` is what separates it from the episode before: `start`, `absence`, `number`, `place`.
    `rewritten` is whether she wrote her texts anew, `renamed` whether she took another name.
    """

    first: int
    last: int
    numbers: tuple[str, ...]
    place: Place
    change: str
    rewritten: bool = False
    renamed: bool = False


class Fates:
    """Deals lives to people, in the shares of a `Behaviour`."""

    def __init__(
        self, rng: Random, behaviour: Behaviour, days: int, fresh_number: Callable[[], str]
    ) -> None:
        """`days` is the length of the simulation; `fresh_number` gives a number nobody has had."""
        self._rng = rng
        self._end = days - 1
        self._fresh = fresh_number
        self._arrivals = Deck(rng, behaviour.arrivals)
        self._lives = {name: Deck(rng, behaviour.lives) for name in behaviour.arrivals}
        self._changes = Deck(rng, behaviour.returns)
        self._rewrites = behaviour.rewrites_text

    def arrival(self) -> int:
        """The first day of the next person: 0 when she is there at the start."""
        if self._arrivals.draw() == "baseline" or self._end < 1:
            return 0
        return self._rng.randint(1, self._end)

    def life(self, person: Person, arrival: int) -> tuple[Episode, ...]:
        """Her episodes, clipped to the simulated days."""
        kind = self._lives["new" if arrival else "baseline"].draw()
        first = Episode(arrival, self._end, person.numbers, person.places[0], "start")
        if kind == "leaves":
            plan = [replace(first, last=arrival + self._rng.randint(2, 16))]
        elif kind == "returns":
            plan = self._returning(person, first)
        elif kind == "pauses":
            plan = self._pausing(first)
        elif kind == "moves":
            plan = self._moving(person, first)
        elif kind == "renumbers":
            plan = self._renumbering(first)
        else:
            plan = [first]
        return tuple(
            replace(each, last=min(each.last, self._end))
            for each in plan
            if each.first <= self._end
        )

    def _returning(self, person: Person, first: Episode) -> list[Episode]:
        room = self._end - first.first
        shortest, longest = FLAGGED_ABSENCE
        if room < shortest:
            return self._pausing(first)
        # The shorter of two draws: long absences are rarer than short ones.
        absence = min(self._rng.randint(shortest, min(longest, room)) for _ in range(2))
        last = self._rng.randint(first.first, self._end - absence)
        change = self._changes.draw()
        back = replace(first, first=last + absence, change="absence", rewritten=self._rewrite())
        back = replace(back, renamed=change == "new_name")
        if change in {"new_number", "number_and_city"} and first.numbers:
            back = replace(back, numbers=(self._fresh(), *first.numbers[1:]))
        if change in {"new_city", "number_and_city"}:
            back = replace(back, place=person.places[1])
        return [replace(first, last=last), back]

    def _pausing(self, first: Episode) -> list[Episode]:
        absence = self._rng.randint(*SHORT_ABSENCE)
        last = first.first + self._rng.randint(0, max(0, self._end - first.first - absence))
        back = replace(first, first=last + absence, change="absence")
        return [replace(first, last=last), back]

    def _moving(self, person: Person, first: Episode) -> list[Episode]:
        """One or two tours: each ends the day before, or two days before, the next begins."""
        plan = [first]
        places = [person.places[1], first.place]
        if self._rng.random() < 0.4:
            places[1] = other_place(self._rng, person.places[1], other_province=False)
        for place in places[: self._rng.choice((1, 1, 2))]:
            before = plan[-1]
            if self._end - before.first < 3:
                break
            day = self._rng.randint(before.first + 2, self._end)
            plan[-1] = replace(before, last=day - self._rng.choice((1, 1, 2)))
            plan.append(replace(before, first=day, last=self._end, place=place, change="place"))
        return plan

    def _renumbering(self, first: Episode) -> list[Episode]:
        if not first.numbers or self._end - first.first < 3:
            return [first]
        day = self._rng.randint(first.first + 2, self._end)
        numbers = (self._fresh(), *first.numbers[1:])
        after = replace(
            first, first=day, numbers=numbers, change="number", rewritten=self._rewrite()
        )
        return [replace(first, last=day - 1), after]

    def _rewrite(self) -> bool:
        return self._rng.random() < self._rewrites
