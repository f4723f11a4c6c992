"""What goes wrong with the simulated sites, so that the health line has something to say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Incidents:
    """`blocks` maps a site to the days (from 0) on which it refuses everything; `drifts` maps
    (site, partition) to the days on which its layout is another.
    """

    blocks: Mapping[str, frozenset[int]] = field(default_factory=dict)
    drifts: Mapping[tuple[str, str], frozenset[int]] = field(default_factory=dict)

    def blocked(self, site: str, day: int) -> bool:
        """Whether the site refuses that day."""
        return day in self.blocks.get(site, frozenset())

    def drifted(self, site: str, day: int) -> frozenset[str]:
        """The partitions of the site whose layout is another that day."""
        return frozenset(
            partition
            for (name, partition), days in self.drifts.items()
            if name == site and day in days
        )

    def on(self, site: str, day: int) -> bool:
        """Whether anything of the site goes wrong that day."""
        return self.blocked(site, day) or bool(self.drifted(site, day))


def usual_incidents(days: int) -> Incidents:
    """Lanterna refuses for two days in the middle, Piazzetta's Rovigo drifts on the last day."""
    if days < 5:
        return Incidents()
    middle = days * 2 // 5
    return Incidents(
        blocks={"lanterna": frozenset({middle, middle + 1})},
        drifts={("piazzetta", "rovigo"): frozenset({days - 1})},
    )
