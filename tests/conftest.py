"""The whole suite: generated cases are the same in each run, and the longest files begin."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import settings

settings.register_profile("same", derandomize=True)
settings.register_profile("search", derandomize=False)  # --hypothesis-profile search: others
settings.load_profile("same")

LONGEST = (
    *("djclassified/test_djclassified.py", "demo/test_demo_run.py"),
    *("demo/test_demo_evaluation.py", "storage/test_storage_leaks.py"),
    *("storage/test_storage_ageing.py", "storage/test_storage_crashes.py"),
    *("scheduling/test_scheduling_service.py", "crawlers/test_crawlers_broken_sites.py"),
    *("crawlers/test_crawlers_rendered.py", "demo/test_demo_broken_month.py"),
    *("crawlers/test_crawlers_walks.py", "storage/test_storage_backups.py"),
    *("matching/test_matching_passes.py", "crawlers/test_crawlers_browser.py"),
)
"""As `pytest --durations` told them, the longest first; the others follow in their own order."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first; `make test` hands files out in this order."""
    items.sort(key=lambda item: _place(item.path.parts[-2:]))


def _place(parts: Sequence[str]) -> int:
    name = "/".join(parts)
    return LONGEST.index(name) if name in LONGEST else len(LONGEST)
