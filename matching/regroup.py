"""What a pass changes about profiles: which adverts join which, which are made, which merge.

Pure: from clusters of rows and the memberships known before to groups. What was decided before
stays: adverts of one profile are never parted here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from matching.score import Scored
from records.passes import ProfileRef

Int64s = NDArray[np.int64]
Age = tuple[datetime, float, int]
"""How long a cluster has been known: made at, first seen (days), smallest row."""

REFUSED = 0.95
"""What a link counts as a doubt at most: one above it was refused by the clusters' guard."""


@dataclass(frozen=True, slots=True)
class Group:
    """One profile after the pass. `rows` are all its adverts, `joining` those new to any profile.

    `ref` is the oldest of the `profiles` that it had before, or `new-N` without any; the others
    merge into it.
    """

    ref: ProfileRef
    cluster: int
    rows: tuple[int, ...]
    joining: tuple[int, ...]
    profiles: tuple[int, ...]

    @property
    def dropped(self) -> tuple[int, ...]:
        """The stored profiles that merge into this one."""
        return tuple(profile for profile in self.profiles if profile != self.ref)


def chained(profile_of: Mapping[int, int]) -> list[tuple[int, int]]:
    """Pairs of rows that keep the adverts of each profile together."""
    first: dict[int, int] = {}
    return [
        (first[profile], row)
        for row, profile in profile_of.items()
        if first.setdefault(profile, row) != row
    ]


def groups(
    cluster: Int64s,
    touched: NDArray[np.bool_],
    profile_of: Mapping[int, int],
    made_at: Mapping[int, datetime],
    first_seen: NDArray[np.float64],
) -> list[Group]:
    """The groups in which a touched row stands, in the order in which they were first seen.

    `cluster[row]` is a label, `profile_of[row]` the stored profile that the row had before, and
    `made_at[profile]` when that was made.
    """
    wanted = np.isin(cluster, np.unique(cluster[touched]))
    rows_of: dict[int, list[int]] = {}
    for row in np.flatnonzero(wanted).tolist():
        rows_of.setdefault(int(cluster[row]), []).append(row)
    order = sorted(
        rows_of.items(),
        key=lambda item: (float(np.nan_to_num(first_seen[item[1]]).min()), item[1][0]),
    )
    found: list[Group] = []
    made = 0
    for label, rows in order:
        profiles = sorted(
            {profile_of[row] for row in rows if row in profile_of},
            key=lambda profile: (made_at[profile], profile),
        )
        made += not profiles
        found.append(
            Group(
                profiles[0] if profiles else f"new-{made}",
                label,
                tuple(rows),
                tuple(row for row in rows if row not in profile_of),
                tuple(profiles),
            )
        )
    return found


def doubts(scored: Scored, cluster: Int64s, age: Callable[[int], Age]) -> dict[int, float]:
    """For each cluster the probability of its strongest doubtful link to an older cluster."""
    found: dict[int, float] = {}
    apart = np.flatnonzero(cluster[scored.a] != cluster[scored.b])
    for a, b, probability in zip(
        cluster[scored.a[apart]].tolist(),
        cluster[scored.b[apart]].tolist(),
        scored.probability[apart].tolist(),
        strict=True,
    ):
        younger = max(a, b, key=age)
        found[younger] = max(found.get(younger, 0.0), min(probability, REFUSED))
    return found


def ages(
    clusters: Sequence[int],
    cluster: Int64s,
    profile_of: Mapping[int, int],
    made_at: Mapping[int, datetime],
    first_seen: NDArray[np.float64],
    now: datetime,
) -> dict[int, Age]:
    """How long each of these clusters has been known; one without a profile is made `now`."""
    found: dict[int, Age] = {}
    for row in np.flatnonzero(np.isin(cluster, np.array(clusters, dtype=np.int64))).tolist():
        label = int(cluster[row])
        made = made_at[profile_of[row]] if row in profile_of else now
        mine = (made, float(np.nan_to_num(first_seen[row])), row)
        found[label] = min(found.get(label, mine), mine)
    return found
