"""The adverts of one person of a corpus, in time, each with what happened since the one before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random

from demo.corpus.hands import changed
from demo.corpus.people import DAYS, Person, Population
from records.linking import LinkRecord

START = datetime(2025, 1, 6, tzinfo=UTC)
AGGREGATOR = "specchio"
AWAY = 14
"""Days without any advert that make a return (DESIGN.md, reappeared)."""
_MANY = 10
"""Who posts more than this is seldom away."""
_ADORNMENTS = ("vera", "bella", "dolce", "top", "new", "vip", "sexy")
# Ids count up by this step modulo 2**32, so that those of one person do not lie together.
_ID_STEP = 2_654_435_761
_DRIFTS = (*(0,) * 66, *(1,) * 9, *(-1,) * 9, *(-2,) * 6, *(-3,) * 4, 2, 2, 2, 3, 3, 3)


@dataclass(frozen=True, slots=True)
class Made:
    """An advert of a corpus, who is behind it, and what makes it easy or hard to link.

    `behaviours` are the marks of its person, and what changed since her advert before.
    """

    record: LinkRecord
    person: int
    behaviours: tuple[str, ...]


def variant(rng: Random, name: str) -> str:
    """What people make of a name."""
    kind = int(rng.random() * 9)
    if kind == 0:
        return name.upper()
    if kind == 1:
        return f"{name} {rng.choice(_ADORNMENTS)}"
    if kind == 2:
        return name + name[-1]
    if kind == 3:
        return name[:-1] if len(name) > 4 else name
    if kind == 4:
        return name.replace("i", "y", 1) if "i" in name else name + "h"
    if kind == 5:
        return f"✨{name}✨"
    if kind == 6:
        return name[: max(3, len(name) - 3)] + rng.choice(("y", "ina", "ella"))
    return name[:3] if kind == 7 else name[-4:].capitalize()


def _deck(weights: Mapping[str, float]) -> list[str]:
    """The keys as often as their weights say, in a hundredth parts: drawing is one look-up."""
    whole = sum(weights.values())
    return [key for key, weight in weights.items() for _ in range(round(100 * weight / whole))]


@dataclass(slots=True)
class _State:
    """Where a person stands between two adverts."""

    day: int
    until: int
    site: str
    city: tuple[str, str]
    named: str
    shown: str = ""
    body: tuple[str, ...] = ()
    marks: list[str] = field(default_factory=list)


class Advertising:
    """Makes the adverts of people, under the shares of a corpus."""

    def __init__(self, population: Population) -> None:
        """Chance, and new numbers, come from the population."""
        self._population, self._rng = population, population.rng
        self._given = 0
        shares = self._shares = population.shares
        self._gaps = _deck(shares.gaps)
        self._texts = {False: _deck(shares.texts), True: _deck(shares.texts_away)}

    def of(self, person: Person) -> Iterator[Made]:
        """Her adverts, and the copies that an aggregator makes of them."""
        chance = self._rng.random
        state = _State(person.from_day, 0, person.sites[0], person.cities[0], person.name)
        for number in range(person.adverts):
            state.marks = list(person.marks)
            if number:
                self._go_on(person, state)
                if state.day >= DAYS:
                    return
            made = self._advert(person, state, first=number == 0)
            yield made
            if chance() < self._shares.aggregated:
                yield self._copied(made)

    def _id(self) -> str:
        self._given += 1
        return f"a{self._given * _ID_STEP % 2**32:08x}"

    def _pick(self, deck: list[str]) -> str:
        return deck[int(self._rng.random() * len(deck))]

    def _go_on(self, person: Person, state: _State) -> None:
        """From one advert to the next: when, and what is different."""
        rng, chance, shares = self._rng, self._rng.random, self._shares
        gap = self._pick(self._gaps)
        if person.adverts > _MANY and gap in {"weeks", "months"} and chance() < 0.7:
            gap = "days"
        before = state.until
        if gap == "overlap":
            state.day = rng.randint(state.day, state.until)
        elif gap == "days":
            state.day = state.until + min(int(rng.expovariate(1 / 4)), AWAY - 1)
        else:
            mean = 25 if gap == "weeks" else 70
            state.day = state.until + AWAY + int(rng.expovariate(1 / mean))
        away = state.day - before >= AWAY
        if away:
            state.marks.append("returned")
        if chance() < (shares.renumbers_away if away else shares.renumbers):
            self._renumber(person, state, away)
        if away and chance() < shares.renames_away:
            state.named = person.name = self._population.name()
            state.marks.append("returned under a new name")
        if len(person.cities) > 1:
            moves = shares.moves_away if away else 0.5
        else:
            moves = shares.moves_away * 0.3 if away else shares.moves * 0.1
        if chance() < moves:
            self._move(person, state, away)
        if len(person.sites) > 1:
            state.site = rng.choice(person.sites)

    def _renumber(self, person: Person, state: _State, away: bool) -> None:
        self._population.retired.append(person.numbers[0])
        person.numbers[0] = self._population.numbers.new()
        state.marks.append("returned with a new number" if away else "number changed")

    def _move(self, person: Person, state: _State, away: bool) -> None:
        if len(person.cities) == 1:
            person.cities.append(self._population.city())
        city = self._rng.choice(person.cities)
        if city[1] != state.city[1]:
            state.marks.append("returned in another city" if away else "moved")
        state.city = city

    def _advert(self, person: Person, state: _State, *, first: bool) -> Made:
        rng, chance, shares = self._rng, self._rng.random, self._shares
        away = "returned" in state.marks
        kind = "fresh" if first else self._pick(self._texts[away])
        body = person.hand.sentences if first else changed(rng, person.hand, kind)
        self._mark_text(state, kind, tuple(body), first=first)
        shown = self._shown_name(person, state)
        phones, weak = self._phones(person)
        handles = (person.handle,) if person.handle and chance() < 0.75 else ()
        length = min(int(rng.expovariate(1 / 12)) + 1, 60)
        city, province = state.city
        price = person.price
        if chance() < 0.25:
            price = max(20, price + rng.choice((-20, -10, 10, 20, 30, 50)))
        age = person.age + state.day // 365 + _DRIFTS[int(chance() * len(_DRIFTS))]
        text = " ".join(body).replace("{name}", shown).replace("{city}", city)
        title = person.hand.title.replace("{name}", shown).replace("{city}", city)
        nickname = shown if chance() >= shares.no_name else None
        given_age = max(18, age) if chance() >= shares.no_age else None
        given_price = price * 100 if chance() >= shares.no_price else None
        given_city = city if chance() >= shares.no_city else None
        if [nickname, given_age, given_price, given_city].count(None) > 1:
            state.marks.append("fields missing")
        if not phones and not handles:
            state.marks.append("no contact")
        state.until = state.day + length
        begun = START + timedelta(days=state.day, minutes=rng.randrange(1440))
        record = LinkRecord(
            id=self._id(),
            site=state.site,
            seen_from=begun,
            seen_to=begun + timedelta(days=length),
            title=title if chance() < 0.8 else shown,
            text=text,
            nickname=nickname,
            age=given_age,
            price_cents=given_price,
            city=given_city,
            province=province if given_city or chance() < 0.5 else None,
            phones=phones,
            weak_phones=weak,
            handles=handles,
        )
        return Made(record, person.key, tuple(dict.fromkeys(state.marks)))

    def _mark_text(self, state: _State, kind: str, body: tuple[str, ...], *, first: bool) -> None:
        if first:
            pass
        elif body == state.body:
            soon = "returned" not in state.marks
            state.marks.append("bumped" if soon and kind == "same" else "re-posted")
        elif kind in {"fresh", "rewritten"}:
            state.marks.append("rewritten")
        else:
            state.marks.append("re-ordered" if kind == "re-ordered" else "edited")
        state.body = body

    def _shown_name(self, person: Person, state: _State) -> str:
        chance = self._rng.random
        name = state.named
        if person.second_name is not None and chance() < 0.4:
            name = person.second_name
            if "couple" in person.marks:
                name = f"{person.name} e {person.second_name}"
        if chance() < person.varies_name:
            name = variant(self._rng, name)
        if state.shown and name != state.shown:
            state.marks.append("name varied")
        state.shown = name
        return name

    def _phones(self, person: Person) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Confirmed and weakly read numbers of one advert."""
        chance = self._rng.random
        phones = [person.numbers[0]]
        if len(person.numbers) > 1 and chance() < 0.5:
            phones.append(person.numbers[1])
        if person.network is not None and chance() < person.shows_network:
            phones = [person.network] + (phones[:1] if chance() < 0.15 else [])
        if chance() < person.hides_number:
            return (), tuple(phones[:1]) if chance() < 0.5 else ()
        return tuple(phones), ()

    def _copied(self, made: Made) -> Made:
        """The aggregator's copy: a day or two later, in the same words, with less said."""
        rng, chance, record = self._rng, self._rng.random, made.record
        late = timedelta(days=rng.randint(1, 2), minutes=rng.randrange(600))
        assert record.seen_from is not None and record.seen_to is not None
        copy = replace(
            record,
            id=self._id(),
            site=AGGREGATOR,
            seen_from=record.seen_from + late,
            seen_to=record.seen_to + late,
            nickname=record.nickname if chance() < 0.6 else None,
            age=record.age if chance() < 0.7 else None,
            price_cents=record.price_cents if chance() < 0.5 else None,
            phones=record.phones if chance() < 0.85 else (),
            handles=record.handles if chance() < 0.5 else (),
        )
        return Made(copy, made.person, (*made.behaviours, "aggregator copy"))
