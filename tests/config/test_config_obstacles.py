"""Lawfulness is configuration: what stands in the way of crawling a site."""

from __future__ import annotations

from datetime import date

import pytest
from configuring import SITE, Folder

from config import crawl_obstacle

LOOPBACK_LEGAL = "[legal]\nallow_loopback = true\n"
LEGAL = """[legal]
purpose = "outreach"
basis = "art. 6(1)(e)"
terms_read = 2026-01-01
approved_by = "the controller"
review_by = 2026-06-30
"""
FARO = """[controller]
name = "n"
dpo = "d"
dpia_reference = "r"
dpia_date = 2026-01-01
notice_url = "https://example.org/notice"
[crawler]
contact = "faro@example.org"
"""
NO_CONTACT = FARO[: FARO.index("[crawler]")]
REAL = "https://example.org/"
HERE = "http://127.0.0.1:8000/"
MAY = date(2026, 5, 1)
ONLY_LOOPBACK = "without it only sites on this machine are crawled"


@pytest.mark.parametrize(
    ("faro", "legal", "urls", "day", "why"),
    [
        ("", LOOPBACK_LEGAL, [HERE], MAY, None),
        ("", LOOPBACK_LEGAL, ["http://localhost:8000/"], MAY, None),
        ("", LOOPBACK_LEGAL, ["http://[::1]:8000/"], MAY, None),
        ("", "", [HERE], MAY, "only with legal.allow_loopback = true"),
        (FARO, LEGAL, [HERE], MAY, "only with legal.allow_loopback = true"),
        (FARO, LEGAL, [REAL], MAY, None),
        (FARO, LEGAL, [REAL], date(2026, 6, 30), None),
        (FARO, LEGAL, [REAL], date(2026, 7, 1), "review_by 2026-06-30 is past"),
        (FARO, LEGAL, [REAL], date(2025, 12, 31), "terms_read 2026-01-01 is in the future"),
        ("", LEGAL, [REAL], MAY, "faro.toml has no [controller]"),
        (NO_CONTACT, LEGAL, [REAL], MAY, "crawler.contact is missing"),
        (FARO, "", [REAL], MAY, "lacks purpose, basis, terms_read, approved_by, review_by"),
        (FARO, LOOPBACK_LEGAL, [REAL], MAY, "lacks purpose, basis"),
        *(
            (
                FARO,
                "".join(line for line in LEGAL.splitlines(True) if not line.startswith(key)),
                [REAL],
                MAY,
                f"[legal] lacks {key}",
            )
            for key in ("purpose", "basis", "terms_read", "approved_by", "review_by")
        ),
        # One address elsewhere makes it a real site, whatever the others are.
        ("", LOOPBACK_LEGAL, [HERE, REAL], MAY, ONLY_LOOPBACK),
        # Names and numbers that only look like this machine.
        *(
            ("", LOOPBACK_LEGAL, [f"http://{host}/"], MAY, ONLY_LOOPBACK)
            for host in (
                *("0.0.0.0", "127.0.0.1.example.org", "localhost.example.org"),
                *("192.168.1.1", "2130706433", "xlocalhost"),
            )
        ),
    ],
)
def test_obstacle(
    folder: Folder, faro: str, legal: str, urls: list[str], day: date, why: str | None
) -> None:
    folder.faro(faro)
    start = SITE[SITE.index("[[list.start]]") : SITE.index("[list.fields]")]
    starts = "".join(
        start.replace(HERE, url).replace('"all"', f'"p{number}"') for number, url in enumerate(urls)
    )
    folder.site("board", SITE.replace(LOOPBACK_LEGAL, legal).replace(start, starts))
    config = folder.load()
    found = crawl_obstacle(config, config.sites["board"], day)
    assert (found is None) == (why is None)
    assert why is None or why in (found or "")


def test_the_user_agent_names_the_project_and_a_contact(folder: Folder) -> None:
    assert folder.load().crawler.user_agent == "Faro/0.1 (test)"
    folder.faro(FARO)
    assert folder.load().crawler.user_agent == "Faro/0.1 (+faro@example.org)"
