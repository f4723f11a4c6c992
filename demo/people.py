"""The town's inhabitants: invented names, places, numbers, handles, habits."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from random import Random

from demo.texts import Voice, invent_voice
from demo.writings import habit


@dataclass(frozen=True, slots=True)
class Place:
    """Where an advert says it is; `province` is the two-letter code."""

    city: str
    province: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who advertises, and what stays hers whatever she writes.

    `names` are the stage name, then what she makes of it; `partner` is the other name of a couple
    that advertises as one. `numbers` are E.164, the ones she begins
    with: none for people who give a handle only, two for some. `price` is in whole euros.
    """

    id: str
    names: tuple[str, ...]
    age: int
    places: tuple[Place, ...]
    numbers: tuple[str, ...]
    handle: str | None
    price: int
    voice: Voice
    writings: tuple[str, ...]
    partner: str | None = None


@cache
def stage_names() -> Mapping[str, list[str]]:
    """Stage names with their variants."""
    text = files("demo").joinpath("data/names.toml").read_text("utf-8")
    found: Mapping[str, list[str]] = tomllib.loads(text)["names"]
    return found


@cache
def places() -> Sequence[tuple[Place, int]]:
    """The places of the town's region, with how often people choose them."""
    rows = tomllib.loads(files("demo").joinpath("data/places.toml").read_text("utf-8"))["places"]
    return tuple((Place(row["city"], row["province"]), row["weight"]) for row in rows)


class Numbers:
    """Hands out synthetic mobiles: 311 to 318, then three pairs and a digit, each only once."""

    def __init__(self, rng: Random) -> None:
        """`rng` is the only source of chance."""
        self._rng = rng
        self._given: set[str] = set()

    def fresh(self) -> str:
        """A number that nobody has had, E.164."""
        while True:
            first, second, third = (str(self._rng.randrange(10)) * 2 for _ in range(3))
            last = self._rng.randrange(10)
            number = f"+3931{self._rng.randint(1, 8)}{first}{second}{third}{last}"
            if number not in self._given:
                self._given.add(number)
                return number


class Deck:
    """Draws as from a pack of cards: shares come out as given, only their order is chance."""

    def __init__(self, rng: Random, cards: Mapping[str, int]) -> None:
        """`cards` maps each kind to its number in one pack."""
        self._rng = rng
        self._cards = [kind for kind, number in cards.items() for _ in range(number)]
        self._left: list[str] = []

    def draw(self) -> str:
        """The next card; a new pack is shuffled when the last is used up."""
        if not self._left:
            self._left = self._rng.sample(self._cards, len(self._cards))
        return self._left.pop()


def other_place(rng: Random, here: Place, *, other_province: bool) -> Place:
    """Another place than `here`, in another province if asked."""
    choices = [
        (place, weight)
        for place, weight in places()
        if place != here and (place.province != here.province or not other_province)
    ]
    return rng.choices([place for place, _ in choices], [weight for _, weight in choices])[0]


def invent_person(number: int, rng: Random, numbers: Sequence[str], place: Place | None) -> Person:
    """Person `number` (from 1) with these phone numbers, in `place` or one that is drawn."""
    name = rng.choice(list(stage_names()))
    options = places()
    home = place or rng.choices([each for each, _ in options], [weight for _, weight in options])[0]
    voice = invent_voice(rng)
    handle = None
    if not numbers or rng.random() < 0.12:
        tail = rng.choice(("_", ".")) + rng.choice(("relax", "official", "vip", "real", "xoxo"))
        handle = f"{name.lower()}{tail}{number}".replace("è", "e").replace(".", "_")
    return Person(
        id=f"p{number:04d}",
        names=(name, *rng.sample(stage_names()[name], 2)),
        age=min(58, max(21, round(rng.gauss(31, 8)))),
        places=(home, other_place(rng, home, other_province=True)),
        numbers=tuple(numbers),
        handle=handle,
        price=rng.choice((50, 60, 70, 80, 80, 100, 100, 120, 150)),
        voice=voice,
        writings=habit(rng, voice.language),
    )


def other_name(person: Person, rng: Random) -> Person:
    """The same person under another stage name."""
    name = rng.choice([each for each in stage_names() if each != person.names[0]])
    return replace(person, names=(name, *rng.sample(stage_names()[name], 2)))


def shown_name(person: Person, rng: Random) -> str:
    """Her name as one advert writes it."""
    name = rng.choices((person.names[0], *person.names[1:]), (12, 3, 2))[0]
    if person.partner is not None:
        name = rng.choices((f"{name} e {person.partner}", name, person.partner), (6, 3, 1))[0]
    style = rng.random()
    if style < 0.12:
        return name.upper()
    if style < 0.2:
        return f"{name.upper()} ❤"
    if style < 0.25:
        return f"★{name}★"
    if style < 0.29:
        return name.lower()
    return name
