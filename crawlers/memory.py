"""Scrapy's memory limit, counting what the crawl started beside itself: the browser."""

from __future__ import annotations

import os
from collections import defaultdict
from contextlib import suppress
from pathlib import Path

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.extensions.memusage import MemoryUsage


class MemoryWithBrowser(MemoryUsage):
    """Closes the crawl as `memusage_exceeded` when it and its browser take more than the limit.

    scrapy-playwright has such an extension too; it needs a further library, and without it drops
    the limit altogether.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        # The browser is still there then, also in a crawl that ends before the first regular look.
        crawler.signals.connect(self.update, signals.spider_closed)

    def get_virtual_size(self) -> int:
        """Bytes of this process at its peak, and of its descendants now."""
        return super().get_virtual_size() + sum(map(_own_memory, descendants(os.getpid())))


def descendants(pid: int) -> list[int]:
    """The processes that `pid` started, and those that they did; none where there is no /proc."""
    children: defaultdict[int, list[int]] = defaultdict(list)
    with suppress(OSError), os.scandir("/proc") as processes:
        for each in processes:
            # A process may end while it is looked at.
            if each.name.isdigit():
                with suppress(OSError, IndexError, ValueError):
                    parent = Path(each.path, "stat").read_text().rpartition(")")[2].split()[1]
                    children[int(parent)].append(int(each.name))
    found: list[int] = []
    waiting = [pid]
    while waiting:
        found += (below := children.pop(waiting.pop(), []))
        waiting += below
    return found


def _own_memory(pid: int) -> int:
    """Bytes of a process; what it shares with others is counted by its share, where that is told:
    a browser's processes share most of what they hold.
    """
    with suppress(OSError, IndexError, ValueError, StopIteration):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return 1024 * int(next(line for line in lines if line.startswith("Pss:")).split()[1])
    with suppress(OSError, IndexError, ValueError):
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    return 0
