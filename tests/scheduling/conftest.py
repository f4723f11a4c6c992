"""The house that tests of scheduling share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from house import House, noticeboard


@pytest.fixture
def board() -> Iterator[noticeboard.NoticeBoard]:
    served = noticeboard.NoticeBoard()
    served.fill("torino", range(1, 4))
    yield served
    served.close()


@pytest.fixture
def house(tmp_path: Path, board: noticeboard.NoticeBoard) -> House:
    return House(tmp_path, board)
