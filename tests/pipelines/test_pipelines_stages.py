"""The stages in a real crawl with a real store: what is stored, counted, never lost silently."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

CHILD = Path(__file__).with_name("crawl_of_items.py")


NUMBER_AS_ID = "311-445-5667"  # crawl_of_items.py's lost adverts have it
Told = tuple[dict[str, Any], list[dict[str, Any]], str]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Told]:
    """Stats, stored adverts and log of a crawl of each case."""
    folder = tmp_path_factory.mktemp("crawls")
    child = subprocess.run(
        [sys.executable, str(CHILD), str(folder)], capture_output=True, text=True, timeout=240
    )
    assert child.returncode == 0, child.stderr
    found = {}
    for case in ("batches", "flush", "no-title", "unknown-card", "odd"):
        log = (folder / f"{case}.log").read_text()
        assert (folder / f"{case}.json").exists(), log
        values = json.loads((folder / f"{case}.json").read_text())
        found[case] = values["stats"], values["adverts"], log
    return found


def test_batches_are_stored_and_counted_by_partition(told: dict[str, Told]) -> None:
    stats, adverts, _ = told["batches"]
    assert stats["faro/stored"] == stats["faro/record/new"] == len(adverts) == 120
    assert stats["faro/stored/padova"] == 80
    assert stats["faro/stored/veneto"] == 40
    assert "faro/item_error" not in stats


def test_a_flush_stores_what_is_held_with_tokens_and_no_number(told: dict[str, Told]) -> None:
    # The unchanged card is of an advert that is known only if the flush stored it before.
    stats, adverts, _ = told["flush"]
    assert stats["faro/stored"] == 2
    assert stats["faro/record/unchanged"] == 1
    assert "faro/item_error" not in stats
    assert adverts == [
        {"ad_id": "1", "text": "Ciao, chiama ⟦tel:1⟧, 100 rose", "phones": ["+393114455601"]}
    ]


@pytest.mark.parametrize(
    ("case", "lost"),
    [
        ("no-title", "veneto, page 1, position 3"),
        ("unknown-card", "veneto, page 1, position 1"),
    ],
)
def test_a_lost_item_is_counted_and_takes_no_other_with_it(
    told: dict[str, Told], case: str, lost: str
) -> None:
    stats, adverts, log = told[case]
    assert stats["faro/item_error"] == 1
    assert stats["faro/item_error_places"] == [lost]
    assert stats["faro/stored"] == stats["faro/stored/veneto"] == len(adverts) == 2
    assert lost in log
    assert NUMBER_AS_ID not in log + json.dumps(stats)


def test_oddities_are_counted(told: dict[str, Told]) -> None:
    stats, _, _ = told["odd"]
    assert stats["faro/price/unreadable"] == 2
    assert stats["faro/age/out_of_range"] == 1
