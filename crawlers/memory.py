"""Scrapy's memory limit, counting what the crawl started beside itself: the browser."""

from __future__ import annotations

import os
from collections import defaultdict
from contextlib import suppress
from pathlib import Path

from scrapy.extensions.memusage import MemoryUsage


class MemoryWithBrowser(MemoryUsage):
    """Closes the crawl as `memusage_exceeded` when it and its browser take more than the limit.

    scrapy-playwright has such an extension too; it needs a further library, and without it drops
    the limit altogether.
    """

    def get_virtual_size(self) -> int:
        """Bytes of this process at its peak, and of its descendants now."""
        return super().get_virtual_size() + sum(map(_resident, descendants(os.getpid())))


def descendants(pid: int) -> list[int]:
    """The processes that `pid` started, and those that they did; none where there is no /proc."""
    children: defaultdict[int, list[int]] = defaultdict(list)
    for stat in Path("/proc").glob("[0-9]*/stat"):
        # A process may end while it is looked at.
        with suppress(OSError, IndexError, ValueError):
            parent = stat.read_text().rpartition(")")[2].split()[1]
            children[int(parent)].append(int(stat.parent.name))
    found: list[int] = []
    waiting = [pid]
    while waiting:
        found += (below := children.pop(waiting.pop(), []))
        waiting += below
    return found


def _resident(pid: int) -> int:
    with suppress(OSError, IndexError, ValueError):
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    return 0
