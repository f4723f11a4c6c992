"""From a person's life to her adverts: on which sites, under which ids, in which words."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from random import Random

from demo.lives import Behaviour, Episode
from demo.people import Person, Place, other_name, shown_name, stage_names
from demo.texts import (
    Draft,
    contact_sentence,
    copied,
    fill_body,
    fill_title,
    renewed,
    reordered,
    reworded,
    write_draft,
)
from demo.writings import write

SITES = {"piazzetta": 5, "lanterna": 4, "girandola": 3}
"""The sites that people advertise on, with how often they are chosen."""
AGGREGATOR = "specchio"
AGGREGATED = ("piazzetta", "lanterna")
"""The aggregator copies adverts of these sites, a day or two late."""

Channel = str


@dataclass(frozen=True, slots=True)
class Content:
    """What an advert says from day `since` on.

    `numbers` are all that it shows (E.164); `field` those of them in the site's own field or link,
    which goes by `channel` (`tel` or `wa`). The others stand in `title` or `body`.
    """

    since: int
    title: str
    body: str
    name: str | None
    age: int | None
    price: str | None
    place: Place
    numbers: frozenset[str]
    field: tuple[str, ...]
    channel: Channel


@dataclass(frozen=True, slots=True)
class Plan:
    """An advert over time. `spans` are stretches of days, both included, and may lie weeks apart;
    `posted` are the days on which it was posted or bumped; the first may lie before day 0.
    """

    site: str
    person: str
    spans: tuple[tuple[int, int], ...]
    contents: tuple[Content, ...]
    posted: tuple[int, ...]
    promoted: frozenset[int]
    minute: int

    def visible(self, day: int) -> bool:
        """Whether its site lists it that day."""
        return any(first <= day <= last for first, last in self.spans)

    def content(self, day: int) -> Content:
        """What it says that day."""
        return [each for each in self.contents if each.since <= day][-1]


@dataclass(slots=True)
class _Open:
    """An advert that is being planned."""

    site: str
    draft: Draft
    name: str
    spans: list[tuple[int, int]]
    contents: list[Content] = field(default_factory=list)


class Advertiser:
    """Plans the adverts of one person."""

    def __init__(
        self,
        person: Person,
        rng: Random,
        behaviour: Behaviour,
        model: Draft | None,
        *,
        heavy: bool = False,
    ) -> None:
        """`model` is a text that she copies, None for those who write their own; who is `heavy` has
        several adverts at once on every site.
        """
        self._person = person
        self._rng = rng
        self._behaviour = behaviour
        self._voice = person.voice
        self.draft = write_draft(self._voice, rng)
        if model is not None and model.voice.language == self._voice.language:
            self.draft = copied(model, self._voice, rng)
        self._heavy = heavy
        self._done: list[_Open] = []

    def plans(self, life: tuple[Episode, ...]) -> list[Plan]:
        """Her adverts over her whole life, the aggregator's copies included."""
        open_ads: dict[tuple[str, int], _Open] = {}
        sites = self._choose_sites()
        for number, episode in enumerate(life):
            if episode.change == "absence" and self._chance(0.3):
                sites = self._choose_sites()
            if episode.rewritten:
                self._voice = renewed(self._voice, self._rng)
                self.draft = write_draft(self._voice, self._rng)
            if episode.renamed:
                self._person = other_name(self._person, self._rng)
            following = life[number + 1] if number + 1 < len(life) else None
            places = [(site, copy) for copy in range(3 if self._heavy else 1) for site in sites]
            open_ads = {
                place: self._advertise(episode, following, place[0], open_ads.get(place), at)
                for at, place in enumerate(places)
            }
        plans = [self._plan(each) for each in self._done]
        return plans + [copy for plan in plans if (copy := self._mirrored(plan)) is not None]

    def _chance(self, share: float) -> bool:
        return self._rng.random() < share

    def _choose_sites(self) -> list[str]:
        sizes = self._behaviour.sites_of_a_person
        left = dict(SITES)
        chosen = []
        for _ in range(self._rng.choices(list(sizes), list(sizes.values()))[0]):
            site = self._rng.choices(list(left), list(left.values()))[0]
            del left[site]
            chosen.append(site)
        return chosen

    def _advertise(
        self, episode: Episode, following: Episode | None, site: str, before: _Open | None, at: int
    ) -> _Open:
        """The episode on one site; returns the advert that is open at its end.

        The first site covers the episode to the day; on the others she comes later and goes
        earlier.
        """
        first, last = episode.first, episode.last
        if at and episode.change != "place":
            first = min(last, first + self._rng.choice((0, 0, 0, 1, 2, 3)))
        if at and (following is None or following.change == "absence"):
            last = max(first, last - self._rng.choice((0, 0, 1, 2)))
        current = before
        if current is not None and self._continues(episode):
            if episode.change == "absence":
                current.spans.append((first, last))
            else:
                current.spans[-1] = (current.spans[-1][0], last)
            if episode.rewritten:
                current.draft = self.draft
            self._say(current, first, episode)
        else:
            if current is not None and episode.change == "number":
                # The advert with the old number goes when the one with the new number comes.
                current.spans[-1] = (current.spans[-1][0], max(current.spans[-1][0], first - 1))
            current = self._post(site, first, last, episode)
        if last - first >= 4 and self._chance(self._behaviour.edits):
            current.draft = reworded(current.draft, self._rng, 0.2)
            self._say(current, self._rng.randint(first + 1, last), episode)
        return self._reposted(current, first, last, episode)

    def _continues(self, episode: Episode) -> bool:
        shares = {
            "absence": self._behaviour.same_id_after_absence,
            "number": self._behaviour.number_edited_in_place,
            "place": self._behaviour.moves_in_place,
        }
        return self._chance(shares[episode.change])

    def _reposted(self, current: _Open, first: int, last: int, episode: Episode) -> _Open:
        """Post again under a new id: the old one goes the day before, or lingers a day or two."""
        if last - first < 5 or not self._chance(
            self._behaviour.reposts * min(1.0, (last - first) / 18)
        ):
            return current
        day = self._rng.randint(first + 3, last - 1)
        lingers = day - 1 + self._rng.choice((-1, 0, 0, 0, 1, 2))
        current.spans[-1] = (current.spans[-1][0], max(current.spans[-1][0], lingers))
        current.contents = [each for each in current.contents if each.since <= current.spans[-1][1]]
        return self._post(current.site, day, last, episode)

    def _post(self, site: str, first: int, last: int, episode: Episode) -> _Open:
        dice = self._rng.random()
        draft = self.draft
        if dice > 0.9:
            draft = write_draft(self._voice, self._rng)
        elif dice > 0.55:
            draft = reworded(draft, self._rng, 0.25)
        elif dice > 0.48:
            draft = reordered(draft, self._rng)
        name = shown_name(self._person, self._rng)
        if self._chance(self._behaviour.other_name):
            name = self._rng.choice(list(stage_names()))
        advert = _Open(site, draft, name, [(first, last)])
        self._say(advert, first, episode)
        self._done.append(advert)
        return advert

    def _say(self, advert: _Open, since: int, episode: Episode) -> None:
        """Add what the advert says from `since` on."""
        person, rng = self._person, self._rng
        numbers = episode.numbers
        if len(numbers) > 1 and self._chance(0.5):
            numbers = (rng.choice(numbers),)
        where = rng.choices(("field", "text", "both"), (45, 35, 20))[0] if numbers else "text"
        sentences = []
        if numbers and where != "field":
            written = [write(each, rng.choice(person.writings), rng) for each in numbers]
            values = dict(zip(("number", "second"), written, strict=False))
            kind = "two" if len(numbers) > 1 else "number"
            sentences.append(contact_sentence(person.voice.language, kind, rng, **values))
        if person.handle and (not numbers or self._chance(0.5)):
            language = person.voice.language
            sentences.append(contact_sentence(language, "handle", rng, handle=person.handle))
        city = episode.place.city
        content = Content(
            since=since,
            title=fill_title(advert.draft, advert.name, city),
            body=fill_body(advert.draft, advert.name, city, sentences),
            name=None if self._chance(self._behaviour.nameless) else advert.name,
            age=self._age(),
            price=self._price(),
            place=episode.place,
            numbers=frozenset(numbers),
            field=numbers if where != "text" else (),
            channel=rng.choice(("tel", "tel", "tel", "wa")),
        )
        advert.contents = [each for each in advert.contents if each.since < since] + [content]

    def _age(self) -> int | None:
        if self._chance(0.15):
            return None
        return max(21, self._person.age + self._rng.choice((-2, -1, -1, 0, 0, 0, 0, 1)))

    def _price(self) -> str | None:
        if self._chance(0.25):
            return None
        euros = self._person.price + self._rng.choice((-10, 0, 0, 0, 0, 10, 20))
        return self._rng.choice((f"{euros} €", f"€ {euros}", f"{euros} rose", f"da {euros} €"))

    def _plan(self, advert: _Open) -> Plan:
        rng = self._rng
        days = [day for first, last in advert.spans for day in range(first, last + 1)]
        begun = days[0] or -rng.randint(1, 40)
        bumped = [day for day in days if self._chance(self._behaviour.bumps_a_day)]
        returns = [first for first, _ in advert.spans[1:]]
        return Plan(
            site=advert.site,
            person=self._person.id,
            spans=tuple(advert.spans),
            contents=tuple(advert.contents),
            posted=tuple(sorted({begun, *bumped, *returns})),
            promoted=frozenset(day for day in days if self._chance(0.08)),
            minute=rng.randrange(5 * 60, 24 * 60),
        )

    def _mirrored(self, plan: Plan) -> Plan | None:
        """The aggregator's copy: late, in the same words, gone a little after its source."""
        if plan.site not in AGGREGATED or not self._chance(self._behaviour.aggregated):
            return None
        late = self._rng.randint(1, 2)
        baseline = plan.spans[0][0] == 0
        first = 0 if baseline and self._chance(0.6) else plan.spans[0][0] + late
        last = plan.spans[0][1] + self._rng.randint(0, 2)
        if first > plan.spans[0][1]:
            return None
        return replace(
            plan,
            site=AGGREGATOR,
            spans=((first, last),),
            contents=tuple(
                replace(each, since=each.since if number == 0 else each.since + late)
                for number, each in enumerate(plan.contents)
                if number == 0 or each.since + late <= last
            ),
            posted=(first,),
            promoted=frozenset(),
            minute=self._rng.randrange(24 * 60),
        )
