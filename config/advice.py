"""Warnings: what is allowed and probably not meant; they stop nothing, and are shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import time

from config.fields import MEANINGS
from config.models import FaroFile
from config.sitefile import SiteFile
from config.times import doubtful
from config.wording import nearest, quoted

_NEAR_A_MEANING = 75
_CLOCK_CHANGE = (
    "is skipped or comes twice when the clocks change; prefer before 01:00 or after 03:30"
)
_PASSWORD = re.compile(r"//[^/@]*:[^/@]+@")


def faro_advice(faro: FaroFile) -> Iterator[str]:
    """Warnings of faro.toml, as `key.path: words`."""
    yield from _times("schedule.report_at", (faro.schedule.report_at,))
    yield from _times("schedule.upkeep_at", (faro.schedule.upkeep_at,))
    for name, group in faro.schedule.groups.items():
        yield from _times(f"schedule.groups.{name}.at", group.at)
    if faro.database_url and _PASSWORD.search(faro.database_url):
        yield "database_url: holds a password for every reader of the file; use ~/.pgpass"
    if not faro.units:
        yield "units: there are none, so nobody gets a report; add [[units]]"


def site_advice(site: SiteFile) -> Iterator[str]:
    """Warnings of one site file, as `key.path: words`."""
    for advice in _ADVICE:
        yield from advice(site)


def _own_times(site: SiteFile) -> Iterator[str]:
    yield from _times("schedule.at", site.schedule.at)


def _times(path: str, times: tuple[time, ...]) -> Iterator[str]:
    for moment in filter(doubtful, times):
        yield f"{path}: {moment:%H:%M} {_CLOCK_CHANGE}"


def _misspelt_fields(site: SiteFile) -> Iterator[str]:
    for section, fields in (("list", site.list.fields), ("detail", site.detail.fields)):
        for name in fields:
            near = nearest(name, MEANINGS, at_least=_NEAR_A_MEANING)
            if name not in MEANINGS and near:
                yield (
                    f"{section}.fields.{name}: no field that Faro understands, so it is kept "
                    f"as text only; did you mean '{near}'?"
                )


def _never_scheduled(site: SiteFile) -> Iterator[str]:
    if site.enabled and not site.schedule.group and not site.schedule.at:
        yield "schedule: names no group and no times, so it is crawled by hand only"


def _details_never_read(site: SiteFile) -> Iterator[str]:
    if site.detail.when == "never" and site.detail.fields:
        yield 'detail.fields: never read, for detail.when is "never"'


def _json_cards(site: SiteFile) -> Iterator[str]:
    if any(selector.kind != "json" for selector in site.list.card):
        return
    for name, spec in site.list.fields.items():
        for selector in spec.selectors:
            if selector.kind != "json":
                yield (
                    f"list.fields.{name}: {quoted(str(selector))} finds nothing in a card that "
                    "is JSON; write json:…"
                )


def _page_in_the_card(site: SiteFile) -> Iterator[str]:
    for name, spec in site.list.fields.items():
        for selector in spec.selectors:
            if selector.kind == "xpath" and selector.expression.startswith("/"):
                yield (
                    f"list.fields.{name}: {quoted(str(selector))} looks at the whole page, so all "
                    "cards get the same; begin with .// to look into the card"
                )


def _unmarked(site: SiteFile) -> Iterator[str]:
    if not site.list.page_marker:
        yield (
            "list.page_marker: without it a changed layout can't be told from a refusal; "
            "name what every real list page has"
        )


_ADVICE: tuple[Callable[[SiteFile], Iterator[str]], ...] = (
    _own_times,
    _misspelt_fields,
    _never_scheduled,
    _details_never_read,
    _json_cards,
    _page_in_the_card,
    _unmarked,
)
