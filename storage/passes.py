"""Saving a matching pass: all of it, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, or_, select, update

from records.passes import PassResult, ProfileRef
from storage import audit, grouping, merging, parting, queue, suppression
from storage.crypto import canonical
from storage.errors import StorageError
from storage.histories import kept
from storage.sets import add_rows, among, change_pairs, remove_pairs
from storage.tables import advert
from storage.tables_matching import match_pass
from storage.tables_queue import (
    flag,
    flag_advert,
    link,
    profile,
    profile_advert,
    profile_seen,
)
from storage.vault import Vault

LINK_FLOOR = 0.5
"""Two adverts that are less likely one person's by themselves are no link."""
_Said = tuple[float, float, str]
"""A link's probability, the one that its adverts have alone, and its evidence as stored."""


def save(
    vault: Vault, result: PassResult, marks: Mapping[int, int], judged: Callable[[], PassResult]
) -> dict[str, int]:
    """See `Store.save_pass`. `marks` are those of the pending adverts as the pass read them."""
    with vault.writing() as connection:
        saving = _Pass(vault, connection, result, marks)
        saving.save_linking()
        saving.result = judged()
        saving.save_flags()
        return saving.made


class _Pass:
    """One pass while it is saved. `made` are the ids of its new profiles by their refs."""

    def __init__(
        self,
        vault: Vault,
        connection: Connection,
        result: PassResult,
        marks: Mapping[int, int],
    ) -> None:
        self.vault = vault
        self.connection = connection
        self.result = result
        self.marks = marks
        self.made: dict[str, int] = {}
        self.current: dict[int, int] = {}
        self.number = _next_pass(vault, connection)

    def save_linking(self) -> None:
        """What the linking came to."""
        result = self.result
        self._make_profiles()
        self._part()
        merging.merge(self.vault, self.connection, result.merges, result.at)
        self._know_current()
        self._join()
        self._store_links()
        if result.networks is not None:
            grouping.replace(
                self.vault, self.connection, self._resolved(result.networks), result.at
            )
        grouping.join(self.vault, self.connection, self._resolved(result.bonds), result.at)
        self._settle_adverts()

    def save_flags(self) -> None:
        """What the flag rules said of it, and that it was saved."""
        self._know_current()
        self._hold()
        self._store_flags()
        self._judge()
        self._open_entries()
        self._keep_pass()
        self.vault.advance(self.connection, self.result.at)
        self._audit()

    def _refs(self) -> Iterable[ProfileRef]:
        result = self.result
        yield from (ref for _, ref, _ in result.memberships)
        for members in (*(result.networks or ()), *result.bonds):
            yield from members
        for each in result.partings:
            yield from (each.kept, each.parted)
        yield from (ref for _, ref in result.moved_flags)
        yield from (each.profile for each in result.flags)
        yield from result.judged
        yield from (each.profile for each in result.seen)
        yield from (ref for ref, _ in result.units)

    def _make_profiles(self) -> None:
        names = list(dict.fromkeys(ref for ref in self._refs() if isinstance(ref, str)))
        ids = self.vault.ids.take(len(names))
        self.made = dict(zip(names, ids, strict=True))
        add_rows(
            self.connection,
            profile,
            ((made, self.result.at, None, None, None) for made in self.made.values()),
        )

    def _know_current(self) -> None:
        asked = {ref for ref in self._refs() if isinstance(ref, int)}
        self.current |= kept(self.connection, asked - self.current.keys())
        missing = sorted(asked - set(self.current))
        if missing:
            raise StorageError(f"matching pass: profile {missing[0]} is unknown; match again")

    def _profile(self, ref: ProfileRef) -> int:
        return self.made[ref] if isinstance(ref, str) else self.current[ref]

    def _part(self) -> None:
        """Who left keeps what is hers; the rest is `storage.parting`'s."""
        if not self.result.partings:
            return
        silent = suppression.suppressed(self.connection, self.result.at)
        told = []
        for each in self.result.partings:
            left = self.made[each.parted] if isinstance(each.parted, str) else each.parted
            if each.revived:
                parting.revive(self.connection, left, each.kept, self.result.at)
            parting.part(
                self.vault,
                self.connection,
                each.kept,
                left,
                self.result.at,
                silent=each.kept in silent,
            )
            told.append((f"profile:{each.kept}", {"kept": each.kept, "parted": left}))
        audit.write_all(self.vault, self.connection, self.result.at, "split", told)

    def _keep_pass(self) -> None:
        result = self.result
        alive = select(func.count()).select_from(profile).where(profile.c.merged_into.is_(None))
        self._insert(
            match_pass,
            [
                {
                    "id": self.number,
                    "at": result.at,
                    "whole": result.whole,
                    "adverts": len(result.adverts),
                    "made": len(self.made),
                    "merged": len(result.merges),
                    "parted": len(result.partings),
                    "moved": result.moved,
                    "profiles": self.connection.execute(alive).scalar_one() if result.whole else 0,
                    "model": result.model or None,
                }
            ],
        )

    def _join(self) -> None:
        wanted = {
            member: (self._profile(ref), probability)
            for member, ref, probability in self.result.memberships
        }
        columns = profile_advert.c
        query = select(columns.advert_id, columns.profile_id, columns.joined_at)
        joined: dict[int, tuple[int, datetime]] = {
            member: (profile_id, since)
            for member, profile_id, since in self.connection.execute(
                query.where(among(columns.advert_id, wanted))
            )
        }
        at = self.result.at
        leaving = [each for each, (to, _) in wanted.items() if joined.get(each, (to,))[0] != to]
        parting.keep_past(self.vault, self.connection, leaving, at)
        self.connection.execute(delete(profile_advert).where(among(columns.advert_id, joined)))
        add_rows(
            self.connection,
            profile_advert,
            (
                # An advert that stays keeps the time at which it came.
                (member, to, p, joined[member][1] if joined.get(member, (0, at))[0] == to else at)
                for member, (to, p) in wanted.items()
            ),
        )

    def _store_links(self) -> None:
        """A pass gives every link of the adverts that it handled: one that it does not is gone,
        and one that says what it said stays as it is.
        """
        given: dict[tuple[int, int], _Said] = {
            (each.a, each.b): (each.probability, each.alone, each.evidence)
            for each in self.result.links
            if each.alone >= LINK_FLOOR
        }
        same, other_ones = self._forget_links(given)
        at, columns = self.result.at, link.c
        ends = (columns.advert_a, columns.advert_b)
        change_pairs(
            self.connection,
            ends,
            (columns.probability, columns.alone, columns.evidence, columns.decided_at),
            [(*pair, *given[pair], at) for pair in sorted(other_ones)],
        )
        # Links that stay may be likelier or less likely by what is known now of their people.
        relit = [(*pair, now) for pair, now in sorted(self.result.relit.items())]
        change_pairs(self.connection, ends, (columns.probability,), relit)
        new = sorted(given.keys() - same - other_ones)
        add_rows(self.connection, link, ((*pair, *given[pair], at) for pair in new))

    def _forget_links(
        self, given: Mapping[tuple[int, int], _Said]
    ) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
        """Delete the stored links that no longer hold. Of those given, which are stored just so,
        and which are stored, but say something else.
        """
        columns = link.c
        stay = set(self.result.kept_links) - given.keys()
        if self.result.whole:
            here = among(columns.advert_a, (low for low, _ in stay))
            rows = self.connection.execute(select(link).where(here)).all()
            self.connection.execute(delete(link))
            add_rows(self.connection, link, (row for row in rows if (row[0], row[1]) in stay))
            return set(), set()
        query = select(
            *(columns.advert_a, columns.advert_b),
            *(columns.probability, columns.alone, columns.evidence),
        )
        handled = set(self.result.adverts)
        # One that is given may be stored between adverts that this pass did not handle.
        others = {low for low, high in given if low not in handled and high not in handled}
        gone: set[tuple[int, int]] = set()
        same: set[tuple[int, int]] = set()
        other: set[tuple[int, int]] = set()
        for which in (
            among(columns.advert_a, handled | others),
            among(columns.advert_b, handled),
        ):
            for low, high, *said in self.connection.execute(query.where(which)).all():
                pair = (low, high)
                if pair in given:
                    (same if tuple(said) == given[pair] else other).add(pair)
                elif low in handled or high in handled:
                    gone.add(pair)
        remove_pairs(self.connection, columns.advert_a, columns.advert_b, gone - stay)
        return same, other

    def _resolved(self, groups: Iterable[Iterable[ProfileRef]]) -> list[list[int]]:
        return [sorted({self._profile(ref) for ref in refs}) for refs in groups]

    def _settle_adverts(self) -> None:
        handled = set(self.result.adverts)
        query = select(advert.c.id, advert.c.pending).where(among(advert.c.id, handled))
        # A crawl may have changed an advert again since this pass read it: that mark stays.
        changed = {
            number
            for number, mark in self.connection.execute(query.where(advert.c.pending != 0))
            if self.marks.get(number) != mark
        }
        values = {"held_until": None, "matched_in": self.number}
        # Whoever was only looked at again is as she was.
        stirred = or_(advert.c.pending != 0, advert.c.held_until.is_not(None))
        stirred = or_(stirred, advert.c.matched_in == 0)
        for which, more in ((handled - changed, {"pending": 0}), (changed, {})):
            if which:
                self.connection.execute(
                    update(advert)
                    .where(among(advert.c.id, which), stirred)
                    .values(**values, **more)
                )

    def _hold(self) -> None:
        if self.result.holds:
            self.connection.execute(
                update(advert)
                .where(advert.c.id == bindparam("row"))
                .values(held_until=bindparam("until")),
                [{"row": held, "until": until} for held, until in self.result.holds],
            )

    def _store_flags(self) -> None:
        seal = self.vault.sealer.seal_for
        flags, adverts = [], []
        ids = self.vault.ids.take(len(self.result.flags))
        for number, each in zip(ids, self.result.flags, strict=True):
            reasons = canonical([[reason.code, dict(reason.params)] for reason in each.reasons])
            flags.append(
                {
                    "id": number,
                    "profile_id": self._profile(each.profile),
                    "kind": each.kind.value,
                    "raised_at": each.raised_at,
                    "proven": each.proven,
                    "doubtful": each.doubtful,
                    "absent_days": each.absent_days,
                    "probability": each.probability,
                    "reasons": seal("flag", "flag.reasons", number, reasons),
                    "withdrawn_at": None,
                }
            )
            adverts += [
                {"flag_id": number, "place": place, "advert_id": advert_id}
                for place, advert_id in enumerate(dict.fromkeys(each.adverts))
            ]
        self._insert(flag, flags)
        self._insert(flag_advert, adverts)
        if self.result.withdrawn:
            self.connection.execute(
                update(flag)
                .where(among(flag.c.id, self.result.withdrawn), flag.c.withdrawn_at.is_(None))
                .values(withdrawn_at=self.result.at)
            )
        for number, ref in self.result.moved_flags:
            self.connection.execute(
                update(flag).where(flag.c.id == number).values(profile_id=self._profile(ref))
            )

    def _judge(self) -> None:
        judged = [self._profile(ref) for ref in self.result.judged]
        self.connection.execute(
            update(profile).where(among(profile.c.id, judged)).values(judged_to=self.result.at)
        )
        wanted = {
            (self._profile(each.profile), kind, value)
            for each in self.result.seen
            for kind, values in (("contact", each.contacts), ("province", each.provinces))
            for value in values
        }
        query = select(profile_seen.c.profile_id, profile_seen.c.kind, profile_seen.c.value)
        owners = {owner for owner, _, _ in wanted}
        rows = self.connection.execute(query.where(among(profile_seen.c.profile_id, owners)))
        wanted -= {(owner, kind, value) for owner, kind, value in rows}
        add_rows(self.connection, profile_seen, sorted(wanted))

    def _open_entries(self) -> None:
        """Nobody who must not be called gets onto the queue, not even for a moment."""
        if not self.result.units:
            return
        silent = suppression.suppressed(self.connection, self.result.at)
        wanted = {self._profile(ref): unit for ref, unit in self.result.units}
        wanted = {each: unit for each, unit in wanted.items() if each not in silent}
        queue.ensure_all(self.connection, wanted, self.result.at)

    def _audit(self) -> None:
        result = self.result
        counts = {
            "adverts": len(result.adverts),
            "profiles": len(self.made),
            "merges": len(result.merges),
            "partings": len(result.partings),
            "links": len(result.links),
            "flags": len(result.flags),
            "withdrawn": len(result.withdrawn),
        }
        if any(counts.values()):
            audit.write(self.vault, self.connection, result.at, "match", "pass", counts)

    def _insert(self, table: Any, rows: list[dict[str, Any]]) -> None:
        if rows:
            self.connection.execute(insert(table), rows)


def _next_pass(vault: Vault, connection: Connection) -> int:
    """A number above that of every pass before it, whatever this machine's clock says."""
    last = connection.execute(select(func.max(match_pass.c.id))).scalar() or 0
    return max(vault.ids.one(), last + 1)
