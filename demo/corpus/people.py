"""The people of a corpus, one after another: who they are, whose number and whose text they use.

What people share (switchboards, flats, templates, copied texts, recycled numbers) is found among
those who came shortly before, so that a million need little memory.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from demo.corpus.hands import Hand, country, fresh, new_hand, take_text, urn, vocabulary
from demo.corpus.shares import Shares

DAYS = 420
"""Length of the time over which adverts are spread."""
SITES = ("alfa", "beta", "gamma", "delta", "omega")
_AGES = range(19, 46)
_PRICES = (40, 50, 50, 60, 70, 80, 80, 100, 100, 120, 150, 200)
# Networks that still take people in: more, and members would lie too far apart in a short corpus.
_OPEN_NETWORKS = 4


@dataclass(slots=True)
class Person:
    """One person (or couple) and what is hers at present; her adverts change it as time goes.

    `numbers` are those she has now; `network` is the number of a switchboard or flat, shown in
    `shows_network` of her adverts. `marks` name what holds for all her adverts.
    """

    key: int
    hand: Hand
    name: str
    second_name: str | None
    age: int
    price: int
    cities: list[tuple[str, str]]
    numbers: list[str]
    handle: str | None
    network: str | None
    shows_network: float
    sites: list[str]
    varies_name: float
    hides_number: float
    from_day: int
    adverts: int
    marks: tuple[str, ...]


@dataclass(slots=True)
class _Network:
    """A switchboard or a flat that still takes `free` people in."""

    number: str
    handle: str | None
    city: tuple[str, str]
    template: Hand | None
    from_day: int
    free: int


@dataclass(slots=True)
class _Numbers:
    """Invented mobiles: 311 to 318, then a doubled digit and five more; each only once.

    A counter is scattered over all of them by a step that shares no factor with their count.
    """

    start: int
    given: int = 0

    def new(self) -> str:
        self.given += 1
        at = (self.start + self.given * 4_999_999) % 8_000_000
        pair, rest = divmod(at // 8, 100_000)
        return f"+3931{1 + at % 8}{pair}{pair}{rest:05d}"


@dataclass(slots=True)
class Population:
    """Everybody who lives in a corpus, drawn one by one."""

    rng: Random
    shares: Shares
    numbers: _Numbers = field(init=False)
    retired: deque[str] = field(default_factory=lambda: deque(maxlen=500))
    _people: int = 0
    _recent: deque[Hand] = field(default_factory=lambda: deque(maxlen=400))
    _templates: list[Hand] = field(default_factory=list)
    _networks: dict[str, list[_Network]] = field(default_factory=lambda: {"flat": [], "board": []})
    _names: list[str] = field(init=False)
    _cities: list[str] = field(init=False)
    _languages: list[str] = field(init=False)
    _ages: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.numbers = _Numbers(self.rng.randrange(8_000_000))
        self._names = urn(country()["names"], 5)
        self._cities = urn(country()["cities"], 4)
        self._ages = urn([str(age) for age in _AGES], 8)
        weights = self.shares.languages
        self._languages = self.rng.choices(list(weights), list(weights.values()), k=4096)

    def name(self) -> str:
        """A stage name, common ones more often."""
        return self._names[int(self.rng.random() * len(self._names))]

    def city(self) -> tuple[str, str]:
        """A city with its province."""
        city, province = self._cities[int(self.rng.random() * len(self._cities))].split(":")
        return city.replace("_", " "), province

    def people(self) -> Iterator[Person]:
        """One after another, without end."""
        while True:
            yield self._person()

    def _person(self) -> Person:
        rng, shares, chance = self.rng, self.shares, self.rng.random
        marks: list[str] = []
        hand = self._hand(self._language(), marks)
        count = 1 + min(30, int(rng.expovariate(1 / 2.25) + chance() * 0.9))
        if chance() < shares.heavy:
            count += min(32, 8 + int(rng.expovariate(1 / 8)))
            marks.append("heavy poster")
        cities = [self.city()]
        if chance() < shares.travels:
            cities += [self.city() for _ in range(rng.randint(1, 4))]
        name, second = self.name(), None
        if chance() < shares.couples:
            second = self.name()
            marks.append("couple")
        elif chance() < shares.second_name:
            second = self.name()
        numbers = [self.numbers.new()]
        if self.retired and chance() < shares.recycled:
            numbers = [self.retired.popleft()]
            marks.append("number recycled")
        elif chance() < shares.second_number:
            numbers.append(self.numbers.new())
        self._people += 1
        handle = f"h{self._people}{rng.randrange(1000):03d}" if chance() < shares.handle else None
        person = Person(
            key=self._people,
            hand=hand,
            name=name,
            second_name=second,
            age=int(self._ages[int(chance() * len(self._ages))]),
            price=rng.choice(_PRICES),
            cities=cities,
            numbers=numbers,
            handle=handle,
            network=None,
            shows_network=0.0,
            sites=rng.sample(SITES, (1, 1, 1, 1, 1, 2, 2, 2, 3)[int(chance() * 9)]),
            varies_name=rng.choice(shares.varies_name),
            hides_number=rng.choice(shares.hides_number),
            from_day=rng.randrange(DAYS - 10),
            adverts=count,
            marks=(),
        )
        self._organise(person, marks)
        person.marks = tuple(marks)
        self._recent.append(hand)
        return person

    def _hand(self, language: str, marks: list[str]) -> Hand:
        """A hand with a text of her own, or one that begins with a stranger's or a template."""
        rng, shares = self.rng, self.shares
        if self._people % 400 == 0:
            template = new_hand(rng, vocabulary(self._language(), shares.vocabulary))
            template.sentences = fresh(rng, template)
            self._templates.append(template)
        hand = new_hand(rng, vocabulary(language, shares.vocabulary))
        copying = rng.random()
        if copying < shares.copies and self._recent:
            take_text(rng, hand, rng.choice(self._recent))
            marks.append("copied text")
        elif shares.copies <= copying < shares.copies + shares.templates:
            take_text(rng, hand, rng.choice(self._templates))
            marks.append("template text")
        else:
            hand.sentences = fresh(rng, hand)
        return hand

    def _language(self) -> str:
        return self._languages[int(self.rng.random() * len(self._languages))]

    def _organise(self, person: Person, marks: list[str]) -> None:
        """Put some people behind a switchboard or into a shared flat."""
        rng, dice = self.rng, self.rng.random()
        if dice < self.shares.flats:
            kind, mark = "flat", "shared flat"
        elif dice < self.shares.flats + self.shares.boards:
            kind, mark = "board", "switchboard"
        else:
            return
        marks.append(mark)
        place = self._network(kind, person)
        person.network = place.number
        person.shows_network = rng.choice((0.5, 0.8, 0.95, 1.0))
        person.from_day = min(max(place.from_day + rng.randint(-60, 60), 0), DAYS - 10)
        if rng.random() < 0.7 or kind == "flat":
            person.cities[0] = place.city
        if place.handle and rng.random() < 0.3:
            person.handle = place.handle
        template = place.template
        if template is not None and template is not person.hand and rng.random() < 0.7:
            take_text(rng, person.hand, template)
            marks.append("template text")

    def _network(self, kind: str, first: Person) -> _Network:
        """One that takes somebody in, or a new one that `first` opens."""
        rng, open_ones = self.rng, self._networks[kind]
        place: _Network | None = None
        if len(open_ones) >= _OPEN_NETWORKS:
            place = rng.choice(open_ones)
        if place is None:
            small = kind == "flat"
            size = rng.choice((2, 2, 2, 3, 3, 4)) if small else 3 + int(rng.expovariate(0.2))
            place = _Network(
                self.numbers.new(),
                None if small else f"b{self._people}{rng.randrange(1000):03d}",
                first.cities[0],
                first.hand if rng.random() < self.shares.templated else None,
                first.from_day,
                min(size, 25),
            )
            open_ones.append(place)
        place.free -= 1
        if not place.free:
            open_ones.remove(place)
        return place
