"""What storage tests tell their stories with: adverts, contacts, runs, on invented days."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from records.adverts import Advert, UnchangedCard
from records.contacts import FoundContact, Span
from records.verdicts import PartitionOutcome, PartitionVerdict, RunOutcome
from storage import Store

START = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)
COMPLETE = PartitionVerdict.COMPLETE


def day(number: float) -> datetime:
    """Day 0 is START."""
    return START + timedelta(days=number)


def phone(value: str, raw: str | None = None, **changes: Any) -> FoundContact:
    """A confirmed mobile without a place in a text."""
    made = FoundContact(
        "phone", value, "confirmed", "call", "field", raw or value, "plain", 0.99, "mobile"
    )
    return replace(made, **changes)


def advert(ad_id: str, at: datetime, **changes: Any) -> Advert:
    """An advert of site `bakeca`, partition `treviso`, read whole."""
    title = changes.pop("title", f"Annuncio {ad_id}")
    text = changes.pop("text", "Ciao, chiamami quando vuoi")
    contacts: list[FoundContact] = []
    for each in changes.pop("contacts", ()):
        where = {"title": title, "text": text}.get(each.where)
        if where is not None and each.span is None:
            start = where.index(each.raw)
            each = replace(each, span=Span(start, start + len(each.raw)))
        contacts.append(each)
    made = Advert(
        site="bakeca",
        partition="treviso",
        ad_id=ad_id,
        url=f"https://bakeca.invalid/{ad_id}",
        seen_at=at,
        page=1,
        position=1,
        title=title,
        text=text,
        card=title,
        has_detail=True,
        city="Treviso",
        province="TV",
        language="it",
        contacts=tuple(contacts),
    )
    return replace(made, **changes)


def card(ad_id: str, at: datetime, partition: str = "treviso") -> UnchangedCard:
    """The card of a known advert, unchanged."""
    return UnchangedCard("bakeca", partition, ad_id, at, 1, 1)


def begin(store: Store, at: datetime, partitions: Iterable[str] = ("treviso",), **how: Any) -> int:
    """Start a run of `bakeca`."""
    how = {"slot": None, "pid": 1, "host": "test", **how}
    return store.start_run("bakeca", tuple(partitions), at, **how)


def finish(
    store: Store,
    run: int,
    at: datetime,
    verdict: PartitionVerdict = COMPLETE,
    partitions: Iterable[str] = ("treviso",),
    gone: Iterable[str] = (),
    cards: int = 1,
) -> None:
    """End a run with the same verdict for all its partitions; `gone` is told by the first."""
    outcomes = [PartitionOutcome(each, verdict, cards=cards) for each in partitions]
    outcomes[0] = replace(outcomes[0], gone=frozenset(gone))
    store.finish_run(run, at, RunOutcome(tuple(outcomes)))


def crawl(
    store: Store,
    at: datetime,
    seen: Iterable[Advert | UnchangedCard | str] = (),
    verdict: PartitionVerdict = COMPLETE,
    partitions: Iterable[str] = ("treviso",),
    gone: Iterable[str] = (),
) -> int:
    """A whole run at one moment; a bare ad id is an advert with its usual content."""
    run = begin(store, at, partitions)
    batch = [advert(each, at) if isinstance(each, str) else each for each in seen]
    store.record(run, batch)
    finish(store, run, at, verdict, partitions, gone, cards=len(batch))
    return run


def states(store: Store) -> dict[str, str]:
    """The state of every advert of `bakeca`."""
    return {each.ad_id: each.state for each in store.known_adverts("bakeca").values()}
