"""The simulated town: who advertises what, where, on which day, and what truly happened.

Everything follows from the seed; the same arguments give the same town on every machine.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from random import Random
from zlib import crc32

from demo.adverts import AGGREGATOR, SITES, Advertiser, Content, Plan
from demo.lives import Behaviour, Episode, Fates
from demo.people import Deck, Numbers, Person, Place, invent_person, other_name
from demo.texts import Draft
from demo.truth import Event, Seen, events_of

ALL_SITES = (*SITES, AGGREGATOR)
_LATEST = datetime.max


@dataclass(frozen=True, slots=True)
class Showing:
    """An advert as its site shows it on one day. `posted` is local; `numbers` as in Content."""

    site: str
    ad_id: str
    person: str
    title: str
    body: str
    name: str | None
    age: int | None
    price: str | None
    place: Place
    numbers: frozenset[str]
    field: tuple[str, ...]
    channel: str
    posted: datetime
    promoted: bool


@dataclass(frozen=True, slots=True)
class TownAdvert:
    """An advert of the town under the id that its site gave it."""

    ad_id: str
    plan: Plan

    @property
    def key(self) -> tuple[str, str]:
        """(site, ad id)."""
        return self.plan.site, self.ad_id


@dataclass(slots=True)
class _Network:
    """A shared number, and how many people are still to join it: a flat has one `place`, those of
    a switchboard may be anywhere. `template` is the text that its members use, if they share one.
    """

    kind: str
    number: str
    place: Place | None
    free: int
    shares_text: bool
    template: Draft | None = None


@dataclass(frozen=True, slots=True)
class _Contact:
    """What the next person begins with, and the network that she belongs to."""

    numbers: tuple[str, ...]
    place: Place | None = None
    network: _Network | None = None
    marks: tuple[str, ...] = ()


class Town:
    """About `adverts` distinct adverts over `days` days from `start` on, by invented people."""

    def __init__(
        self,
        seed: int,
        adverts: int,
        days: int,
        start: date,
        behaviour: Behaviour | None = None,
    ) -> None:
        """People are added until they have placed `adverts` adverts; the last one may exceed it."""
        self.seed, self.days, self.start = seed, days, start
        self._behaviour = behaviour or Behaviour()
        self._numbers = Numbers(Random(f"{seed}/numbers"))
        self._fates = Fates(Random(f"{seed}/fates"), self._behaviour, days, self._numbers.fresh)
        self._contacts = Deck(Random(f"{seed}/contacts"), self._behaviour.contacts)
        self._network: _Network | None = None
        self._left_behind: list[tuple[int, str]] = []
        self.people: dict[str, Person] = {}
        self.lives: dict[str, tuple[Episode, ...]] = {}
        self.marks: dict[str, tuple[str, ...]] = {}
        self.adverts = self._with_ids(self._settle(adverts))
        self._by_site: dict[str, list[TownAdvert]] = defaultdict(list)
        for advert in self.adverts:
            self._by_site[advert.plan.site].append(advert)

    def _settle(self, adverts: int) -> list[Plan]:
        plans: list[Plan] = []
        drafts: list[Draft] = []
        behaviour = self._behaviour
        while len(plans) < adverts:
            number = len(self.people) + 1
            rng = Random(f"{self.seed}/person/{number}")
            arrival = self._fates.arrival()
            contact = self._contact(rng, arrival)
            marks = list(contact.marks)
            person = invent_person(number, rng, contact.numbers, contact.place)
            if rng.random() < behaviour.couples:
                person = replace(person, partner=other_name(person, rng).names[0])
                marks.append("couple")
            model = contact.network.template if contact.network else None
            if model is not None:
                marks.append("template text")
            elif drafts and rng.random() < behaviour.copies_a_text:
                model = rng.choice(drafts)
                marks.append("copied text")
            heavy = rng.random() < behaviour.heavy_posters
            life = self._fates.life(person, arrival)
            advertiser = Advertiser(person, rng, behaviour, model, heavy=heavy)
            drafts.append(advertiser.draft)
            if contact.network and contact.network.shares_text:
                contact.network.template = contact.network.template or advertiser.draft
            self.people[person.id], self.lives[person.id] = person, life
            self.marks[person.id] = (*marks, "heavy poster") if heavy else tuple(marks)
            plans += advertiser.plans(life)
            if person.numbers and life[-1].last < self.days - 1:
                self._left_behind.append((life[-1].last, life[-1].numbers[0]))
        return plans

    def _contact(self, rng: Random, arrival: int) -> _Contact:
        """The numbers of the next person, and what a shared flat or a switchboard gives her."""
        if self._network is not None and self._network.free:
            return self._member(self._network, rng)
        old = [number for last, number in self._left_behind if last <= arrival - 4]
        if old and rng.random() < self._behaviour.recycles_a_number:
            number = rng.choice(old)
            self._left_behind = [each for each in self._left_behind if each[1] != number]
            return _Contact((number,), marks=("number recycled",))
        kind = self._contacts.draw()
        if kind == "handle":
            return _Contact(())
        numbers = tuple(self._numbers.fresh() for _ in range(2 if kind == "two" else 1))
        if not kind.startswith("opens_"):
            return _Contact(numbers)
        flat = kind == "opens_flat"
        sizes = self._behaviour.flat_sizes if flat else self._behaviour.switchboard_sizes
        self._network = _Network(
            "shared flat" if flat else "switchboard",
            numbers[0],
            invent_person(0, rng, numbers, None).places[0] if flat else None,
            rng.choices(list(sizes), list(sizes.values()))[0],
            shares_text=rng.random() < self._behaviour.networks_share_a_text,
        )
        return self._member(self._network, rng)

    def _member(self, network: _Network, rng: Random) -> _Contact:
        network.free -= 1
        numbers: tuple[str, ...] = (network.number,)
        if network.kind == "switchboard" and rng.random() < 0.3:
            numbers = (network.number, self._numbers.fresh())
        return _Contact(numbers, network.place, network, (network.kind,))

    def _with_ids(self, plans: Sequence[Plan]) -> tuple[TownAdvert, ...]:
        """Ids as each site gives them: counted up where posts come in, or drawn."""
        rng = Random(f"{self.seed}/ids")
        counters = {"piazzetta": 482_000, AGGREGATOR: 61_000}
        adverts = []
        for number, plan in enumerate(
            sorted(plans, key=lambda each: (each.posted[0], each.minute, each.person))
        ):
            if plan.site in counters:
                counters[plan.site] += rng.randint(1, 23)
                ad_id = str(counters[plan.site])
            else:
                # Letters first, so that no id can be taken for a number.
                code = crc32(f"{self.seed}/{plan.site}/{number}".encode())
                ad_id = f"{'abcdefghkmnp'[code % 12]}{number:03x}{code % 46_656:04x}"
            adverts.append(TownAdvert(ad_id, plan))
        return tuple(adverts)

    def day(self, number: int) -> date:
        """The local date of day `number` (from 0)."""
        return self.start + timedelta(days=number)

    def on(self, day: date) -> Mapping[str, tuple[Showing, ...]]:
        """What each site lists on `day`, in its order: promoted adverts, then the latest posted."""
        number = (day - self.start).days
        return {
            site: tuple(
                sorted(
                    (
                        self._showing(advert, number)
                        for advert in self._by_site[site]
                        if advert.plan.visible(number)
                    ),
                    key=lambda each: (not each.promoted, _LATEST - each.posted, each.ad_id),
                )
            )
            for site in ALL_SITES
        }

    def _showing(self, advert: TownAdvert, number: int) -> Showing:
        plan = advert.plan
        content: Content = plan.content(number)
        posted = max(day for day in plan.posted if day <= number)
        at = time(plan.minute // 60, plan.minute % 60)
        if posted == number:
            at = time(
                plan.minute % 5, plan.minute % 60
            )  # what is crawled at dawn was posted at night
        return Showing(
            site=plan.site,
            ad_id=advert.ad_id,
            person=plan.person,
            title=content.title,
            body=content.body,
            name=content.name,
            age=content.age,
            price=content.price,
            place=content.place,
            numbers=content.numbers,
            field=content.field,
            channel=content.channel,
            posted=datetime.combine(self.day(posted), at),
            promoted=number in plan.promoted,
        )

    def events(self, sites: Collection[str] = ALL_SITES) -> tuple[Event, ...]:
        """The true events as far as `sites` show them."""
        days = []
        for number in range(self.days):
            visible: dict[str, Seen] = {}
            for site, showings in self.on(self.day(number)).items():
                for each in showings if site in sites else ():
                    before = visible.get(each.person, Seen(frozenset(), frozenset()))
                    visible[each.person] = Seen(
                        before.numbers | each.numbers, before.provinces | {each.place.province}
                    )
            days.append(visible)
        return events_of(self.start, days)

    @cached_property
    def owners(self) -> Mapping[tuple[str, str], str]:
        """The person behind each (site, ad id)."""
        return {advert.key: advert.plan.person for advert in self.adverts}

    @cached_property
    def numbers(self) -> tuple[str, ...]:
        """Every number that an advert ever shows, E.164, sorted."""
        shown = (each.numbers for advert in self.adverts for each in advert.plan.contents)
        return tuple(sorted(frozenset().union(*shown)))
