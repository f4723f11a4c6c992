"""The demo's folder: what is in it, when an older one may be replaced, its config, its truth."""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from demo.errors import DemoError
from demo.town import Town
from demo.truth import Event

MARKER = ".faro-demo"
_PARTS = ("config", "data", "report", "truth", "summary.json")


@dataclass(frozen=True, slots=True)
class DemoFolder:
    """Paths of a demo's output."""

    root: Path

    @property
    def config(self) -> Path:
        """The config folder."""
        return self.root / "config"

    @property
    def reports(self) -> Path:
        """Where reports are written."""
        return self.root / "report"

    @property
    def truth(self) -> Path:
        """What the town knows of itself."""
        return self.root / "truth"

    @property
    def summary(self) -> Path:
        """The measured result."""
        return self.root / "summary.json"


def prepare(root: Path) -> DemoFolder:
    """An empty demo folder at `root`; an older demo there is replaced.

    Raises DemoError when `root` holds anything else.
    """
    folder = DemoFolder(root.absolute())
    try:
        root.mkdir(parents=True, exist_ok=True)
        if any(root.iterdir()) and not (root / MARKER).exists():
            raise DemoError(
                f"{root}: is not empty and holds no earlier demo; choose another folder with --dir"
            )
        (root / MARKER).write_text("Made by `faro demo`, which may replace it.\n", "utf-8")
        for name in _PARTS:
            path = root / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        folder.reports.mkdir()
    except OSError as error:
        raise DemoError(f"{root}: cannot be written ({error.strerror}); choose --dir") from error
    return folder


def write_config(folder: DemoFolder, ports: Mapping[str, int], left_out: Collection[str]) -> None:
    """The demo's faro.toml, and each site's file with its port; `left_out` are disabled."""
    sites = folder.config / "sites"
    sites.mkdir(parents=True, exist_ok=True)
    shipped = files("demo")
    main = shipped.joinpath("data/faro.toml").read_text("utf-8")
    (folder.config / "faro.toml").write_text(main, "utf-8")
    for site, port in ports.items():
        text = shipped.joinpath(f"sitefiles/{site}.toml").read_text("utf-8")
        text = text.replace("{port}", str(port))
        if site in left_out:
            text = "enabled = false\n" + text
        (sites / f"{site}.toml").write_text(text, "utf-8")


def write_truth(folder: DemoFolder, town: Town, sites: Collection[str]) -> None:
    """`truth/`: every number of the town, the people with their adverts, the events of `sites`."""
    folder.truth.mkdir(exist_ok=True)
    (folder.truth / "numbers.txt").write_text("".join(f"{n}\n" for n in town.numbers), "utf-8")
    _write_json(folder.truth / "people.json", [_person(town, person) for person in town.people])
    _write_json(folder.truth / "events.json", [_event(each) for each in town.events(sites)])


def _person(town: Town, person: str) -> dict[str, Any]:
    adverts = [each for each in town.adverts if each.plan.person == person]
    return {
        "person": person,
        "name": town.people[person].names[0],
        "behaviours": list(town.marks[person]),
        "numbers": sorted({n for each in adverts for c in each.plan.contents for n in c.numbers}),
        "adverts": [
            {
                "site": each.plan.site,
                "ad_id": each.ad_id,
                "shown": [
                    [town.day(first).isoformat(), town.day(last).isoformat()]
                    for first, last in each.plan.spans
                ],
                "cities": list(dict.fromkeys(c.place.city for c in each.plan.contents)),
            }
            for each in adverts
        ],
    }


def _event(event: Event) -> dict[str, Any]:
    return {
        "day": event.day.isoformat(),
        "person": event.person,
        "kind": event.kind.value,
        "absent_days": event.absent_days,
        "new_number": event.new_number,
    }


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", "utf-8")
