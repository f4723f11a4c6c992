"""The town told straight to storage: what its sites show on a day, read without any web between.

Pages, selectors and browsers are left out; all else is as in a crawl: the same normalising, the
same records, a verdict a partition, and detail pages of missing adverts that say that they are
gone. A month takes seconds, so that many towns can be measured.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from config import SiteFile
from demo.adverts import AGGREGATOR
from demo.incidents import Incidents
from demo.sites import girandola, lanterna, piazzetta
from demo.sites.page import in_words
from demo.town import Showing, Town
from demo.writings import national
from pipelines.normalise import normalise
from records.adverts import Advert, RawAdvert, Snippet, UnchangedCard
from records.verdicts import PartitionOutcome, PartitionVerdict, RunOutcome
from storage import Store

ZONES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "piazzetta": piazzetta.ZONES,
    "lanterna": lanterna.ZONES,
    "girandola": girandola.ZONES,
    AGGREGATOR: {},
}
_EVERYWHERE = "tutti"


class Feeder:
    """Tells a store, day by day, what the sites of a town show."""

    def __init__(self, town: Town, sites: Mapping[str, SiteFile], incidents: Incidents) -> None:
        """`sites` are the files of the sites to read, by id."""
        self._town, self._sites, self._incidents = town, sites, incidents
        self._known: dict[tuple[str, str], tuple[Showing, Advert]] = {}
        self._listed: dict[str, dict[str, str]] = defaultdict(dict)

    def crawl(self, store: Store, number: int, at: datetime) -> None:
        """Read all sites on day `number`, at the time `at` (aware UTC)."""
        shown = self._town.on(self._town.day(number))
        for site in self._sites:
            self._crawl_site(store, site, shown[site], number, at)

    def _crawl_site(
        self, store: Store, site: str, showings: tuple[Showing, ...], number: int, at: datetime
    ) -> None:
        partitions = [start.id for start in self._sites[site].list.start]
        run = store.start_run(site, partitions, at, slot=None, pid=0, host="demo")
        drifted = self._incidents.drifted(site, number)
        if self._incidents.blocked(site, number):
            bad = dict.fromkeys(partitions, PartitionVerdict.BLOCKED)
        else:
            bad = dict.fromkeys(drifted, PartitionVerdict.DRIFT)
        here = {
            each.ad_id: (partition, each)
            for each in showings
            if (partition := _partition(site, each.place.province)) not in bad
        }
        items = [
            self._read(site, partition, each, position, at)
            for position, (partition, each) in enumerate(here.values(), 1)
        ]
        store.record(run, items)
        outcomes = [self._outcome(site, name, bad.get(name), here, showings) for name in partitions]
        store.finish_run(run, at, RunOutcome(tuple(outcomes)))

    def _outcome(
        self,
        site: str,
        partition: str,
        bad: PartitionVerdict | None,
        here: Mapping[str, tuple[str, Showing]],
        showings: tuple[Showing, ...],
    ) -> PartitionOutcome:
        """How the partition was read; adverts that its list lost are looked up, as probes do."""
        if bad is not None:
            return PartitionOutcome(partition, bad)
        listed = self._listed[site]
        mine = {ad_id for ad_id, (where, _) in here.items() if where == partition}
        lost = {ad_id for ad_id, where in listed.items() if where == partition} - mine
        standing = {each.ad_id for each in showings} & lost
        for ad_id in lost:
            del listed[ad_id]
        listed.update(dict.fromkeys(mine, partition))
        return PartitionOutcome(
            partition,
            PartitionVerdict.COMPLETE,
            pages=1,
            cards=len(mine),
            stored=len(mine),
            gone=frozenset(lost - standing),
            alive=frozenset(standing),
        )

    def _read(
        self, site: str, partition: str, each: Showing, position: int, at: datetime
    ) -> Advert | UnchangedCard:
        """The advert as normalising makes it, or that its card is the known one."""
        known = self._known.get((site, each.ad_id))
        if known is not None and _content(known[0]) == _content(each):
            if self._listed[site].get(each.ad_id) == partition:
                return UnchangedCard(
                    site, partition, each.ad_id, at, 1, position, promoted=each.promoted
                )
            return replace(known[1], partition=partition, seen_at=at, position=position)
        raw = _raw(site, partition, each, position, at)
        advert = normalise(raw, self._sites[site], Counter())
        self._known[site, each.ad_id] = each, advert
        return advert


def _partition(site: str, province: str) -> str:
    zones = ZONES[site].items()
    return next((zone for zone, codes in zones if province in codes), _EVERYWHERE)


def _content(each: Showing) -> Showing:
    """Without what changes by itself."""
    return replace(each, posted=datetime.min, promoted=False)


def _raw(site: str, partition: str, each: Showing, position: int, at: datetime) -> RawAdvert:
    values = {
        "title": each.title,
        "body": each.body,
        "nickname": each.name,
        "age": f"{each.age} anni" if each.age else None,
        "city": f"{each.place.city} ({each.place.province})",
        "price": each.price,
        "posted": in_words(each.posted, at.date()),
        "promoted": "TOP" if each.promoted else None,
    }
    phones = tuple(Snippet(national(number)) for number in each.field)
    return RawAdvert(
        site=site,
        partition=partition,
        ad_id=each.ad_id,
        url=f"http://127.0.0.1/{site}/{each.ad_id}",
        seen_at=at,
        page=1,
        position=position,
        values={name: (Snippet(value),) for name, value in values.items() if value}
        | ({"phone": phones} if phones else {}),
        card="\n".join((each.title, each.body, each.price or "", *each.field)),
        has_detail=True,
    )
