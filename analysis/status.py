"""`faro status`: what an admin wants to know first, on one screen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from config import Config, SiteFile, crawl_obstacle
from records.stored import StoreStatus
from records.verdicts import PartitionHealth, PartitionVerdict, admin_words
from storage import Store

_GOOD, _BAD = "green", "red"
_WARNINGS = 5  # so many are shown: the screen is one screen


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the database does not know. `scheduler` and `browser` are (all is well, in words),
    `next_of` says for each site when it is crawled next, or why not, `coming` what comes next of
    all; `audit_fault` is what the audit check found.
    """

    scheduler: tuple[bool, str]
    browser: tuple[bool, str]
    coming: str
    audit_fault: str | None = None
    next_of: Mapping[str, str] = field(default_factory=dict)


def status_screen(config: Config, store: Store, now: datetime, around: Surroundings) -> Group:
    """What to do, the sites with their last verdicts, and Faro itself."""
    health = store.health()
    known: dict[str, list[PartitionHealth]] = {}
    for row in health:
        known.setdefault(row.site, []).append(row)
    to_do = list(_to_do(config, known, now, around))
    local = now.astimezone(ZoneInfo(config.timezone))
    parts: list[RenderableType] = [
        Text.assemble((f"{local:%A %-d %B %Y, %H:%M}", "bold"), f"  {config.timezone}"),
        Text(""),
    ]
    if to_do:
        parts += [Text(f"To do ({len(to_do)})", style="bold red"), _listed(to_do), Text("")]
    else:
        parts += [Text("Nothing to do: all is well.", style=f"bold {_GOOD}"), Text("")]
    parts += [_sites(config, known, now, around), Text(""), _facts(config, store, around)]
    if config.warnings:
        parts += [Text(""), Text(f"Warnings ({len(config.warnings)})", style="bold yellow")]
        parts += [Text(warning) for warning in config.warnings[:_WARNINGS]]
        if len(config.warnings) > _WARNINGS:
            parts.append(Text("all of them: faro site check", style="dim"))
    return Group(*parts)


def sites_table(config: Config, now: datetime) -> Table:
    """The site files, and what stands in the way of crawling each."""
    table = _table("site", "name", "fetch", "partitions", "crawled")
    for site in config.sites.values():
        obstacle = crawl_obstacle(config, site, now.date())
        word = (
            "no: enabled = false" if not site.enabled else f"no: {obstacle}" if obstacle else "yes"
        )
        partitions = ", ".join(start.id for start in site.list.start)
        table.add_row(site.id, site.name, site.fetch, partitions, word)
    return table


def _to_do(
    config: Config,
    known: Mapping[str, Sequence[PartitionHealth]],
    now: datetime,
    around: Surroundings,
) -> Iterator[tuple[str, str]]:
    """(about what, what is wrong and what to do), the most urgent first. In English, as all that
    commands say; report and notices speak the config's language.
    """
    if not around.scheduler[0]:
        yield "scheduler", around.scheduler[1]
    if around.audit_fault:
        yield "audit", around.audit_fault
    if not around.browser[0]:
        yield "browser", around.browser[1]
    for site in config.sites.values():
        if not site.enabled:
            continue
        obstacle = crawl_obstacle(config, site, now.date())
        if obstacle is not None:
            yield site.id, f"not crawled: {obstacle}"
            continue
        alike: dict[str, list[str]] = {}
        for row in _rows(site, known):
            if not (_well(row) or row.newest_only) and row.last_run is not None:
                words = admin_words(row, "en") or row.reason
                alike.setdefault(f"{row.verdict}: {words}" if words else row.verdict, []).append(
                    row.partition
                )
        for words, partitions in alike.items():
            whole = len(partitions) == len(site.list.start)
            yield site.id if whole else f"{site.id}: {', '.join(partitions)}", words


def _sites(
    config: Config,
    known: Mapping[str, Sequence[PartitionHealth]],
    now: datetime,
    around: Surroundings,
) -> Table:
    """A row for each site: how many of its lists were read whole, and when the next crawl is."""
    table = _table("site", "lists", "last verdict", "last complete", "adverts", "next crawl")
    for column in table.columns[:5]:
        column.no_wrap = True
    table.columns[4].justify = "right"
    zone = ZoneInfo(config.timezone)
    for site in config.sites.values():
        rows = _rows(site, known)
        well = sum(_well(row) for row in rows)
        crawled = site.enabled and crawl_obstacle(config, site, now.date()) is None
        verdict, style = _verdict(rows)
        complete = [row.last_complete for row in rows]
        oldest = None if None in complete or not complete else min(filter(None, complete))
        table.add_row(
            site.id,
            f"{well} of {len(site.list.start)}" if rows else str(len(site.list.start)),
            Text(verdict, style if crawled else "dim"),
            _when(oldest, zone),
            f"{sum(row.adverts for row in rows):,}" if rows else "",
            around.next_of.get(site.id, ""),
        )
    if not config.sites:
        table.add_row("no site file yet: see sites/example.toml", *[""] * 5)
    return table


def _rows(site: SiteFile, known: Mapping[str, Sequence[PartitionHealth]]) -> list[PartitionHealth]:
    """The health of those partitions that the site file still names."""
    named = {start.id for start in site.list.start}
    return [row for row in known.get(site.id, ()) if row.partition in named]


def _well(row: PartitionHealth) -> bool:
    return row.verdict == PartitionVerdict.COMPLETE and not row.held


def _verdict(rows: Sequence[PartitionHealth]) -> tuple[str, str]:
    """The worst of the lists' last verdicts, and its colour."""
    if not rows or all(row.last_run is None for row in rows):
        return ("running", "") if any(row.running for row in rows) else ("never crawled", "dim")
    if any(row.held for row in rows):
        return "held", _BAD
    bad = sorted({row.verdict for row in rows if not (_well(row) or row.newest_only)})
    if not bad and any(row.newest_only for row in rows):
        return "newest only", _GOOD
    return (", ".join(bad), _BAD) if bad else ("complete", _GOOD)


def _relinked(status: StoreStatus, zone: ZoneInfo) -> str:
    """When all adverts were last linked anew, and how much that changed."""
    if status.relinked is None:
        return ""
    share = status.moved / max(status.relinked_profiles, 1)
    day = f"{status.relinked.astimezone(zone):%d %b %Y}"
    return f"; all linked anew on {day}, which changed {status.moved:,} ({share:.2%})"


def _facts(config: Config, store: Store, around: Surroundings) -> Table:
    status = store.status()
    zone = ZoneInfo(config.timezone)
    retention = config.retention
    rows = {
        "scheduler": around.scheduler[1],
        "coming": around.coming,
        "requests": _requests(store),
        "adverts": _counts(status.adverts) + f"; {status.pending} not yet matched",
        "profiles": f"{status.profiles:,}; {_many(status.flags, 'flag')} raised"
        + _relinked(status, zone),
        "queue": _counts(status.entries) + f"; {status.do_not_contact} do-not-contact",
        "reports": _counts(status.reports) if status.reports else "none published",
        "database": status.location + (" (simulated)" if status.simulated else ""),
        "last run": f"{status.last_now.astimezone(zone):%d %b %Y %H:%M}",
        "keys": f"{config.keys.folder}; "
        f"text of {_many(len(status.text_months), 'month')} can be read",
        "retention": f"text {retention.advert_text_days} days, adverts {retention.advert_months} "
        f"months, attempts {retention.attempt_months} months, audit {retention.audit_years} years",
        "audit": around.audit_fault or f"whole, {status.audit_count:,} entries",
        "browser": around.browser[1],
    }
    bad = {
        "scheduler": not around.scheduler[0],
        "audit": around.audit_fault is not None,
        "browser": not around.browser[0],
    }
    facts = Table.grid(padding=(0, 2))
    facts.add_column(no_wrap=True)
    facts.add_column(overflow="fold")
    for name, value in rows.items():
        facts.add_row(Text(name, "dim"), Text(value, _BAD if bad.get(name) else ""))
    return facts


def _many(count: int, word: str) -> str:
    return f"{count:,} {word}{'s' * (count != 1)}"


def _requests(store: Store) -> str:
    """What the last crawl of each site cost and saved, together."""
    last = [runs[0].stats for runs in store.recent_runs(1).values()]
    if not last:
        return "none yet"
    made, saved, unchanged = (
        int(sum(stats.get(name, 0) for stats in last))
        for name in ("downloader/request_count", "faro/requests/saved", "faro/requests/unchanged")
    )
    words = f"{made:,} in the last crawls, {saved:,} detail pages not read again"
    return words + (f", {unchanged:,} pages not sent again" if unchanged else "")


def _listed(rows: Sequence[tuple[str, str]]) -> Table:
    """What to do: a name, and the words beside it."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style=_BAD, max_width=24, overflow="fold")
    table.add_column(overflow="fold")
    for about, words in rows:
        table.add_row(about, Text(words))
    return table


def _counts(counts: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "none"


def _when(iso: str | None, zone: ZoneInfo) -> str:
    if iso is None:
        return "never"
    return f"{datetime.fromisoformat(iso).astimezone(zone):%d %b %H:%M}"


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in headings:
        table.add_column(heading)
    return table
