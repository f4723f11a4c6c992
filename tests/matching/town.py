"""A small town told day by day into a real store: who shows which advert where."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from config import load
from matching.passes import PassSummary, Progress, match_store
from records.adverts import Advert
from records.contacts import FoundContact
from records.queue import RaisedFlag
from records.verdicts import PartitionOutcome, PartitionVerdict, RunOutcome
from storage import Store, create_store

START = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)
ORIGINS = {"alfa": "primary", "beta": "primary", "copies": "aggregator"}
CITIES = {"PD": "Padova", "TV": "Treviso", "VE": "Venezia"}


def moment(day: float) -> datetime:
    return START + timedelta(days=day)


def shown(
    ad_id: str,
    *,
    site: str = "alfa",
    number: str | None = "+393114455667",
    name: str | None = "Giulia",
    text: str = "amo il silenzio del lago e le cene lunghe, parlo sottovoce e rido spesso",
    province: str = "PD",
    age: int | None = 28,
    handle: str | None = None,
) -> Callable[[datetime], Advert]:
    """An advert as its page shows it, at whatever time it is read."""
    contacts = []
    if number is not None:
        contacts.append(_contact("phone", number))
    if handle is not None:
        contacts.append(_contact("telegram", handle))

    def at(seen: datetime) -> Advert:
        return Advert(
            site=site,
            partition="veneto",
            ad_id=ad_id,
            url=f"https://{site}.invalid/{ad_id}",
            seen_at=seen,
            page=1,
            position=1,
            title=f"{name or 'Annuncio'} {CITIES[province]}",
            text=text,
            card=ad_id,
            has_detail=True,
            nickname=name,
            age=age,
            city=CITIES[province],
            province=province,
            language="it",
            contacts=tuple(contacts),
        )

    return at


def _contact(kind: str, value: str) -> FoundContact:
    line = "mobile" if kind == "phone" else None
    return FoundContact(
        kind,  # type: ignore[arg-type]
        value,
        "confirmed",
        "call" if line else "telegram",
        "field",
        value,
        "field",
        0.99,
        line,
    )


MAYBE = shown(
    "b1",
    site="beta",
    number="+393147788990",
    name=None,
    age=31,
    text="amo il silenzio del lago, e ballare",
)
"""Perhaps she whom `shown` tells of by itself: it leaves a doubt."""


class Town:
    """The store, and the days that pass over it."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store = store
        self.settings = load(folder).matching

    def crawl(
        self,
        day: float,
        adverts: Sequence[Callable[[datetime], Advert]],
        *,
        sites: Sequence[str] = ("alfa", "beta", "copies"),
        complete: bool = True,
    ) -> None:
        """Read `sites` on `day`; what they show is what of `adverts` is theirs."""
        for site in sites:
            run = self.store.start_run(site, ["veneto"], moment(day), slot=None, pid=1, host="t")
            seen = [read(moment(day)) for read in adverts]
            seen = [advert for advert in seen if advert.site == site]
            self.store.record(run, seen)
            verdict = PartitionVerdict.COMPLETE if complete else PartitionVerdict.PARTIAL
            outcome = PartitionOutcome("veneto", verdict, cards=len(seen), stored=len(seen))
            self.store.finish_run(run, moment(day + 0.01), RunOutcome((outcome,)))

    def match(
        self, day: float, *, full: bool = False, progress: Progress | None = None
    ) -> PassSummary:
        """A matching pass in the evening of `day`."""
        return match_store(
            self.store,
            self.settings,
            ORIGINS,
            lambda province: "nave" if province else None,
            moment(day + 0.1),
            "Europe/Rome",
            full=full,
            progress=progress,
            province_name=CITIES.__getitem__,
        )

    def days(
        self, first: int, last: int, adverts: Sequence[Callable[[datetime], Advert]]
    ) -> list[PassSummary]:
        """The same adverts, read and matched on every day from `first` to `last`."""
        passes = []
        for day in range(first, last + 1):
            self.crawl(day, adverts)
            passes.append(self.match(day))
        return passes

    def flags(self) -> list[RaisedFlag]:
        return self.store.flags(None, moment(10_000))

    def told(self) -> list[tuple[str, int]]:
        """Kind and day of every flag, in time."""
        return [(flag.kind.value, (flag.raised_at - START).days) for flag in self.flags()]


@contextmanager
def town(tmp_path: Path) -> Iterator[Town]:
    """An empty town on day 0."""
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "faro.toml").write_text('units = [{id = "nave", name = "N", provinces = "*"}]')
    with create_store(load(folder), simulated=True, at=START) as store:
        yield Town(store, folder)
