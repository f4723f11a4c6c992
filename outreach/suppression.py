"""Taking people out of a report that was published before they asked not to be contacted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from records.flags import FlagKind

ITEMS = ("flags", "follow_ups", "doubtful", "withdrawn", "handover", "carried", "baseline")


def counted_flags(flags: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """How many flags there are of each kind, in the order of the report."""
    counts = {
        kind.value: 0
        for kind in (FlagKind.NEW, FlagKind.REAPPEARED, FlagKind.NEW_NUMBER, FlagKind.MOVED)
    }
    for flag in flags:
        counts[flag["kind"]] += 1
    return counts


def without(document: Mapping[str, Any], entries: Iterable[str]) -> dict[str, Any]:
    """The document as if `entries` (short ids) were not in it: items, list and counts."""
    gone = set(entries)
    kept = {
        name: [
            item for item in document[name] if gone.isdisjoint((item["entry"], item.get("other")))
        ]
        for name in ITEMS
    }
    because = {
        why: names
        for why, all_names in document["waiting_because"].items()
        if (names := [name for name in all_names if name not in gone])
    }
    removed_baseline = len(document["baseline"]) - len(kept["baseline"])
    return {
        **document,
        **kept,
        "list": [entry for entry in document["list"] if entry not in gone],
        "waiting_because": because,
        "waiting": sum(len(names) for names in because.values()),
        "counts": {
            **document["counts"],
            **counted_flags(kept["flags"]),
            "withdrawn": len(kept["withdrawn"]),
            "follow_ups": len(kept["follow_ups"]),
            "baseline": document["counts"]["baseline"] - removed_baseline,
        },
    }
