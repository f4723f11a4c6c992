"""Flags: which profiles go on the list, and why. Pure rules over a profile's history.

One flag per profile and pass, the first that holds of reappeared, new, new_number and moved; the
others become reasons of it. What is not said here raises nothing: a bump, a re-post, a copy on a
second site, a profile that stays visible.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from matching.absences import Return, latest_return, stretches
from matching.context import FlagContext, Supposed
from matching.reasons import new_reasons, number_reasons, place_reasons, return_reasons
from records.flags import Flag, FlagKind, Reason
from records.histories import AdvertHistory, ProfileHistory

LATE = timedelta(days=1)
"""How long before the last pass a return may have happened and still be news: a crawl that runs
while a pass does stores its sightings after the pass has looked.
"""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A flag, or None; `hold_until` is set while a doubtful link keeps the flag back."""

    flag: Flag | None = None
    hold_until: datetime | None = None


NOTHING = Judgement()


def judge(history: ProfileHistory, context: FlagContext) -> Judgement:
    """The flag that this pass raises for a profile, if any."""
    if not any(advert.intervals for advert in history.adverts):
        return NOTHING
    back = latest_return(
        history,
        away_after=context.rules.reappear_after,
        proof_gap=context.rules.proof_gap,
        aggregators=context.aggregators,
        complete_runs=context.complete_runs,
    )
    if back is not None and _is_news(back, history, context):
        return Judgement(_reappeared(history, back, context))
    if history.judged_to is None:
        return _first_judgement(history, context)
    if _only_copied_back(history, context):
        return NOTHING
    return Judgement(_changed(history, context))


def _is_news(back: Return, history: ProfileHistory, context: FlagContext) -> bool:
    """Whether the return falls to this pass: since the last one, or shown by what it linked."""
    if any(at >= back.seen_again for _, at in context.told):
        return False
    if history.judged_to is None or back.seen_again > history.judged_to - LATE:
        return True
    lately = context.now - back.seen_again < context.rules.reappear_after
    return lately and context.linked_now(back.adverts)


def _reappeared(history: ProfileHistory, back: Return, context: FlagContext) -> Flag:
    return Flag(
        history.profile,
        FlagKind.REAPPEARED,
        # A pass may read a sighting later than its own beginning; a flag is never older than
        # what it tells, and so the next pass sees that this return is told.
        max(context.now, back.seen_again),
        context.best_first(back.adverts),
        return_reasons(history, back, context),
        context.probability(back.adverts),
        proven=back.proven,
        absent_days=(back.seen_again - back.last_seen).days,
    )


def _first_judgement(history: ProfileHistory, context: FlagContext) -> Judgement:
    """A profile that no pass has judged: new, unless it was there when the looking began."""
    if any(advert.baseline for advert in history.adverts):
        return NOTHING
    if context.doubt is not None or context.faint:
        rules = context.rules
        until = history.created_at + (rules.faint if context.doubt is None else rules.doubt)
        if context.now < until:
            return Judgement(hold_until=until)
    if context.supposed is not None:
        return Judgement(_supposed(history, context.supposed, context))
    flag = Flag(
        history.profile,
        FlagKind.NEW,
        context.now,
        context.best_first(history.adverts),
        new_reasons(history, context),
        1.0 if context.doubt is None else 1.0 - context.doubt,
        doubtful=context.doubt is not None,
    )
    return Judgement(flag)


def _supposed(history: ProfileHistory, older: Supposed, context: FlagContext) -> Flag | None:
    """What is news of her if the likely link, which nobody has decided on, is true.

    She stays a profile of her own. Where the older one was never judged either, its own first flag
    tells of both.
    """
    if older.history.judged_to is None:
        return None
    mine = frozenset(advert.advert for advert in history.adverts)
    both = replace(
        older.history,
        profile=history.profile,
        adverts=(
            *(replace(advert, joined_at=None) for advert in history.adverts),
            *older.history.adverts,
        ),
    )
    inside = replace(context, doubt=None, supposed=None, told=(*context.told, *older.told))
    flag = judge(both, inside).flag
    if flag is None or not mine & set(flag.adverts):
        return None
    return replace(
        flag,
        adverts=tuple(advert for advert in flag.adverts if advert in mine),
        reasons=(*flag.reasons, Reason("doubtful_link")),
        probability=context.doubt or 0.0,
        doubtful=True,
    )


def _only_copied_back(history: ProfileHistory, context: FlagContext) -> bool:
    """Whether, after an absence, nothing but an aggregator's copy has been seen."""
    if not any(advert.site in context.aggregators for advert in history.adverts):
        return False
    found = stretches(history, context.rules.reappear_after)
    return len(found) > 1 and found[-1].first_on(context.aggregators) is None


def _known(history: ProfileHistory, context: FlagContext) -> tuple[frozenset[str], frozenset[str]]:
    """The contacts and provinces that are no news of her: what she was judged with.

    Who turns out to be two profiles that had been judged each by itself has not changed by that:
    of the younger one only what it showed lately is news, and after she was first seen as the
    older.
    """
    hers: list[AdvertHistory] = []
    merged: list[AdvertHistory] = []
    for each in history.adverts:
        other = each.advert in context.merged and each.joined_at is not None
        (merged if other else hers).append(each)
    seen = (interval.first_seen for each in hers for interval in each.intervals)
    begun = min(seen, default=context.now)
    until = max(begun + LATE, context.now - context.rules.reappear_after)
    return (
        history.known_contacts | {c for a in merged for c, at in a.contacts if at <= until},
        history.known_provinces | {code for a in merged for code, at in a.provinces if at <= until},
    )


def _changed(history: ProfileHistory, context: FlagContext) -> Flag | None:
    """A live profile's new number, or else its new province.

    What is new is what no pass has judged her with, whatever the clock says: a sighting may be
    stored after a pass that began later.
    """
    contacts, provinces = _known(history, context)
    renumbered = [
        advert
        for advert in history.adverts
        if any(c in context.numbers and c not in contacts for c, _ in advert.contacts)
    ]
    moved = [
        advert
        for advert in history.adverts
        if provinces and any(code not in provinces for code, _ in advert.provinces)
    ]
    raising = renumbered or moved
    if not raising:
        return None
    reasons = number_reasons(history, renumbered, context) if renumbered else ()
    return Flag(
        history.profile,
        FlagKind.NEW_NUMBER if renumbered else FlagKind.MOVED,
        context.now,
        context.best_first(raising),
        (*reasons, *place_reasons(moved, provinces, context)),
        context.probability(raising),
    )
