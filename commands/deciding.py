"""Why adverts are linked or not, and what people decide of it."""

from __future__ import annotations

import getpass
import re
from typing import TYPE_CHECKING, Annotated

import typer

from commands.app import UseError, app, err_console, loaded, opened, out_console

if TYPE_CHECKING:
    from records.judgements import Verdict
    from storage import Store

_ENTRY = re.compile(r"[Ff]-?(\d+)")


def _adverts(store: Store, name: str) -> list[int]:
    """The adverts that an argument names: an entry's (F-0427), or one, by Faro's id or SITE/AD."""
    from outreach.calling import without_number

    if entry := _ENTRY.fullmatch(name):
        store.entry(int(entry[1]))
        return store.entry_adverts(int(entry[1]))
    if name.isdigit() and len(name) > 15:
        return [int(name)]
    site, slash, ad_id = name.partition("/")
    if not slash or without_number(ad_id) is None:
        raise UseError(
            f"{name}: neither an entry (F-0427), nor an advert by its long Faro id or as "
            "SITE/AD-ID; an id that could be somebody's number is named by Faro's "
            "(`faro explain F-...` shows them)"
        )
    found = store.advert_id(site, ad_id)
    if found is None:
        raise UseError(f"{name}: no such advert of {site}; `faro explain F-...` shows ids")
    return [found]


@app.command()
def explain(
    context: typer.Context,
    entry_or_advert: Annotated[str, typer.Argument(help="F-0427, or an advert.")],
    advert: Annotated[str | None, typer.Argument(help="Another advert, or entry.")] = None,
    signals: Annotated[
        bool, typer.Option("--signals", help="Unfold the signals (for coordinators).")
    ] = False,
) -> None:
    """Why adverts are linked, or not: weights in words. An advert is SITE/AD-ID or Faro's id."""
    from commands.explaining import entry_told, pair_told
    from matching.telling import Explaining

    config, clock = loaded(context)
    with opened(config, clock) as store:
        told = Explaining(store, config.matching)
        named = _ENTRY.fullmatch(entry_or_advert)
        if advert is not None:
            ends = _two(store, entry_or_advert, advert)
            screen = pair_told(store, told.pair(*ends), config.language)
        elif named:
            entry = store.entry(int(named[1]))
            screen = entry_told(store, told, entry, config.language, clock.now(), unfold=signals)
        else:
            raise UseError(f"{entry_or_advert}: name a second advert, or an entry (F-0427)")
        # Long lines are set in, not cut by the terminal.
        out_console().print(screen, soft_wrap=False)


@app.command()
def judge(
    context: typer.Context,
    one: Annotated[str, typer.Argument(help="An entry (F-0427), or an advert.")],
    other: Annotated[str, typer.Argument(help="Another one.")],
    verdict: Annotated[str | None, typer.Argument(help="same, different or unknown")] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Take your last word back.")] = False,
) -> None:
    """Decide whether one person is behind two entries or adverts; it outranks every score."""
    from records.judgements import decisions
    from scheduling.matching import match_now

    config, clock = loaded(context)
    actor = f"cli:{getpass.getuser()}"[:64]
    with opened(config, clock) as store:
        ends = _two(store, one, other)
        if undo:
            if verdict is not None:
                raise UseError(f"judge: either {verdict}, or --undo")
            store.undo_judgement(*ends, actor, clock.now())
        else:
            store.judge(*ends, _verdict(verdict), actor, clock.now())
        summary = match_now(
            config, store, clock.now(), full=False, console=err_console(), beside=True
        )
        joined = store.memberships(ends)
        profiles = [member.profile for member in joined.values()]
        stands = {(each.a, each.b): each.verdict for each in decisions(store.judgements(ends))}
    out_console().print(summary.sentence())
    out_console().print(_outcome(profiles, stands.get((min(ends), max(ends))), verdict))


def _outcome(profiles: list[int], stands: Verdict | None, asked: str | None) -> str:
    """What has come of a judgement, in one line."""
    from records.judgements import Verdict

    if len(profiles) < 2:
        return (
            "one of them waits for its crawl's verdict; the decision holds from its first pass on"
        )
    if profiles[0] == profiles[1]:
        return "they are one profile"
    if asked != Verdict.SAME:
        return "they are two profiles"
    if stands is Verdict.DIFFERENT:
        return (
            "they stay two profiles: somebody else said that they are not one person, and that "
            "holds until it is taken back"
        )
    return "they stay two profiles: a decision on other adverts of theirs keeps them apart"


def _two(store: Store, one: str, other: str) -> tuple[int, int]:
    """The two adverts that two arguments name: also of entries of which one leads to the other."""
    named = [_ENTRY.fullmatch(each) for each in (one, other)]
    here, there = _adverts(store, one), _adverts(store, other)
    if all(named) and here == there:
        raise UseError(
            f"{one} and {other} are one entry; name two of its adverts, which `faro explain {one}` "
            "shows"
        )
    return _nearest(store, here, there)


def _verdict(text: str | None) -> Verdict:
    from records.judgements import Verdict

    try:
        return Verdict(text or "")
    except ValueError:
        raise UseError(
            f"judge: {text or 'no verdict'}: write same, different or unknown (or --undo)"
        ) from None


def _nearest(store: Store, here: list[int], there: list[int]) -> tuple[int, int]:
    """The two adverts to speak of: those with a judgement, else the surest link, or the oldest."""
    pairs = {(a, b) for a in here for b in there if a != b}
    if not pairs:
        raise UseError("name two different adverts, or two entries")
    for each in reversed(store.judgements(here)):
        if each.undone_at is None and {(each.a, each.b), (each.b, each.a)} & pairs:
            return each.a, each.b
    links = store.links(here)
    known = [
        (link.probability, pair)
        for pair, link in links.items()
        if pair in pairs or pair[::-1] in pairs
    ]
    return max(known)[1] if known else min(pairs)
