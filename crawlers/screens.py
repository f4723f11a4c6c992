"""Crawls on a terminal: a line per site while they run, and a table of verdicts at the end."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType

from rich.console import Console, Group, RenderableType
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from crawlers.job import CrawlUpdate, SiteResult


class CrawlProgress:
    """Shows how far each crawl is. `update` is what `crawl_many` calls."""

    def __init__(self, console: Console) -> None:
        self._bars = Progress(
            SpinnerColumn(finished_text=" "),
            TextColumn("{task.description}"),
            TextColumn("{task.fields[told]}"),
            TimeElapsedColumn(),
            console=console,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> CrawlProgress:
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bars.stop()

    def update(self, update: CrawlUpdate) -> None:
        """Take in what a crawl tells."""
        if update.site not in self._tasks:
            self._tasks[update.site] = self._bars.add_task(update.site, total=None, told="")
        told = f"{update.pages} pages, {update.adverts} adverts"
        task = self._tasks[update.site]
        if update.result is None:
            self._bars.update(task, told=told)
        else:
            word = "complete" if update.result.complete else "not complete"
            self._bars.update(task, told=f"{told}, {word}", total=1, completed=1)


def costs_table(results: Sequence[SiteResult]) -> Table:
    """A line per site that was crawled: what that cost and saved."""
    table = Table(box=None, pad_edge=False, show_header=False)
    for result in results:
        if result.run is not None:
            table.add_row(Text(result.site), Text(result.cost()))
    return table


def results_table(results: Sequence[SiteResult]) -> Group:
    """A verdict per partition, then why those are not complete that are not: below, for a terminal
    is narrow.
    """
    table = Table(box=None, pad_edge=False)
    for heading in ("site", "partition", "verdict", "adverts", "pages", "seconds"):
        right = heading in {"adverts", "pages", "seconds"}
        table.add_column(heading, justify="right" if right else "left", overflow="fold")
    why: dict[tuple[str, str], list[str]] = {}
    for result in results:
        seconds = f"{result.seconds:.1f}"
        if not result.partitions:
            table.add_row(result.site, "", Text("not crawled", style="red"), "", "", "")
            why[result.site, result.problem.removeprefix(f"site {result.site}: ")] = []
        for part in result.partitions:
            complete = part.verdict == "complete"
            table.add_row(
                result.site,
                part.partition,
                Text(str(part.verdict), style="green" if complete else "red"),
                str(part.cards),
                str(part.pages),
                seconds,
            )
            seconds = ""
            if words := part.reason or result.problem:
                why.setdefault((result.site, words), []).append(part.partition)
    reasons = Table.grid(padding=(0, 2))
    reasons.add_column(style="red", max_width=24, overflow="fold")
    reasons.add_column(overflow="fold")
    for (site, words), partitions in why.items():
        named = f"{site}: {', '.join(partitions)}" if partitions else site
        reasons.add_row(Text(named), Text(words))
    parts: list[RenderableType] = [table, Text("")]
    if why:
        parts += [reasons, Text("")]
    return Group(*parts)
