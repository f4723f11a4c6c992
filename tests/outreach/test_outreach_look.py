"""The page as a browser shows it: contrast, 360 px, paper."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sample
from playwright.sync_api import Browser, sync_playwright

import outreach
from outreach.html import render_html

CSS = (Path(outreach.__file__).parent / "templates/report.css").read_text(encoding="utf-8")
LIGHT, DARK = re.findall(r":root \{(.*?)\}", CSS, re.S)[:2]
PRINT = re.findall(r":root \{(.*?)\}", CSS, re.S)[2]


def colours(block: str) -> dict[str, str]:
    found = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]+)", block))
    return {name: each if len(each) == 7 else _doubled(each) for name, each in found.items()}


def _doubled(colour: str) -> str:
    return "#" + "".join(2 * each for each in colour[1:])


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


KINDS = ("reappeared", "new", "new-number", "moved", "follow-up")
PAIRS = [
    *[
        (ink, paper)
        for ink in ("ink", "quiet", "accent", "bad", "good")
        for paper in ("paper", "sheet")
    ],
    *[(ink, "bad-sheet") for ink in ("ink", "bad")],
    *[(kind, f"{kind}-sheet") for kind in KINDS],
]


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
@pytest.mark.parametrize("pair", PAIRS)
def test_text_has_the_contrast_of_aa(theme: str, pair: tuple[str, str]) -> None:
    palette = colours(LIGHT) | {"light": {}, "dark": colours(DARK), "print": colours(PRINT)}[theme]
    assert contrast(palette[pair[0]], palette[pair[1]]) >= 4.5


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
        system = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
        path = own if Path(own).exists() else system
        if path is None:
            pytest.skip("no Chromium here")
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        started.close()


DOCUMENTS = {
    "full": sample.full("it"),
    "english": sample.full("en"),
    "first": sample.empty("it", first=True),
    "long": sample.full("it") | {"unit_name": "Donaudampfschifffahrt" * 20},
}


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_fits_the_screen_and_asks_for_nothing(browser: Browser, name: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.set_content(render_html(DOCUMENTS[name]))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # Nothing is cut off or laid over something else: every cell shows all its words.
    hidden = page.evaluate(
        """[...document.querySelectorAll('td, tbody th, li, h1, h2, .caution')]
           .filter(each => each.offsetParent && each.scrollWidth > each.clientWidth + 1)
           .map(each => each.textContent)"""
    )
    assert hidden == []
    assert asked == complaints == []
    page.close()


def test_a_reader_without_eyes_hears_a_table(browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 800})
    page.set_content(render_html(DOCUMENTS["full"]))
    table = page.get_by_role("table", name="Da chiamare oggi")
    assert table.get_by_role("row").count() == 19
    assert table.get_by_role("columnheader", name="Perché").count() == 1
    assert table.get_by_role("rowheader").first.inner_text().startswith("F-")
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_prints_on_a4_black_on_white(browser: Browser, scheme: str) -> None:
    page = browser.new_page(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_content(render_html(DOCUMENTS["full"]))
    pdf = page.pdf(prefer_css_page_size=True)
    # A4 is 595 by 842 points; 23 calls fit in a handful of pages.
    sizes = set(re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf))
    assert {(round(float(width)), round(float(height))) for width, height in sizes} == {(595, 842)}
    assert len(re.findall(rb"/Type /Page\b", pdf)) <= 6
    page.emulate_media(media="print")
    colours_shown = page.evaluate(
        """[getComputedStyle(document.body).backgroundColor,
            getComputedStyle(document.body).color]"""
    )
    assert colours_shown == ["rgb(255, 255, 255)", "rgb(0, 0, 0)"]
    assert page.locator(".ticks .box").first.is_visible()
    page.close()
