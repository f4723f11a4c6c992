"""The reasons that a flag gives, as codes of `records.reasons`: what was seen, where, until when.

No reason names a contact: a number is "the same" or "never seen before".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from matching.absences import Return
from matching.context import FlagContext
from records.flags import Reason
from records.histories import AdvertHistory, ProfileHistory

Adverts = Sequence[AdvertHistory]


def new_reasons(history: ProfileHistory, context: FlagContext) -> tuple[Reason, ...]:
    """When and where she was first seen, and what else shows her."""
    at, first = min(
        ((i.first_seen, advert) for advert in history.adverts for i in advert.intervals),
        key=lambda pair: (pair[0], pair[1].advert),
    )
    reasons = [_dated("first_seen", context.date(at), context.place_at(first, at))]
    if len({advert.site for advert in history.adverts}) > 1:
        reasons.append(Reason("other_site"))
    if context.doubt is not None:
        reasons.append(Reason("doubtful_link"))
    return tuple(reasons)


def return_reasons(
    history: ProfileHistory, back: Return, context: FlagContext
) -> tuple[Reason, ...]:
    """Since when she was away, what says that it is her, and what is different now."""
    left = back.last_seen
    before = [a for a in history.adverts if any(i.first_seen <= left for i in a.intervals)]
    last = max(before, key=lambda advert: _last_seen(advert, left))
    reasons = [
        _dated(
            "absent_since",
            context.date(left),
            context.place_at(last, left),
            days=(back.seen_again - left).days,
        )
    ]
    if not back.proven:
        reasons.append(Reason("absence_unproven"))
    had = {a.advert: {c for c, at in a.contacts if at <= left} for a in before}
    reasons += _likeness(before, had, back.adverts, left, context)
    known = {contact for contacts in had.values() for contact in contacts}
    shown = {contact for advert in back.adverts for contact, _ in advert.contacts}
    if (shown - known) & context.numbers:
        reasons.append(Reason("number_changed"))
    provinces = {code for advert in before for code, at in advert.provinces if at <= left}
    if provinces:
        reasons += place_reasons(back.adverts, provinces, context)
    if not {advert.site for advert in back.adverts} & {advert.site for advert in before}:
        reasons.append(Reason("other_site"))
    return tuple(reasons)


def number_reasons(
    history: ProfileHistory, raising: Adverts, context: FlagContext
) -> tuple[Reason, ...]:
    """That the number is new, and what says that it is her."""
    before = [advert for advert in history.adverts if not context.linked_now([advert])]
    had = {a.advert: {c for c, _ in a.contacts if c in history.known_contacts} for a in before}
    until = history.judged_to or context.now
    return (Reason("number_changed"), *_likeness(before, had, raising, until, context))


def place_reasons(
    adverts: Adverts, known: Iterable[str], context: FlagContext
) -> tuple[Reason, ...]:
    """The places of these adverts in provinces that are not among the known ones."""
    names = (
        context.place(advert, province)
        for advert in adverts
        for province, _ in advert.provinces
        if province not in known
    )
    return tuple(Reason("place_changed", {"place": name}) for name in dict.fromkeys(names) if name)


def _dated(code: str, date: str, place: str | None, **more: int) -> Reason:
    """A reason with a date, in the wording without a place where none is known."""
    if place is None:
        return Reason(f"{code}_somewhere", {"date": date, **more})
    return Reason(code, {"date": date, "place": place, **more})


def _last_seen(advert: AdvertHistory, until: datetime) -> datetime:
    """The advert's last sighting among the intervals that had begun by `until`, or that time."""
    return max((i.last_seen for i in advert.intervals if i.first_seen <= until), default=until)


def _likeness(
    before: Adverts,
    had: Mapping[int, set[str]],
    now: Adverts,
    until: datetime,
    context: FlagContext,
) -> list[Reason]:
    """What ties the adverts of now to those before `until`, which then had these contacts."""
    reasons = []
    if {advert.advert for advert in before} & {advert.advert for advert in now}:
        reasons.append(Reason("same_advert"))
    for code, kind in (("same_number", context.numbers), ("same_handle", context.handles)):
        # An advert's history keeps the number that it gave up: it ties only to other adverts.
        last = [
            _last_seen(earlier, until)
            for earlier in before
            if had[earlier.advert]
            & kind
            & {c for each in now if each.advert != earlier.advert for c, _ in each.contacts}
        ]
        if last:
            reasons.append(Reason(code, {"date": context.date(min(max(last), until))}))
    if context.by_words(now):
        reasons.append(Reason("same_words"))
    return reasons
