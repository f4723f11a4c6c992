"""Writing a report to files, in the formats that are there."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from outreach.errors import OutreachError
from outreach.html import render_html

Document = Mapping[str, Any]


def render_json(document: Document) -> str:
    """The document as JSON (docs/report.md), indented."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


FORMATS: dict[str, Callable[[Document], str]] = {"html": render_html, "json": render_json}
LATER = ("pdf", "xlsx")
STDOUT = "-"


def write_report(
    document: Document,
    formats: Iterable[str],
    out: str | Path | None,
    *,
    folder: Path,
    alone: bool = True,
) -> list[Path]:
    """Write `document` in each of `formats` and return the paths.

    `out` is a file (its name ends in the one format asked for, and the report is the only one:
    `alone`), a folder, `-` for standard output, or None for `folder`. Files can be read by their
    owner only. Raises OutreachError for a format that is not there, before anything is written,
    and for a path that cannot be written.
    """
    wanted = list(dict.fromkeys(formats))
    for name in wanted:
        _renderer(name)
    if str(out) == STDOUT:
        if len(wanted) != 1 or not alone:
            raise OutreachError("--out -: one format and one unit at a time go to standard output")
        sys.stdout.write(_renderer(wanted[0])(document))
        return []
    target = Path(out) if out is not None else folder
    as_file = out is not None and target.suffix.lstrip(".") in FORMATS and not target.is_dir()
    if as_file and (wanted != [target.suffix.lstrip(".")] or not alone):
        raise OutreachError(
            f"--out {target}: a file holds one report in the format of its name; name a folder"
        )
    paths = [target if as_file else target / f"{file_name(document)}.{name}" for name in wanted]
    for name, path in zip(wanted, paths, strict=True):
        _write(path, _renderer(name)(document))
    return paths


def file_name(document: Document) -> str:
    """`faro-treviso-2026-03-04`: unit and day, nothing that says what it is about."""
    unit = "".join(each if each.isalnum() else "-" for each in document["unit"])
    return f"faro-{unit}-{document['report']}" + ("-draft" if document["draft"] else "")


def _renderer(name: str) -> Callable[[Document], str]:
    if name in FORMATS:
        return FORMATS[name]
    if name in LATER:
        raise OutreachError(f"--format {name}: not there yet; use html, which prints on A4")
    raise OutreachError(f"--format {name}: unknown; there are {', '.join(FORMATS)}")


def _write(path: Path, text: str) -> None:
    """Replace the file as a whole: who opens it meanwhile sees the old report or the new one."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        partial.replace(path)
    except OSError as error:
        with suppress(OSError):
            partial.unlink()
        raise OutreachError(
            f"{path}: cannot be written ({error.strerror}); choose --out"
        ) from error
