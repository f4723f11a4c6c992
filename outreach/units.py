"""Which unit owns a province."""

from __future__ import annotations

from collections.abc import Callable

from config import Config

EVERYWHERE = "*"


def unit_of(config: Config) -> Callable[[str | None], str | None]:
    """The function from a province code (`TV`) to the id of the unit that owns it.

    A unit that names the province comes before one that owns all (`*`); among equals the first in
    faro.toml. None means that no unit owns it and the profile is not queued; a profile of unknown
    province belongs only to a unit that owns all.
    """
    owners: dict[str, str] = {}
    for unit in config.units:
        provinces = (
            (EVERYWHERE,)
            if EVERYWHERE in unit.provinces
            else tuple(code.upper() for code in unit.provinces)
        )
        for code in provinces:
            owners.setdefault(code, unit.id)
    rest = owners.get(EVERYWHERE)

    def owner(province: str | None) -> str | None:
        return rest if province is None else owners.get(province.upper(), rest)

    return owner
