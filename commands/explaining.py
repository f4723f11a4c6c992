"""Screens that say why adverts are linked: for the terminal, numbers masked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from matching.explain import ITALIAN, signed
from matching.signals import GRADES, Grade, of_network, signals
from matching.telling import Explaining, PairTold, strongest
from outreach.words import word
from records.judgements import Judgement
from records.reasons import Language, sentence

if TYPE_CHECKING:
    from records.queue import Entry, ProfileAdvert
    from storage import Store

_WORDS: dict[str, tuple[str, str]] = {
    "together": ("in un solo profilo", "in one profile"),
    "apart": ("in due profili", "in two profiles"),
    "same": ("una persona ha deciso: la stessa", "a person decided: the same"),
    "different": ("una persona ha deciso: non è la stessa", "a person decided: not the same"),
    "unknown": ("una persona ha risposto: non si sa", "a person said: can't tell"),
    "through": ("in un solo profilo per via di altri annunci", "in one profile by other adverts"),
    "by_person": ("deciso da una persona", "a person's decision"),
    "before": (
        "in un solo profilo per come erano prima, o per un legame di allora",
        "in one profile by what they said before, or by a link of then",
    ),
    "parted": (
        "in due profili: di altri loro annunci una persona ha deciso che non è la stessa",
        "in two profiles: a person decided of other adverts of theirs: not the same",
    ),
    "guarded": (
        "in due profili: insieme avrebbero troppi numeri e nomi per una persona sola; oppure "
        "qualcosa è cambiato, e il prossimo `faro match` li unisce",
        "in two profiles: together they would have too many numbers and names for one person; or "
        "something has changed, and the next `faro match` makes them one",
    ),
    "likely": ("probabilità che sia una persona sola", "probability of one person"),
    "in all": ("con tutti gli annunci delle due", "with all adverts of both sides"),
    "advert": ("annuncio", "advert"),
    "adverts": ("annunci", "adverts"),
    "tied": ("legato da", "tied by"),
    "flags": ("segnalazioni", "flags"),
    "withdrawn": ("ritirata", "withdrawn"),
    "doubts": ("forse la stessa", "maybe the same"),
    "decided": ("decisioni", "decisions"),
    "undone": ("ripresa", "taken back"),
    "signals": ("segnali, per il coordinamento", "signals, for coordinators"),
    "folded": (
        "{n} da guardare con --signals: non sono un giudizio e non ordinano la lista",
        "{n} to unfold with --signals: no verdict, and nothing of the ranking",
    ),
    "none": ("nessuno", "none"),
    "network": (
        "nella sua rete di {n} profili, su almeno la metà:",
        "in her network of {n} profiles, on half of them or more:",
    ),
    "of_network": ("su {n} profili", "on {n} profiles"),
}


def said(key: str, language: Language) -> str:
    """A phrase of these screens."""
    italian, english = _WORDS[key]
    return italian if language == "it" else english


def pair_told(store: Store, told: PairTold, language: Language) -> RenderableType:
    """Why two adverts are linked, or why not."""
    lines: list[RenderableType] = [
        _heading(store, told, language),
        Text(),
        _weighed(told, language),
    ]
    if why := _against(told, language):
        lines += [Text(), Text(why)]
    if told.judgements:
        lines += [Text(), Text(said("decided", language), style="bold")]
        lines += [Text(_word(each, language)) for each in told.judgements]
    return Group(*lines)


def _weighed(told: PairTold, language: Language) -> Table:
    """One line a weight, the heaviest first."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(justify="right", no_wrap=True)
    table.add_column()
    for words, weight in _parts(told, language):
        table.add_row(weight, words)
    return table


def _against(told: PairTold, language: Language) -> str:
    """What binds or parts two adverts that their own weights would part or bind."""
    if told.together == told.sure:
        return ""
    if not told.together:
        if any(each.undone_at is None for each in told.judgements):
            return ""
        return said("parted" if told.parted else "guarded", language)
    if not told.path or len(told.path) < 2:
        return said("before", language) if not told.path else ""
    steps = [str(told.a)]
    for advert, probability in told.path:
        by = said("by_person", language) if probability is None else f"{probability:.3f}"
        steps.append(f"\N{RIGHTWARDS ARROW} {advert} ({by})")
    return f"{said('through', language)}: {' '.join(steps)}"


def weights(told: PairTold, language: Language) -> str:
    """The weights in words, heaviest first; the phrases in common stand with the text's weight."""
    return "; ".join(f"{words} {weight}" for words, weight in _parts(told, language))


def _parts(told: PairTold, language: Language) -> Iterator[tuple[str, str]]:
    for item in told.evidence:
        level = ITALIAN.get(item.level, item.level) if language == "it" else item.level
        if item.comparison == "text" and item.weight > 0 and told.phrases:
            level += " (" + ", ".join(f"«{phrase}»" for phrase in told.phrases) + ")"
        yield level, signed(item.weight)


def _heading(store: Store, told: PairTold, language: Language) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    for each in (told.a, told.b):
        table.add_column(str(each))
    shown = [_advert(store, each) for each in (told.a, told.b)]
    for name, values in (
        ("", [f"{each.site}, {each.nickname or '-'}, {each.city or '-'}" for each in shown]),
        ("", [f"{each.first_seen:%Y-%m-%d} … {each.last_seen:%Y-%m-%d}" for each in shown]),
        ("", [" ".join(each.phones) or "-" for each in shown]),
    ):
        table.add_row(name, *values)
    where = said("together" if told.together else "apart", language)
    table.add_row("", f"{said('likely', language)}: {told.probability:.3f}", where)
    if told.in_all is not None and told.in_all != told.probability:
        table.add_row("", f"{said('in all', language)}: {told.in_all:.3f}", "")
    return table


def _advert(store: Store, advert: int) -> ProfileAdvert:
    profile = store.memberships((advert,))[advert].profile
    return next(each for each in store.profile_adverts(profile) if each.advert == advert)


def entry_told(
    store: Store,
    told: Explaining,
    entry: Entry,
    language: Language,
    now: datetime,
    *,
    unfold: bool,
) -> RenderableType:
    """What a profile is made of, what may be hers too, what was flagged and decided; signals."""
    adverts = sorted(store.profile_adverts(entry.profile), key=lambda each: each.first_seen)
    mine = {each.advert for each in adverts}
    links = {pair: link.probability for pair, link in store.links(mine).items()}
    counted = "advert" if len(adverts) == 1 else "adverts"
    parts: list[RenderableType] = [
        Text(f"{entry.short_id}: {len(adverts)} {said(counted, language)}", style="bold"),
        *_adverts(told, adverts, links, language),
    ]
    for key, lines in (
        ("doubts", list(_doubts(store, told, mine, links, language))),
        ("flags", list(_flags(store, entry.profile, language))),
        ("decided", list(_decisions(store, mine, language))),
        ("signals", list(_signals(store, told, entry.profile, language, now, unfold=unfold))),
    ):
        if lines:
            parts += [Text(), Text(said(key, language), style="bold"), *map(_set_in, lines)]
    return Group(*parts)


def _adverts(
    told: Explaining,
    adverts: list[ProfileAdvert],
    links: dict[tuple[int, int], float],
    language: Language,
) -> Iterator[RenderableType]:
    mine = {each.advert for each in adverts}
    inside = [(pair, p) for pair, p in links.items() if set(pair) <= mine]
    for place, each in enumerate(adverts):
        yield Text(
            "  ".join(
                (
                    str(each.advert),
                    f"{each.site}, {each.nickname or '-'}, {each.city or '-'}",
                    f"{each.first_seen:%Y-%m-%d} \N{HORIZONTAL ELLIPSIS} {each.last_seen:%Y-%m-%d}",
                    " ".join(each.phones),
                )
            )
        )
        before = {other.advert for other in adverts[:place]}
        earlier = [(pair, p) for pair, p in inside if set(pair) - {each.advert} <= before]
        other, probability = strongest(earlier, each.advert)
        if probability < told.link:
            # What ties her here came later, or it is what a person decided.
            other, probability = strongest(inside, each.advert)
        if place and probability >= told.link:
            pair = told.pair(each.advert, other)
            why = f"{other} ({probability:.3f}): {weights(pair, language)}"
            yield Padding(Text(f"{said('tied', language)} {why}"), (0, 0, 0, 4))


def _set_in(line: str) -> RenderableType:
    return Padding(Text(line), (0, 0, 0, 2))


def _doubts(
    store: Store,
    told: Explaining,
    mine: set[int],
    links: dict[tuple[int, int], float],
    language: Language,
) -> Iterator[str]:
    asked = [(p, pair) for pair, p in links.items() if p >= told.doubt]
    outward = sorted((each for each in asked if len(mine & set(each[1])) == 1), reverse=True)
    seen: set[int] = set()
    others = store.memberships({each for _, pair in outward for each in pair} - mine)
    for probability, (a, b) in outward:
        here, there = (a, b) if a in mine else (b, a)
        profile = others[there].profile if there in others else 0
        if profile in seen:
            continue
        seen.add(profile)
        entry = store.entry_of(profile) if profile else None
        name = entry.short_id if entry else str(there)
        yield f"{name} ({probability:.3f}): {weights(told.pair(here, there), language)}"


def _flags(store: Store, profile: int, language: Language) -> Iterator[str]:
    for each in store.flags_of((profile,)):
        gone = f", {said('withdrawn', language)}" if each.withdrawn_at else ""
        reasons = "; ".join(sentence(reason, language) for reason in each.reasons)
        kind = word(f"kind.{each.kind.value}", language)
        yield f"{each.raised_at:%Y-%m-%d} {kind}{gone}: {reasons}"


def _decisions(store: Store, mine: set[int], language: Language) -> Iterator[str]:
    for each in store.judgements(mine):
        yield f"{_word(each, language)}: {each.a}, {each.b}"


def _word(each: Judgement, language: Language) -> str:
    undone = f" ({said('undone', language)})" if each.undone_at else ""
    return f"{each.at:%Y-%m-%d} {each.actor}: {said(each.verdict.value, language)}{undone}"


def _signals(
    store: Store,
    told: Explaining,
    profile: int,
    language: Language,
    now: datetime,
    *,
    unfold: bool,
) -> Iterator[str]:
    found = signals(told.facts(profile, now))
    if not unfold:
        yield said("folded", language).format(n=len(found))
        return
    if not found:
        yield said("none", language)
    for each in found:
        yield f"{each.words(language)} [{_grade(each.grade, language)}]"
    network = store.network_of(profile)
    shared = of_network([told.facts(member, now) for member in network])
    if shared:
        yield said("network", language).format(n=len(network))
    for each, profiles in shared.items():
        count = said("of_network", language).format(n=profiles)
        yield f"  {each.words(language)}, {count} [{_grade(each.grade, language)}]"


def _grade(grade: Grade, language: Language) -> str:
    return GRADES[grade][0 if language == "it" else 1]
