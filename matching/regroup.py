"""What a pass changes about profiles: which adverts join which, which are made, which merge.

Pure: from clusters of rows and the memberships known before to groups, and who leaves hers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from matching.model import Model
from records.flags import LIKELY
from records.passes import ProfileRef

Int64s = NDArray[np.int64]
Age = tuple[datetime, float, int]
"""How long a cluster has been known: made at, first seen (days), smallest row."""

Parts = Callable[[Mapping[int, Sequence[Sequence[int]]]], Mapping[int, Sequence[int | None]]]
"""Profiles with what each of their parts has to the profile under which each goes on; None: none
that is stored."""

FAINT = 0.05
"""From this probability on, a first flag waits a day for what else may show who she is. Of those
that were told at once in spite of so faint a link, three in ten were somebody known, and most were
known by her other adverts a day or two later (towns 2201 to 2210)."""


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


@dataclass(frozen=True, slots=True)
class Leaving:
    """Rows that part from the stored profile `kept`; `revived` is whose id they take up again."""

    kept: int
    cluster: int
    revived: int | None


def settled(
    cluster: Int64s,
    profile_of: Mapping[int, int],
    parts: Parts,
) -> tuple[dict[int, int], list[Leaving]]:
    """The profile that each row goes on in, and who leaves hers.

    `parts` says under which profile each part of the rows of those profiles that part goes on.
    """
    places: dict[int, dict[int, list[int]]] = {}
    for row, profile in profile_of.items():
        places.setdefault(profile, {}).setdefault(int(cluster[row]), []).append(row)
    home: dict[int, int] = {}
    leaving: list[Leaving] = []
    parting = {
        profile: list(by_cluster.values())
        for profile, by_cluster in places.items()
        if len(by_cluster) > 1
    }
    parted = parts(parting)
    for profile, by_cluster in places.items():
        ids = parted.get(profile, [profile])
        for (label, members), goes_on in zip(by_cluster.items(), ids, strict=True):
            if goes_on is not None:
                home.update(dict.fromkeys(members, goes_on))
            if goes_on != profile:
                leaving.append(Leaving(profile, label, goes_on))
    return home, leaving


def groups(
    cluster: Int64s,
    touched: NDArray[np.bool_],
    profile_of: Mapping[int, int],
    home: Mapping[int, int],
    made_at: Mapping[int, datetime],
    first_seen: NDArray[np.float64],
) -> list[Group]:
    """The groups in which a touched row stands, in the order in which they were first seen.

    `cluster[row]` is a label, `profile_of[row]` the stored profile that the row had before,
    `home[row]` the one that it goes on in, and `made_at[profile]` when that was made.
    """
    wanted = np.isin(cluster, np.unique(cluster[touched]))
    rows_of: dict[int, list[int]] = {}
    for row in np.flatnonzero(wanted).tolist():
        rows_of.setdefault(int(cluster[row]), []).append(row)
    seen = np.nan_to_num(first_seen).tolist()
    order = sorted(
        rows_of.items(), key=lambda item: (min(seen[row] for row in item[1]), item[1][0])
    )
    found: list[Group] = []
    made = 0
    for label, rows in order:
        profiles = sorted(
            {home[row] for row in rows if row in home},
            key=lambda profile: (made_at[profile], profile),
        )
        made += not profiles
        found.append(
            Group(
                profiles[0] if profiles else f"new-{made}",
                label,
                tuple(rows),
                tuple(row for row in rows if row not in home or home[row] != profile_of[row]),
                tuple(profiles),
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class Doubt:
    """A cluster's strongest doubtful link to an older one, `other`; a `faint` one is none that a
    person would be asked about.
    """

    probability: float
    other: int
    faint: bool = False

    @property
    def likely(self) -> bool:
        """Whether flags suppose that it is true, once nobody has decided in time."""
        return not self.faint and self.probability >= LIKELY


def doubts(
    a: NDArray[np.int32],
    b: NDArray[np.int32],
    probability: NDArray[np.float64],
    cluster: Int64s,
    age: Callable[[int], Age],
    model: Model,
) -> dict[int, Doubt]:
    """For each cluster its strongest doubtful link to an older cluster, or its strongest faint one.

    One that would link, but was refused by the clusters' guard or may not by what people said,
    counts as a doubt just below.
    """
    found: dict[int, Doubt] = {}
    apart = np.flatnonzero((cluster[a] != cluster[b]) & (probability >= min(FAINT, model.doubt)))
    for one, other, likely in zip(
        cluster[a[apart]].tolist(),
        cluster[b[apart]].tolist(),
        np.minimum(probability[apart], model.link).tolist(),
        strict=True,
    ):
        older, younger = sorted((one, other), key=age)
        if younger not in found or likely > found[younger].probability:
            found[younger] = Doubt(likely, older, faint=likely < model.doubt)
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
    seen = np.nan_to_num(first_seen)
    for row in np.flatnonzero(np.isin(cluster, np.array(clusters, dtype=np.int64))).tolist():
        label = int(cluster[row])
        made = made_at[profile_of[row]] if row in profile_of else now
        mine = (made, float(seen[row]), row)
        found[label] = min(found.get(label, mine), mine)
    return found
