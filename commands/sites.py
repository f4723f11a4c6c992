"""`faro site …`: look at, validate, preview and freeze site files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from commands.app import NEEDS_A_PERSON, UseError, app, err_console, loaded, opened, out_console

site_app = typer.Typer(no_args_is_help=True, help="Look at, validate and try site files.")
app.add_typer(site_app, name="site")

SavedList = Annotated[
    Path | None, typer.Option("--html", help="A saved list page instead of the live one.")
]
SavedDetail = Annotated[
    Path | None, typer.Option("--detail", help="A saved page of the list's first advert.")
]


@site_app.command("list")
def site_list(context: typer.Context) -> None:
    """The sites, and whether they may be crawled."""
    from analysis.status import sites_table

    config, clock = loaded(context)
    out_console().print(sites_table(config, clock.now()))


@site_app.command("check")
def site_check(
    context: typer.Context, site: Annotated[str | None, typer.Argument()] = None
) -> None:
    """Validate all config, one line per fault."""
    from config import site_named
    from crawlers.freeze import differences, fixture_folder, has_detail

    config, _ = loaded(context)
    chosen = [site] if site else sorted(config.sites)
    warnings, faults = list(config.warnings), []
    for name in chosen:
        described = site_named(config, name)
        folder = fixture_folder(config, name)
        if folder.is_dir():
            faults += [f"site {name}, fixture: {each}" for each in differences(described, folder)]
        if described.enabled and not (folder.is_dir() and has_detail(described, folder)):
            missing = "no fixture of a detail page" if folder.is_dir() else "no fixture"
            warnings.append(f"site {name}: has {missing}; make one: faro site freeze {name}")
    for warning in warnings:
        err_console().print(f"warning: {warning}")
    for fault in faults:
        err_console().print(fault)
    if faults:
        raise typer.Exit(NEEDS_A_PERSON)
    out_console().print(
        f"{len(chosen)} site file{'s' * (len(chosen) != 1)} valid: {', '.join(chosen)}"
    )


@site_app.command("try")
def site_try(
    context: typer.Context,
    site: str,
    html: SavedList = None,
    detail: SavedDetail = None,
) -> None:
    """Preview one list page: verdict, cards, fill rates, first rows (masked). Stores nothing."""
    from crawlers.preview import preview

    config, clock = loaded(context)
    found = preview(config, site, clock, html, detail)
    out_console().print(found.render())
    if not found.ok:
        raise typer.Exit(NEEDS_A_PERSON)


@site_app.command("sample")
def site_sample(
    context: typer.Context,
    site: str,
    partition: Annotated[str | None, typer.Argument(help="Default: the only one.")] = None,
    out: Annotated[Path, typer.Option("--out", help="The file to write.")] = Path("sample.html"),
) -> None:
    """Write the last bad page of a partition into a file; it is kept for 7 days, encrypted."""
    from config import site_named

    config, clock = loaded(context)
    names = [start.id for start in site_named(config, site).list.start]
    if partition is None and len(names) > 1:
        raise UseError(f"faro site sample {site}: which of {', '.join(names)}?")
    with opened(config, clock) as store:
        found = store.samples.read(site, partition or names[0], clock.now())
    made = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(made, "w", encoding="utf-8", errors="replace") as file:
        file.write(found.page)
    out_console().print(
        f"made {out}: the page of {found.at:%Y-%m-%d %H:%M} UTC, as it came: it may hold numbers, "
        f"so delete it when you have seen it. `faro site try {site} --html {out}` reads it; "
        f"`--detail {out}` where it is an advert's."
    )


@site_app.command("freeze")
def site_freeze(
    context: typer.Context,
    site: str,
    html: SavedList = None,
    detail: SavedDetail = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder of the fixture.")] = None,
) -> None:
    """Make a fixture of a list page and its first advert's, with generated texts and contacts."""
    from crawlers.freeze import freeze

    config, clock = loaded(context)
    for path in freeze(config, site, clock, html, out, detail):
        out_console().print(f"made {path}")


@site_app.command("add")
def site_add(
    context: typer.Context,
    url: str,
    html: Annotated[
        Path | None, typer.Option("--html", help="The list page, saved from a browser.")
    ] = None,
) -> None:
    """Propose a site file from a list page; its guesses are marked for review."""
    from config import load
    from crawlers.preview import preview
    from crawlers.proposal import propose

    config, clock = loaded(context)
    path = propose(config, url, html)
    out_console().print(f"made {path}; what it finds on the page:\n")
    if html is not None:
        out_console().print(preview(load(config.folder), path.stem, clock, html).render())
    out_console().print(
        f"\nReview its lines, fill in [legal], then: faro site try {path.stem}, enabled = true"
    )


@site_app.command("forget")
def site_forget(
    context: typer.Context,
    site: str,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete what was stored of a site: adverts, runs, and profiles that only it showed."""
    config, clock = loaded(context)
    if site in config.sites and config.sites[site].enabled:
        raise UseError(f"site {site}: is still crawled; set enabled = false in its file first")
    if not yes:
        typer.confirm(f"Delete all that is stored of {site}? It can't be undone", abort=True)
    with opened(config, clock) as store:
        told = store.forget_site(site, clock.now())
    out_console().print(
        f"forgotten: {told['adverts']} adverts, {told['runs']} runs, {told['profiles']} profiles; "
        "who asked not to be contacted stays on the list"
    )
