"""What a crawl shows on a terminal: progress while it runs, verdicts when it is done."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from crawlers.job import CrawlUpdate, SiteResult

_COLOURS = {"complete": "green", "partial": "yellow"}


class CrawlProgress:
    """A line per site while it is crawled; pass `update` as the crawl's progress."""

    def __init__(self, console: Console) -> None:
        self._bars = Progress(
            SpinnerColumn(finished_text="·"),
            TextColumn("{task.description}"),
            TextColumn("{task.fields[pages]} pages, {task.fields[adverts]} adverts"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
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
        """Show how far a site is."""
        if update.site not in self._tasks:
            self._tasks[update.site] = self._bars.add_task(update.site, total=1, pages=0, adverts=0)
        self._bars.update(
            self._tasks[update.site],
            pages=update.pages,
            adverts=update.adverts,
            completed=1 if update.result else 0,
        )


def results_table(results: Sequence[SiteResult]) -> Table:
    """A verdict per partition, with what an admin needs to act on."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("site", "partition", "verdict"):
        table.add_column(heading, no_wrap=True)
    for heading in ("pages", "adverts"):
        table.add_column(heading, justify="right")
    table.add_column("why")
    for result in results:
        if result.problem:
            table.add_row(result.site, "", Text("not crawled", "red"), "", "", result.problem)
        for each in result.partitions:
            table.add_row(
                result.site,
                each.partition,
                Text(str(each.verdict), _COLOURS.get(str(each.verdict), "red")),
                str(each.pages),
                str(each.cards),
                each.reason,
            )
    return table
