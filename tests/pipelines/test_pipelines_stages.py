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


def crawl(case: str, folder: Path) -> Told:
    """Stats, stored adverts, and log of a crawl of one case."""
    done = subprocess.run(
        [sys.executable, str(CHILD), case, str(folder)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    return told["stats"], told["adverts"], done.stderr


def test_batches_are_stored_and_counted_by_partition(tmp_path: Path) -> None:
    stats, adverts, _ = crawl("batches", tmp_path)
    assert stats["faro/stored"] == stats["faro/record/new"] == len(adverts) == 120
    assert stats["faro/stored/padova"] == 80
    assert stats["faro/stored/veneto"] == 40
    assert "faro/item_error" not in stats


def test_a_flush_stores_what_is_held_with_tokens_and_no_number(tmp_path: Path) -> None:
    # The unchanged card is of an advert that is known only if the flush stored it before.
    stats, adverts, _ = crawl("flush", tmp_path)
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
    tmp_path: Path, case: str, lost: str
) -> None:
    stats, adverts, log = crawl(case, tmp_path)
    assert stats["faro/item_error"] == 1
    assert stats["faro/item_error_places"] == [lost]
    assert stats["faro/stored"] == stats["faro/stored/veneto"] == len(adverts) == 2
    assert lost in log
    assert NUMBER_AS_ID not in log + json.dumps(stats)


def test_oddities_are_counted(tmp_path: Path) -> None:
    stats, _, _ = crawl("odd", tmp_path)
    assert stats["faro/price/unreadable"] == 2
    assert stats["faro/age/out_of_range"] == 1
