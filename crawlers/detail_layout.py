"""Whether the layout of detail pages has changed, from the few of them that each run reads. Pure.

A site with two new adverts a day shows a changed layout on two pages a day, and each of them may
have no number by chance. So the pages of the last runs are taken together and compared with those
of the runs before them: the change is believed when so few of them would have the field in hardly
any such sample, were the field as frequent as before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import exp, lgamma, log

from records.causes import Parameter
from records.verdicts import DetailRun, Filled

# So many pages say how frequent a field is; fewer say nothing.
ENOUGH_BEFORE = 10
# A field that fewer adverts have than this share comes and goes by chance.
SIGNIFICANT_FILL = 0.3
# No field is on every page for ever: four pages in a row without it are no chance, three may be.
HIGHEST_FILL = 0.95
HARDLY_ANY = 1e-5
ENOUGH_IN_A_ROW = 4
# The last runs are taken together up to so many pages: what was long ago is not news.
MOST_RECENT = 30


_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class LayoutChange:
    """`field` was found on `recent` pages since `since`, and is usually on a share of `usual`."""

    field: str
    recent: Filled
    usual: float
    since: datetime

    @property
    def told(self) -> dict[str, Parameter]:
        """The parameters of the cause `details_fallen`."""
        return {
            "field": self.field,
            "found": self.recent.found,
            "of": self.recent.of,
            "usual": round(100 * self.usual),
        }


@dataclass(slots=True)
class DetailPages:
    """The detail pages that a run of a partition has read since `began`: those of its new and
    changed adverts, and those of known ones that it asked for to compare. `past` are the runs
    before, newest first; `page` is the last page that lacked a field.
    """

    began: datetime = _NEVER
    past: tuple[DetailRun, ...] = ()
    page: str = ""
    _read: tuple[Counter[str], Counter[str]] = field(default_factory=lambda: (Counter(), Counter()))
    _known: tuple[Counter[str], Counter[str]] = field(
        default_factory=lambda: (Counter(), Counter())
    )

    def count(self, names: Iterable[str], found: Iterable[str], *, known: bool = False) -> None:
        """Count a page that could have had the fields `names`, and had those `found`."""
        had, of = self._known if known else self._read
        for name in names:
            of[name] += 1
        for name in found:
            had[name] += 1

    def fields(self) -> dict[str, Filled]:
        """Each field's count on the pages of new and changed adverts."""
        had, of = self._read
        return {name: Filled(had[name], times) for name, times in of.items()}

    def changed(self, max_drop: float | None) -> LayoutChange | None:
        """Whether the layout has changed: for the adverts read, or, where known ones tell the same,
        for all. Known ones that are as they were speak for themselves only: a new layout may be
        that of new adverts.
        """
        read, (had, of) = self.fields(), self._known
        every = {
            name: Filled(each.found + had[name], each.of + of[name]) for name, each in read.items()
        }
        for fields in (every, read):
            found = changed_layout(DetailRun(self.began, fields), self.past, max_drop)
            if found is not None:
                return found
        return None

    @property
    def doubted(self) -> int:
        """How many pages of known adverts are to be asked for (`doubted`)."""
        return doubted(self.fields(), self.past)


def changed_layout(
    now: DetailRun, before: Sequence[DetailRun], max_drop: float | None
) -> LayoutChange | None:
    """What the pages that were read `now` have lost, judged together with those of the runs
    `before` (newest first); None when nothing, or when `max_drop` is None.

    `max_drop` is the largest believable fall of a field's share (0 to 1), [expect] max_fill_drop.
    """
    if max_drop is None:
        return None
    for name, counted in sorted(now.fields.items()):
        if counted.found == counted.of:
            continue
        for recent, since, usual in _splits(name, now, before):
            fallen = recent.share < usual * (1 - max_drop)
            if fallen and _chance(recent, min(usual, HIGHEST_FILL)) < HARDLY_ANY:
                return LayoutChange(name, recent, usual, since)
    return None


def doubted(now: Mapping[str, Filled], before: Sequence[DetailRun]) -> int:
    """How many more pages are needed to know whether the layout has changed; 0 when none are.

    A field that nearly every page has is on none of the first few: pages of adverts that were read
    before, and are known to be as the others were, tell whether that is chance.
    """
    for name, counted in now.items():
        if counted.found or not 0 < counted.of < ENOUGH_IN_A_ROW:
            continue
        earlier = _pooled(name, before)
        if earlier.of >= ENOUGH_BEFORE and earlier.share >= 1 - 2 * (1 - HIGHEST_FILL):
            return ENOUGH_IN_A_ROW - counted.of
    return 0


def _splits(
    name: str, now: DetailRun, before: Sequence[DetailRun]
) -> Iterator[tuple[Filled, datetime, float]]:
    """Each way to tell the last runs from those before: the pages of the former, since when, and
    how frequent the field was in the latter, where that is known and frequent enough.
    """
    recent, since = now.fields[name], now.at
    for number in range(len(before) + 1):
        earlier = _pooled(name, before[number:])
        if earlier.of < ENOUGH_BEFORE:
            return
        if earlier.share >= SIGNIFICANT_FILL:
            yield recent, since, earlier.share
        if number == len(before) or recent.of >= MOST_RECENT:
            return
        recent = _pooled(name, [DetailRun(now.at, {name: recent}), before[number]])
        since = before[number].at


def _pooled(name: str, runs: Sequence[DetailRun]) -> Filled:
    counted = [run.fields[name] for run in runs if name in run.fields]
    return Filled(sum(each.found for each in counted), sum(each.of for each in counted))


def _chance(recent: Filled, share: float) -> float:
    """How often so few, or fewer, of so many pages have a field that a `share` of all has."""
    of = recent.of
    return sum(
        exp(
            lgamma(of + 1)
            - lgamma(found + 1)
            - lgamma(of - found + 1)
            + found * log(share)
            + (of - found) * log(1 - share)
        )
        for found in range(recent.found + 1)
    )
