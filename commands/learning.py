"""`faro match --learn`: what a site's own data says of the weights, shown before it is applied."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.table import Table

from commands.app import err_console, out_console

if TYPE_CHECKING:
    from config import Config
    from config.clock import Clock
    from matching.lessons import Effect, Taught
    from records.weights import WeightSet
    from storage import Store

SHOWN = 0.05
"""Bits from which on a change is shown."""
NEXT = "the next pass (`faro match`, or the scheduler's) links every advert anew"


def learn(config: Config, store: Store, clock: Clock, *, apply: bool) -> None:
    """Show what was learnt and what it would change; with `apply`, put it in force."""
    from matching import lessons

    console = err_console()
    with console.status("learning") as status:
        taught = lessons.teach(
            store,
            config.matching,
            clock.now(),
            lambda done, whole: status.update(f"learning, {done} of {whole}"),
        )
    out = out_console()
    out.print(in_force_line(store.weights_in_force()))
    out.print(_table(taught))
    for line in (*_sources(taught), *_effects(taught.effect)):
        out.print(line)
    if apply:
        made = lessons.apply(store, taught, _actor(), clock.now())
        out.print(f"applied as set {made.number}; {NEXT}")
        out.print("`faro match --learn --undo` takes it back")
    else:
        out.print("nothing is applied yet: `faro match --learn --apply` puts it in force")


def undo(store: Store, clock: Clock) -> None:
    """Take the set in force back."""
    gone = store.undo_weights(_actor(), clock.now())
    out_console().print(f"set {gone.number} is taken back; {NEXT}")
    out_console().print(in_force_line(store.weights_in_force()))


def _actor() -> str:
    return f"cli:{getpass.getuser()}"[:64]


def in_force_line(found: WeightSet | None) -> str:
    """Which weights are in force, in one line."""
    from matching.model import WEIGHTS
    from matching.weights import fingerprint

    if found is None:
        return "in force: the shipped weights"
    told = f"set {found.number} of {found.at:%Y-%m-%d %H:%M} UTC, by {found.actor}"
    if found.base != fingerprint(WEIGHTS):
        return f"in force: the shipped weights, for {told} was learnt on older ones"
    return f"in force: {told}"


def _table(taught: Taught) -> Table:
    shown = [
        each
        for each in taught.changes
        if max(abs(each.learnt - each.shipped), abs(each.learnt - each.now)) >= SHOWN
    ]
    again = any(each.now != each.shipped for each in taught.changes)
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("level")
    for name in ("shipped", *(("now",) if again else ()), "learnt", "pairs"):
        table.add_column(name, justify="right", no_wrap=True)
    comparison = ""
    for each in shown:
        if each.comparison != comparison:
            comparison = each.comparison
            table.add_row(comparison, style="bold")
        weights = (each.shipped, *((each.now,) if again else ()), each.learnt)
        table.add_row(f"  {each.level}", *(f"{one:+.2f}" for one in weights), f"{each.pairs:,}")
    table.caption = f"{len(taught.changes) - len(shown)} levels more move by less than {SHOWN}"
    table.caption_justify = "left"
    return table


def _sources(taught: Taught) -> list[str]:
    counts = taught.counts
    lines = [
        f"learnt from {counts['adverts']:,} adverts: {counts['one_person']:,} people by a number "
        f"of their own,\n  {counts['two_people']:,} by numbers apart; decisions: "
        f"{counts['said_same']:,} same, {counts['said_different']:,} different"
    ]
    if counts["left_out"]:
        lines.append(f"left out: {counts['left_out']:,} adverts of whom nobody must call")
    if taught.before is not None:
        lines.append(
            f"adverts held back: who shares a number surprises by {taught.after:.3f} bits a pair,"
            f"\n  by {taught.before:.3f} under the shipped weights; less is better"
        )
    return lines


def _effects(effect: Effect) -> list[str]:
    return [
        f"pairs over the cut of a link: {effect.linked:,} up, {effect.unlinked:,} down; "
        f"of a doubt: {effect.doubted:,} up, {effect.undoubted:,} down",
        f"profiles: {effect.profiles:,} now, {effect.profiles_then:,} then; "
        f"{effect.merged:,} merge, {effect.parted:,} part",
    ]
