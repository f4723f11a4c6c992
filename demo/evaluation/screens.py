"""What `faro evaluate` prints: tables for a terminal, or in Markdown for docs/matching.md."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from rich.box import MARKDOWN
from rich.table import Table

from demo.evaluation.batch import BatchResult
from demo.evaluation.flags import FlagResult
from demo.evaluation.reliability import Reliability
from demo.evaluation.run import Evaluation
from demo.evaluation.scores import BehaviourScore, Scores
from records.flags import FlagKind

_KINDS = (FlagKind.NEW, FlagKind.REAPPEARED, FlagKind.NEW_NUMBER, FlagKind.MOVED)
_SCORES = ("B-cubed F1", "precision", "recall", "pair precision", "pair recall", "largest cluster")


def tables(found: Evaluation, *, markdown: bool = False) -> Iterator[Table]:
    """One table after another: batches, behaviours, curves, flags."""
    if found.batches:
        yield _batches(found.batches, markdown)
    by_size: dict[int, list[BatchResult]] = defaultdict(list)
    for each in found.batches:
        by_size[each.adverts].append(each)
    for size, results in by_size.items():
        yield _behaviours(size, results, markdown)
        reliable = results[0].reliability
        for result in results[1:]:
            reliable += result.reliability
        yield _reliability(f"{size:,} adverts", reliable, markdown)
        for result in results:
            if result.curve:
                yield _curve(result, markdown)
    if found.flags:
        yield _flags(found.flags, markdown)
        at = min(found.flags, key=lambda each: abs(each.threshold - found.threshold))
        yield _flag_behaviours(at, markdown)
        yield _reliability(f"{at.towns} towns", at.reliability, markdown)


def _table(title: str, columns: Sequence[str], markdown: bool, *, words: int = 1) -> Table:
    """A table whose first `words` columns are words and whose others are figures."""
    box = MARKDOWN if markdown else None
    table = Table(title=title, title_justify="left", title_style="bold", box=box)
    for number, name in enumerate(columns):
        table.add_column(name, justify="left" if number < words else "right", no_wrap=True)
    return table


def _cells(each: Scores) -> list[str]:
    shares = (each.b3, each.b3_precision, each.b3_recall, each.pair_precision, each.pair_recall)
    return [*(f"{share:.4f}" for share in shares), f"{each.largest} of {each.largest_true}"]


def _batches(results: Sequence[BatchResult], markdown: bool) -> Table:
    columns = (
        "adverts",
        "people",
        "seed",
        *_SCORES,
        "pairs",
        "in reach",
        "seconds",
        "processor",
        "memory",
    )
    table = _table("Batch, file to file", columns, markdown, words=0)
    for each in results:
        counts = (f"{each.adverts:,}", f"{each.people:,}", str(each.seed))
        reach = (f"{each.candidates.pairs:.1f}", f"{each.candidates.connected:.4f}")
        costs = (f"{each.seconds:.1f}", f"{each.processor:.1f}", f"{each.memory / 2**30:.2f} GiB")
        table.add_row(*counts, *_cells(each.scores), *reach, *costs)
    return table


def _behaviours(size: int, results: Sequence[BatchResult], markdown: bool) -> Table:
    table = _table(
        f"By behaviour, {size:,} adverts, B-cubed over the adverts that show it",
        ("behaviour", "adverts", "precision", "recall", "F1"),
        markdown,
    )
    for each in sorted(_together(results), key=lambda one: one.f1):
        figures = (f"{figure:.4f}" for figure in (each.precision, each.recall, each.f1))
        table.add_row(each.behaviour, f"{each.adverts:,}", *figures)
    return table


def _together(results: Sequence[BatchResult]) -> list[BehaviourScore]:
    """The scores of several corpora, weighted by adverts."""
    by_name: dict[str, list[BehaviourScore]] = defaultdict(list)
    for result in results:
        for each in result.behaviours:
            by_name[each.behaviour].append(each)
    merged = []
    for name, parts in by_name.items():
        count = sum(part.adverts for part in parts)
        precision = sum(part.adverts * part.precision for part in parts) / count
        recall = sum(part.adverts * part.recall for part in parts) / count
        merged.append(BehaviourScore(name, count, precision, recall))
    return merged


def _curve(result: BatchResult, markdown: bool) -> Table:
    table = _table(
        f"Link threshold, {result.adverts:,} adverts, seed {result.seed}",
        ("threshold", *_SCORES),
        markdown,
        words=0,
    )
    for threshold, each in result.curve:
        table.add_row(f"{threshold:g}", *_cells(each))
    return table


def _reliability(of: str, each: Reliability, markdown: bool) -> Table:
    table = _table(
        f"Can probabilities be believed? {of}: pairs said to be so likely, and what they are; "
        f"off by {each.error():.4f} on average, from 0.5 on by {each.error(0.5):.4f}",
        ("said to be", "pairs", "on average", "are so"),
        markdown,
        words=1,
    )
    for one in each.bins:
        if one.pairs:
            shares = (f"{figure / one.pairs:.3f}" for figure in (one.said, one.right))
            table.add_row(f"{one.low:g} to {one.high:g}", f"{one.pairs:,}", *shares)
    return table


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _flags(results: Sequence[FlagResult], markdown: bool) -> Table:
    first = results[0]
    table = _table(
        f"Flags as published, {first.towns} towns, {first.days} days each",
        ("flag", "threshold", "published", "true", "right", "precision", "recall"),
        markdown,
    )
    for kind in _KINDS:
        for each in results:
            precision, recall = each.precision[kind.value], each.recall[kind.value]
            counts = (precision.total, recall.total, recall.matched)
            shares = (_share(precision.value), _share(recall.value))
            table.add_row(kind.value, f"{each.threshold:g}", *map(str, counts), *shares)
        if kind is FlagKind.REAPPEARED:
            for each in results:
                found = each.renumbered
                figures = ("", f"{found.total}", f"{found.matched}", "", _share(found.value))
                table.add_row("  with a new number", f"{each.threshold:g}", *figures)
    return table


def _flag_behaviours(result: FlagResult, markdown: bool) -> Table:
    table = _table(
        f"Flags by what the event came with, at {result.threshold:g}",
        ("flag", "behaviour", "events", "recall"),
        markdown,
        words=2,
    )
    for (kind, behaviour), share in result.behaviours.items():
        table.add_row(kind, behaviour, str(share.total), _share(share.value))
    return table
