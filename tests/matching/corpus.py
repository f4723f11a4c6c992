"""Invented people and their adverts, with the truth: what `link` is measured on.

The behaviours and their shares follow the project's matching notes: about 3.2 adverts a person,
numbers shared by switchboards and flatmates, changed and recycled; texts copied between strangers
and circulated as templates; names varied; people who travel; absences of weeks.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from wording import WORDS, Writer, copied, edited, writer, written

from records.linking import LinkRecord

NAMES = " ".join(WORDS["names"]).split()
CITIES = tuple(tuple(pair.split(":")) for pair in " ".join(WORDS["cities"]).split())
SITES = ("alfa", "beta", "gamma", "delta", "omega")
START = datetime(2025, 1, 6, tzinfo=UTC)
DAYS = 420


@dataclass
class Person:
    """One person (or couple) behind adverts."""

    key: int
    hand: Writer
    names: list[str]
    age: int
    price: int
    cities: list[tuple[str, str]]
    numbers: list[tuple[int, str]]  # (from day, number), in time
    second_number: str | None
    handle: str | None
    switchboard: str | None
    shows_switchboard: float
    sites: list[str]
    varies_name: float
    hides_number: float


@dataclass
class Corpus:
    """Adverts and who wrote them."""

    records: list[LinkRecord]
    person: dict[str, int]
    people: list[Person] = field(default_factory=list)


class _Numbers:
    """Invented mobiles: prefixes 311 to 318, never the same twice."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._given: set[str] = set()

    def new(self) -> str:
        while True:
            number = f"+39{self._rng.randint(311, 318)}{self._rng.randrange(10**7):07d}"
            if number not in self._given:
                self._given.add(number)
                return number


def _zipf(count: int, shift: float) -> list[float]:
    return [1.0 / (rank + shift) for rank in range(count)]


def _city(rng: random.Random) -> tuple[str, str]:
    return rng.choices(CITIES, _zipf(len(CITIES), 4))[0]  # type: ignore[return-value]


def _variant(rng: random.Random, name: str) -> str:
    choices = (
        name.upper(),
        name + " " + rng.choice(("vera", "bella", "dolce", "top", "new", "vip", "sexy")),
        name + name[-1],
        name[:-1] if len(name) > 4 else name,
        name.replace("i", "y", 1) if "i" in name else name + "h",
        "✨" + name + "✨",
        name[: max(3, len(name) - 3)] + rng.choice(("y", "ina", "ella")),
        name[:3],
        name[-4:].capitalize(),
    )
    return rng.choice(choices)


def _people(rng: random.Random, count: int, hard: float) -> list[Person]:
    numbers = _Numbers(rng)
    weights = _zipf(len(NAMES), 5)
    people: list[Person] = []
    retired: list[tuple[int, str]] = []
    templates = [writer(rng, "it") for _ in range(max(2, count // 400))]
    while len(people) < count:
        language = rng.choices(("it", "en", "es"), (78, 12, 10))[0]
        hand = writer(rng, language)
        copying = rng.random()
        if people and copying < 0.15 * hard:
            copied(rng, hand, rng.choice(people[-400:]).hand)
        elif copying < 0.25 * hard:
            copied(rng, hand, rng.choice(templates))
        names = [rng.choices(NAMES, weights)[0]]
        if rng.random() < 0.2 * hard:
            names.append(rng.choices(NAMES, weights)[0])
        cities = [_city(rng)]
        if rng.random() < 0.22:
            cities += [_city(rng) for _ in range(rng.randint(1, 4))]
        own = [(0, numbers.new())]
        change = rng.random()
        changes = 0 if change > 0.6 * hard else 1 if change > 0.18 else rng.randint(2, 4)
        for day in sorted(rng.randrange(20, DAYS) for _ in range(changes)):
            retired.append((day, own[-1][1]))
            own.append((day, numbers.new()))
        if retired and rng.random() < 0.03 * hard:
            day, number = rng.choice(retired)
            own = [(0, numbers.new()), (min(day + 100, DAYS), number)]
        people.append(
            Person(
                len(people),
                hand,
                names,
                rng.choices(range(19, 46), _zipf(27, 8))[0],
                rng.choice((40, 50, 50, 60, 70, 80, 80, 100, 100, 120, 150, 200)),
                cities,
                own,
                numbers.new() if rng.random() < 0.1 else None,
                f"h{rng.randrange(10**9)}" if rng.random() < 0.22 else None,
                None,
                0.0,
                rng.sample(SITES, rng.choices((1, 2, 3), (5, 3, 1))[0]),
                rng.choice((0.0, 0.1, 0.3, 0.6)),
                rng.choice((0.0, 0.1, 0.2, 0.4)),
            )
        )
    _organise(rng, people, numbers, hard)
    return people


def _organise(rng: random.Random, people: list[Person], numbers: _Numbers, hard: float) -> None:
    """Put some people behind switchboards or into shared flats."""
    order = rng.sample(people, len(people))
    place = 0
    while place < len(people) * 0.26 * hard:
        flat = rng.random() < 0.5
        size = 2 if flat else min(25, int(3 + rng.expovariate(0.2)))
        members = order[place : place + size]
        place += size
        number, handle = numbers.new(), f"h{rng.randrange(10**9)}"
        template = members[0].hand
        town = members[0].cities[0]
        shares_text = rng.random() < 0.6
        for member in members:
            member.switchboard = number
            member.shows_switchboard = rng.choice((0.5, 0.8, 0.95, 1.0))
            if rng.random() < 0.7:
                member.cities = [town, *member.cities[1:]]
            if not flat and rng.random() < 0.3:
                member.handle = handle
            if member is not members[0] and shares_text and rng.random() < 0.7:
                copied(rng, member.hand, template)


def _adverts_of(rng: random.Random, person: Person) -> list[dict[str, object]]:
    mean_left = 2.2
    count = 1 + min(30, int(rng.expovariate(1 / mean_left) + rng.random() * 0.9))
    if rng.random() < 0.02:
        count += rng.randint(8, 20)
    day = rng.randrange(DAYS - 10)
    adverts = []
    stay = person.cities[0]
    for _ in range(count):
        length = min(int(rng.expovariate(1 / 12)) + 1, 60)
        number = [value for start, value in person.numbers if start <= day][-1]
        phones = [number]
        if person.second_number and rng.random() < 0.5:
            phones.append(person.second_number)
        if person.switchboard and rng.random() < person.shows_switchboard:
            phones = [person.switchboard] + (phones[:1] if rng.random() < 0.15 else [])
        weak: list[str] = []
        if rng.random() < person.hides_number:
            phones, weak = [], phones[:1] if rng.random() < 0.5 else []
        name = rng.choice(person.names) if rng.random() < 0.4 else person.names[0]
        shown = _variant(rng, name) if rng.random() < person.varies_name else name
        if len(person.cities) > 1 and rng.random() < 0.5:
            stay = rng.choice(person.cities)
        drift = rng.choices((0, 1, -1, -2, -3, 2, 3), (66, 9, 9, 6, 4, 3, 3))[0]
        price = person.price + (
            rng.choice((-20, -10, 10, 20, 30, 50)) if rng.random() < 0.25 else 0
        )
        text = edited(rng, person.hand)
        adverts.append(
            {
                "site": rng.choice(person.sites),
                "seen_from": START + timedelta(days=day, hours=rng.randrange(24)),
                "seen_to": START + timedelta(days=day + length, hours=rng.randrange(24)),
                "title": shown if rng.random() < 0.5 else f"{shown} {stay[0]} {text[-1]}",
                "text": written(text, shown),
                "nickname": shown if rng.random() < 0.88 else None,
                "age": person.age + day // 365 + drift if rng.random() < 0.85 else None,
                "price_cents": price * 100 if rng.random() < 0.65 else None,
                "city": stay[0] if rng.random() < 0.95 else None,
                "province": stay[1] if rng.random() < 0.97 else None,
                "phones": tuple(phones),
                "weak_phones": tuple(weak),
                "handles": (person.handle,) if person.handle and rng.random() < 0.75 else (),
            }
        )
        gap = rng.choices((1, 5, 25, 60), (30, 40, 20, 10))[0]
        day = day + rng.choice((0, length)) + int(rng.expovariate(1 / gap))
        if day >= DAYS:
            break
    return adverts


def corpus(adverts: int, seed: int = 1, hard: float = 1.0) -> Corpus:
    """About `adverts` adverts, in random order. `hard` scales the shares of difficult behaviour."""
    rng = random.Random(f"corpus:{seed}")
    people = _people(rng, round(adverts / 3.2), hard)
    rows = [(person.key, advert) for person in people for advert in _adverts_of(rng, person)]
    rng.shuffle(rows)
    made = Corpus([], {}, people)
    for number, (key, advert) in enumerate(rows):
        record = LinkRecord(id=f"a{number}", **advert)  # type: ignore[arg-type]
        made.records.append(record)
        made.person[record.id] = key
    return made
