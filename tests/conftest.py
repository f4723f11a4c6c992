"""The whole suite: generated cases are the same in each run, and the longest files begin."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import settings

settings.register_profile("same", derandomize=True)
settings.register_profile("search", derandomize=False)  # --hypothesis-profile search: others
settings.load_profile("same")

LONGEST = (
    *("djclassified/test_djclassified.py", "crawlers/test_crawlers_rendered.py"),
    *("storage/test_storage_ageing.py", "crawlers/test_crawlers_broken_sites.py"),
    *("scheduling/test_scheduling_service.py", "demo/test_demo_run.py"),
    *("crawlers/test_crawlers_browser.py", "matching/test_matching_learning.py"),
    *("matching/test_matching_passes.py", "storage/test_storage_crashes.py"),
    *("crawlers/test_crawlers_odd_sites.py", "crawlers/test_crawlers_conditional.py"),
    *("crawlers/test_crawlers_processes.py", "matching/test_matching_incremental.py"),
    *("crawlers/test_crawlers_walks.py", "config/test_config_garbage.py"),
    *("matching/test_matching_telling.py", "outreach/test_outreach_report.py"),
    *("pipelines/test_pipelines_limits.py", "demo/test_demo_evaluation.py"),
    *("demo/test_demo_broken_month.py", "storage/test_storage_leaks.py"),
)
"""As their processor time was measured, the longest first; the others follow in their own order."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first; `make test` hands files out in this order."""
    items.sort(key=lambda item: _place(item.path.parts[-2:]))


def _place(parts: Sequence[str]) -> int:
    name = "/".join(parts)
    return LONGEST.index(name) if name in LONGEST else len(LONGEST)
