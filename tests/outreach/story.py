"""A small town told day by day: a real config, a real SQLite store, crawls and passes by hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from config import load
from outreach.report import publish
from records.adverts import Advert
from records.contacts import FoundContact, Tier
from records.flags import Flag, FlagKind, Reason
from records.passes import FoundLink, PassResult
from records.verdicts import PartitionOutcome, PartitionVerdict, RunOutcome
from storage import Store, create_store

ROME = ZoneInfo("Europe/Rome")

FARO_TOML = """
timezone = "Europe/Rome"
language = "{language}"
[matching]
baseline_cap = {baseline_cap}
[[units]]
id = "treviso"
name = "Unità Treviso"
provinces = ["TV", "BL"]
list_size = {list_size}
[[units]]
id = "padova"
name = "Unità Padova"
provinces = ["PD"]
"""

SITE_TOML = """
name = "Vetrina"
enabled = {enabled}
[legal]
allow_loopback = true
[list]
card = "css:li"
start = [
  {{ id = "veneto", url = "http://127.0.0.1:9/{id}/veneto" }},
  {{ id = "padova", url = "http://127.0.0.1:9/{id}/padova" }},
]
[list.fields]
id = "css:a::attr(id)"
url = "css:a::attr(href)"
title = "css:a::text"
"""


def rome(text: str) -> datetime:
    """A local moment of Rome as aware UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=ROME).astimezone(UTC)


def phone(last: int, tier: Tier = "confirmed") -> FoundContact:
    """An invented mobile that ends in `last`."""
    value = f"+3931144556{last:02d}"
    return FoundContact(
        kind="phone",
        value=value,
        tier=tier,
        channel="call",
        where="field",
        raw=value,
        rule="test",
        confidence=1.0,
        line="mobile",
    )


class Story:
    """One town. `open()` adverts stay on their site until they are taken `down()`."""

    def __init__(
        self,
        folder: Path,
        start: str,
        *,
        list_size: int = 20,
        language: str = "it",
        baseline_cap: int = 50,
    ) -> None:
        config = folder / "config"
        (config / "sites").mkdir(parents=True)
        (config / "faro.toml").write_text(
            FARO_TOML.format(list_size=list_size, language=language, baseline_cap=baseline_cap),
            "utf-8",
        )
        for name, enabled in (("vetrina", "true"), ("dismesso", "false")):
            text = SITE_TOML.format(id=name, enabled=enabled)
            (config / "sites" / f"{name}.toml").write_text(text, "utf-8")
        self.config = load(config)
        self.now = rome(start)
        self.store: Store = create_store(self.config, simulated=True, at=self.now)
        self._shown: dict[str, Advert] = {}
        self._profiles: dict[str, int] = {}

    def at(self, local: str) -> Story:
        self.now = rome(local)
        return self

    def open(self, *names: str, province: str = "TV", city: str = "Treviso", **more: Any) -> None:
        """Put an advert on the site for each name; the name is its id there."""
        for name in names:
            number = phone(len(self._shown) % 90 + 10)
            advert = Advert(
                site="vetrina",
                partition="padova" if province == "PD" else "veneto",
                ad_id=name,
                url=f"http://127.0.0.1:9/a/{name}",
                seen_at=self.now,
                page=1,
                position=len(self._shown) + 1,
                title=f"Annuncio {name}",
                text=f"Ciao, sono {name}.",
                card=name,
                has_detail=False,
                nickname=name,
                province=province,
                city=city,
                language="it",
                contacts=(number,),
            )
            self._shown[name] = replace(advert, **more)

    def down(self, *names: str) -> None:
        for name in names:
            del self._shown[name]

    def crawl(
        self,
        local: str | None = None,
        verdict: PartitionVerdict = PartitionVerdict.COMPLETE,
        partitions: Sequence[str] = ("veneto", "padova"),
    ) -> None:
        """One run that sees everything on the site, unless it is blocked."""
        if local:
            self.at(local)
        run = self.store.start_run(
            "vetrina", list(partitions), self.now, slot=None, pid=1, host="test"
        )
        seen = [
            replace(each, seen_at=self.now)
            for each in self._shown.values()
            if each.partition in partitions and verdict is not PartitionVerdict.BLOCKED
        ]
        self.store.record(run, seen)
        counts = {name: sum(each.partition == name for each in seen) for name in partitions}
        self.store.finish_run(
            run,
            self.now,
            RunOutcome(
                tuple(
                    PartitionOutcome(name, verdict, cards=counts[name], stored=counts[name])
                    for name in partitions
                )
            ),
        )

    def advert(self, name: str) -> int:
        found = {each.ad_id: each.advert for each in self.store.current_adverts("vetrina")}
        return found[name]

    def number(self, name: str) -> str:
        """The number that an advert shows."""
        found = {each.ad_id: each for each in self.store.current_adverts("vetrina")}
        return found[name].contacts[0].value

    def flag(
        self,
        *names: str,
        kind: str = "new",
        unit: str | None = "treviso",
        raised_at: datetime | None = None,
        probability: float = 1.0,
        doubtful: bool = False,
    ) -> None:
        """A pass that flags the profile of each advert, made now when it has none."""
        flags, members, units = [], [], []
        for number, name in enumerate(names):
            advert = self.advert(name)
            profile: int | str = self._profiles.get(name, f"new-{number + 1}")
            if isinstance(profile, str):
                members.append((advert, profile, 1.0))
            units.append((profile, unit))
            flags.append(
                Flag(
                    profile=profile,
                    kind=FlagKind(kind),
                    raised_at=raised_at or self.now,
                    adverts=(advert,),
                    reasons=(
                        Reason("first_seen", {"date": "2026-03-01", "place": "Treviso (TV)"}),
                        *((Reason("doubtful_link"),) if doubtful else ()),
                    ),
                    probability=probability,
                    doubtful=doubtful,
                )
            )
        made = self.store.save_pass(
            PassResult(
                at=self.now,
                adverts=tuple(self.advert(name) for name in names),
                memberships=tuple(members),
                flags=tuple(flags),
                units=tuple(units),
            )
        )
        for number, name in enumerate(names):
            if f"new-{number + 1}" in made and name not in self._profiles:
                self._profiles[name] = made[f"new-{number + 1}"]

    def meet(self, name: str) -> None:
        """A pass that makes a profile of an advert and flags nobody."""
        made = self.store.save_pass(
            PassResult(
                at=self.now,
                adverts=(self.advert(name),),
                memberships=((self.advert(name), "new-1", 1.0),),
                judged=("new-1",),
            )
        )
        self._profiles[name] = made["new-1"]

    def doubt(
        self, name: str, older: str, probability: float, *, until: datetime | None = None
    ) -> None:
        """A pass that ties two adverts by a doubtful link; `until` holds back the first's flag."""
        one, other = sorted((self.advert(name), self.advert(older)))
        self.store.save_pass(
            PassResult(
                at=self.now,
                adverts=(self.advert(name),),
                links=(FoundLink(one, other, probability, 0.8),),
                holds=((self.advert(name), until),) if until else (),
            )
        )

    def withdraw(self, name: str) -> None:
        flags = self.store.flags(None, self.now)
        ids = tuple(each.id for each in flags if each.profile == self._profiles[name])
        self.store.save_pass(PassResult(at=self.now, withdrawn=ids))

    def merge(self, kept: str, gone: str) -> None:
        pair = (self._profiles[kept], self._profiles[gone])
        self.store.save_pass(PassResult(at=self.now, merges=(pair,)))
        self._profiles[gone] = self._profiles[kept]

    def settle(self) -> None:
        """A pass that gives every pending advert a profile of its own and flags none."""
        pending = self.store.pending_adverts(self.now)
        members = tuple((each, f"new-{n}", 1.0) for n, each in enumerate(pending, start=1))
        self.store.save_pass(PassResult(at=self.now, adverts=tuple(pending), memberships=members))

    def profile(self, name: str) -> int:
        return self._profiles[name]

    def entry(self, name: str) -> str:
        found = self.store.entry_of(self._profiles[name])
        assert found is not None
        return found.short_id

    def call(self, name: str, outcome: str, **more: Any) -> None:
        found = self.store.entry_of(self._profiles[name])
        assert found is not None
        self.store.record_attempt(
            found.number, at=self.now, actor="op1", channel="call", outcome=outcome, **more
        )

    def names(self, items: Sequence[dict[str, Any]]) -> list[str]:
        """The adverts' names behind a report's items."""
        adverts = [self.store.profile_adverts(int(item["profile"])) for item in items]
        return [each[0].ad_id for each in adverts]

    def report(
        self, local: str | None = None, *, unit: str = "treviso", draft: bool = False, day: str = ""
    ) -> dict[str, Any]:
        """Publish (or draft) at a local moment."""
        if local:
            self.at(local)
        wanted = date.fromisoformat(day) if day else self.now.astimezone(ROME).date()
        return publish(self.store, self.config, unit, wanted, self.now, draft=draft)


def everything(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False)
