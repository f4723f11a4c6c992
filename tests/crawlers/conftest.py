"""Crawls of a notice board on loopback: the board and the folder that tests share."""

import pytest
from noticeboard import NoticeBoard
from watching import Watch


@pytest.fixture
def board():
    served = NoticeBoard()
    yield served
    served.close()


@pytest.fixture
def watch(tmp_path, board):
    return Watch(tmp_path, board)
