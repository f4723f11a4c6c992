"""Reads phone numbers in a text: normal form, runs, lattice, shapes, context, choice."""

from __future__ import annotations

import math
from collections.abc import Iterator

from pipelines.phones import context
from pipelines.phones.choice import THRESHOLD, Reading, choose
from pipelines.phones.lattice import Lattice, Path
from pipelines.phones.links import text_links
from pipelines.phones.normal import Normal
from pipelines.phones.places import Places
from pipelines.phones.runs import RunFinder, Token
from pipelines.phones.scan import look
from pipelines.phones.shapes import shape
from pipelines.phones.surroundings import CUE_WEIGHT, LABEL_WEIGHT, LOOSE_WEIGHT, Surroundings
from pipelines.phones.twice import told_once
from records.contacts import FoundContact, Tier

_MARGIN = 48
_LONG_TEXT = 1000
"""Characters of a text that may be a table; adverts are shorter, or have more words."""
_VICINITY = 300
_MANY_DIGITS = 80
"""Digits beyond the numbers, within that many characters on either side, that make a table."""
_USUAL = frozenset(("mobile", "plus", "zero_zero", "bare_39"))
_WRITTEN_OUT = frozenset(("plus", "words", "mixed"))
_CHANGED = frozenset(("reversed", "hint"))


def find_phones(text: str) -> tuple[FoundContact, ...]:
    """Every phone number that stands in `text`, in order, once for each time it stands there."""
    normal = Normal(text)
    sight = look(normal)
    found = list(text_links(normal))
    if not sight.stretches and not sight.free:
        return tuple(found)
    linked = _places(found)
    for start, end in sight.free:
        if linked and linked.meet(*_ends(normal, start, end)):
            continue
        reading = _read_free(normal, start, end)
        if reading is None:
            sight.stretches.append((max(0, start - _MARGIN), end + _MARGIN))
        elif reading.weight >= THRESHOLD:
            found.append(_contact(normal, reading))
    if not sight.stretches:
        return _ordered(found)
    taken = _places(found)
    finder = RunFinder(normal)
    for stretch in sight.stretches:
        for run in finder.runs(*stretch):
            for part in _unguarded(normal, run):
                for reading in read_run(normal, part):
                    contact = _contact(normal, reading)
                    span = contact.span
                    if span and not (taken and taken.meet(span.start, span.end)):
                        found.append(contact)
    return _ordered(_not_in_tables(text, found) if len(text) > _LONG_TEXT else found)


def _not_in_tables(text: str, found: list[FoundContact]) -> list[FoundContact]:
    """The contacts without those that stand among other digits, more of them than letters."""
    if not found:
        return found
    parts: list[str] = []
    end = 0
    for contact in _ordered(found):
        if contact.span:
            parts += text[end : contact.span.start], " " * len(contact.raw)
            end = contact.span.end
    rest = "".join((*parts, text[end:]))
    kept = []
    for contact in found:
        if contact.span and contact.where == "input" and contact.rule not in _WRITTEN_OUT:
            near = rest[max(0, contact.span.start - _VICINITY) : contact.span.end + _VICINITY]
            digits = sum(map(str.isdigit, near))
            if digits >= _MANY_DIGITS and digits > sum(map(str.isalpha, near)):
                continue
        kept.append(contact)
    return kept


def _ordered(found: list[FoundContact]) -> tuple[FoundContact, ...]:
    if len(found) > 1:
        found.sort(key=lambda contact: contact.span.start if contact.span else 0)
    return tuple(found)


def _places(found: list[FoundContact]) -> Places | None:
    if not found:
        return None
    return Places((contact.span.start, contact.span.end) for contact in found if contact.span)


def _ends(normal: Normal, start: int, end: int) -> tuple[int, int]:
    span = normal.span(start, end)
    return span.start, span.end


def _read_free(normal: Normal, start: int, end: int) -> Reading | None:
    """A number that stands free, weighed without search: there is one way to read it.

    None when it is no mobile number, or could as well be read backwards: then it is read closely.
    """
    low = normal.low
    digits = "".join(filter(str.isdigit, low[start:end]))
    found = shape(digits, start > 0 and low[start - 1] == "+")
    if found is None or found.rule not in _USUAL:
        return None
    if digits[-1] == "3" and context.hints(normal, start, end) != context.NO_HINTS:
        return None
    cue = context.cue_before(normal, start) or context.cue_after(normal, end)
    weight = found.weight + (CUE_WEIGHT if cue else 0.0)
    if context.labelled(normal, start):
        weight -= LABEL_WEIGHT
    path = Path(end, digits, 0.0, 0, 0)
    return Reading(start, end, start, found, path, weight, 0.0, 0.0, cue, False)


def _unguarded(normal: Normal, run: list[Token]) -> list[list[Token]]:
    """The run split at dates, hours, addresses and the like."""
    start, end = run[0].start, run[-1].end
    guarded = context.other_numbers(normal, start, end)
    if not guarded:
        return [run]
    parts: list[list[Token]] = [[]]
    for token in run:
        if guarded.meet(token.start, token.end):
            parts.append([])
        else:
            parts[-1].append(token)
    return [part for part in parts if sum(t.end - t.start for t in part) >= 6]


def read_run(normal: Normal, run: list[Token]) -> list[Reading]:
    """The numbers of one run.

    What the text says about reading backwards or completing is looked for only when the digits as
    they stand are no usual number, or could as well be read backwards.
    """
    run = told_once(normal, run)
    lattice = Lattice(normal, run)
    near = Surroundings(normal, run, context.NO_HINTS)
    chosen = choose(_readings(lattice, near))
    whole = bool(chosen) and all(reading.shape.rule in _USUAL for reading in chosen)
    if whole and all(reading.path.digits[-1] != "3" for reading in chosen):
        return chosen
    # A number that has all its digits lacks none that a hint could name.
    for part in (run,) if whole else (run, *_without_told(run)):
        hints = context.hints(normal, part[0].start, part[-1].end)
        if hints == context.NO_HINTS:
            continue
        lattice = lattice if part is run else Lattice(normal, part)
        changed = choose(_readings(lattice, Surroundings(normal, part, hints)))
        if any(reading.shape.rule in _CHANGED for reading in changed):
            return changed
        if part is run:
            chosen = changed
    return chosen


def _without_told(run: list[Token]) -> Iterator[list[Token]]:
    """What is left of a run without a digit at its edge that a hint may name.

    "797346516 con il 3" before "davanti", "3" and "797346516" after "metti".
    """
    if run[-1].single and len(run) > 1:
        last = len(run) - 1
        while last > 1 and not run[last - 1].counts:
            last -= 1
        yield run[:last]
    if run[0].single and len(run) > 1:
        first = 1
        while first < len(run) - 1 and not run[first].counts:
            first += 1
        yield run[first:]


def _readings(lattice: Lattice, near: Surroundings) -> list[Reading]:
    """For each stretch of a run that can be a number the reading that weighs most."""
    plain = lattice.plain
    unusual = near.hints != context.NO_HINTS
    found: dict[tuple[int, int], Reading] = {}
    for start, index in near.starts:
        plus = near.plus_before(start, index) and not (lattice.plus_parts and index)
        free = plus or unusual
        if not free and not lattice.may_begin(start):
            continue
        loose = plus and near.plus_is_loose(index)
        for path in lattice.plain_paths(index, free) if plain else lattice.paths(start, free):
            if path.end not in near.ends:
                continue
            readings = [near.weigh(start, index, path, plus, LOOSE_WEIGHT if loose else 0.0)]
            if loose:
                readings.append(near.weigh(start, index, path, False))
            for reading in readings:
                known = found.get((start, path.end))
                if reading and (known is None or known.weight < reading.weight):
                    found[start, path.end] = reading
    return list(found.values())


def _contact(normal: Normal, reading: Reading) -> FoundContact:
    start = reading.start
    if reading.shape.rule == "plus":
        place = normal.low.rfind("+", max(0, start - 4), start)
        start = place if place >= 0 else start
    span = normal.span(start, reading.end)
    rule = reading.shape.rule
    path = reading.path
    if path.words:
        rule = "words" if path.words >= len(path.digits) // 3 and path.end else "mixed"
        rule = reading.shape.rule if reading.shape.rule in ("reversed", "hint") else rule
    elif path.letters:
        rule = rule if rule in ("reversed", "hint") else "lookalikes"
    total = reading.weight - reading.left - reading.right
    confidence = round(1 / (1 + math.exp(-(total - THRESHOLD + 1.0) * 0.6)), 3)
    return FoundContact(
        kind="phone",
        value=reading.shape.value,
        tier=_tier(reading, rule),
        channel=context.channel(normal, reading.start),
        where="input",
        raw=normal.raw[span.start : span.end],
        rule=rule,
        confidence=min(confidence, 0.99),
        line=reading.shape.line,
        span=span,
    )


def _tier(reading: Reading, rule: str) -> Tier:
    """`confirmed` for a number that a stranger may be trusted to have read right."""
    if (
        rule in ("reversed", "hint", "lookalikes", "mobile_9")
        or reading.glued
        or reading.path.letters
    ):
        return "candidate"
    if reading.shape.rule in ("plus", "zero_zero"):
        return "confirmed"
    if reading.shape.line == "mobile":
        sure = reading.shape.rule in ("mobile", "bare_39") or reading.cue
        return "confirmed" if sure and reading.path.cost < 2.5 else "candidate"
    return "confirmed" if reading.cue else "candidate"
