"""`faro status`: what an admin wants to know first, on one screen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from config import Config, crawl_obstacle
from records.verdicts import PartitionHealth, admin_words
from storage import Store


def status_screen(
    config: Config, store: Store, now: datetime, browser: str, audit_fault: str | None
) -> RenderableType:
    """Sites with their last verdicts, the queue, keys, retention.

    `browser` says which Chromium is there; `audit_fault` is what the audit check found.
    """
    return Group(
        Text("Sites", style="bold"),
        _sites(config, store.health(), now),
        Text(""),
        Text("Faro", style="bold"),
        _facts(config, store, browser, audit_fault),
    )


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


def _sites(config: Config, health: list[PartitionHealth], now: datetime) -> Table:
    table = _table("site", "partition", "verdict", "last run", "last complete", "adverts", "why")
    zone = ZoneInfo(config.timezone)
    known = {(row.site, row.partition): row for row in health}
    for site in config.sites.values():
        obstacle = crawl_obstacle(config, site, now.date()) if site.enabled else "enabled = false"
        for start in site.list.start:
            row = known.get((site.id, start.id))
            if row is None:
                table.add_row(site.id, start.id, "", "never", "never", "", obstacle or "")
                continue
            style = "green" if row.verdict == "complete" and not row.held else "red"
            table.add_row(
                site.id,
                start.id,
                Text(row.verdict, style),
                _when(row.last_run, zone),
                _when(row.last_complete, zone),
                str(row.adverts),
                obstacle or admin_words(row, config.language),
            )
    if not config.sites:
        table.add_row("no site file yet", *[""] * 6)
    return table


def _facts(config: Config, store: Store, browser: str, audit_fault: str | None) -> Table:
    status = store.status()
    zone = ZoneInfo(config.timezone)
    facts = Table.grid(padding=(0, 2))
    retention = config.retention
    rows = {
        "database": status.location + (" (simulated)" if status.simulated else ""),
        "last activity": f"{status.last_now.astimezone(zone):%d %b %Y %H:%M}",
        "adverts": _counts(status.adverts) + f"; {status.pending} not yet matched",
        "profiles": f"{status.profiles}, {status.flags} flags raised",
        "queue": _counts(status.entries) + f"; {status.do_not_contact} do-not-contact",
        "reports": _counts(status.reports) if status.reports else "none published",
        "keys": f"{config.keys.folder}; text of {len(status.text_months)} months can be read",
        "retention": f"text {retention.advert_text_days} days, adverts {retention.advert_months} "
        f"months, attempts {retention.attempt_months} months, audit {retention.audit_years} years",
        "audit": audit_fault or f"whole, {status.audit_count} entries",
        "browser": browser,
    }
    for name, value in rows.items():
        facts.add_row(Text(name, "dim"), Text(value, "red" if value == audit_fault else ""))
    return facts


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
