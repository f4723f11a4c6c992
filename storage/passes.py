"""Saving a matching pass: all of it, or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, or_, select, update

from records.passes import PassResult, ProfileRef
from storage import audit, queue, suppression
from storage.crypto import canonical
from storage.errors import StorageError
from storage.histories import kept
from storage.tables import advert
from storage.tables_queue import (
    entry,
    flag,
    flag_advert,
    link,
    network,
    network_member,
    profile,
    profile_advert,
    profile_seen,
)
from storage.vault import Vault

LINK_FLOOR = 0.5

_CHUNK = 500


def save(vault: Vault, result: PassResult, marks: Mapping[int, int]) -> dict[str, int]:
    """See `Store.save_pass`. `marks` are those of the pending adverts as the pass read them."""
    with vault.writing() as connection:
        return _Pass(vault, connection, result, marks).save()


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

    def save(self) -> dict[str, int]:
        result = self.result
        self._make_profiles()
        for kept_id, dropped in result.merges:
            self._merge(kept_id, dropped)
        self._know_current()
        self._join()
        self._store_links()
        if result.networks is not None:
            self._store_networks(result.networks)
        self._settle_adverts()
        self._store_flags()
        self._judge()
        self._open_entries()
        self.vault.advance(self.connection, result.at)
        self._audit()
        return self.made

    def _refs(self) -> Iterable[ProfileRef]:
        result = self.result
        yield from (ref for _, ref, _ in result.memberships)
        for members in result.networks or ():
            yield from members
        yield from (each.profile for each in result.flags)
        yield from result.judged
        yield from (each.profile for each in result.seen)
        yield from (ref for ref, _ in result.units)

    def _make_profiles(self) -> None:
        names = list(dict.fromkeys(ref for ref in self._refs() if isinstance(ref, str)))
        ids = self.vault.ids.take(len(names))
        self.made = dict(zip(names, ids, strict=True))
        self._insert(
            profile,
            [
                {
                    "id": made,
                    "created_at": self.result.at,
                    "merged_into": None,
                    "merged_at": None,
                    "judged_to": None,
                }
                for made in self.made.values()
            ],
        )

    def _know_current(self) -> None:
        asked = {ref for ref in self._refs() if isinstance(ref, int)}
        self.current = kept(self.connection, asked)
        missing = sorted(asked - set(self.current))
        if missing:
            raise StorageError(f"matching pass: profile {missing[0]} is unknown; match again")

    def _profile(self, ref: ProfileRef) -> int:
        return self.made[ref] if isinstance(ref, str) else self.current[ref]

    def _merge(self, asked_kept: int, asked_dropped: int) -> None:
        """Everything of the dropped profile moves; its id, and its entry's, lead to the other."""
        current = kept(self.connection, (asked_kept, asked_dropped))
        if len(current) < len({asked_kept, asked_dropped}):
            raise StorageError(
                f"matching pass: merge of {asked_dropped} into {asked_kept}: unknown profile"
            )
        to, gone = current[asked_kept], current[asked_dropped]
        if to == gone:
            return
        queue.merge_entries(self.connection, to, gone, self.result.at)
        for table in (profile_advert, flag, entry):
            self.connection.execute(
                update(table).where(table.c.profile_id == gone).values(profile_id=to)
            )
        for table in (network_member, profile_seen):
            self.connection.execute(delete(table).where(table.c.profile_id == gone))
        self.connection.execute(
            update(profile)
            .where((profile.c.id == gone) | (profile.c.merged_into == gone))
            .values(merged_into=to, merged_at=self.result.at)
        )
        detail = {"kept": to, "dropped": gone}
        audit.write(self.vault, self.connection, self.result.at, "merge", f"profile:{to}", detail)

    def _join(self) -> None:
        wanted = {
            member: (self._profile(ref), probability)
            for member, ref, probability in self.result.memberships
        }
        joined: dict[int, tuple[int, datetime]] = {}
        columns = profile_advert.c
        for chunk in _chunks(list(wanted)):
            query = select(columns.advert_id, columns.profile_id, columns.joined_at).where(
                columns.advert_id.in_(chunk)
            )
            joined.update({row[0]: (row[1], row[2]) for row in self.connection.execute(query)})
        at = self.result.at
        rows = [
            {
                "row": member,
                "to": to,
                "p": probability,
                # An advert that stays keeps the time at which it came.
                "since": joined[member][1] if joined.get(member, (0, at))[0] == to else at,
            }
            for member, (to, probability) in wanted.items()
        ]
        values: dict[str, Any] = {
            "profile_id": bindparam("to"),
            "probability": bindparam("p"),
            "joined_at": bindparam("since"),
        }
        new = [row for row in rows if row["row"] not in joined]
        old = [row for row in rows if row["row"] in joined]
        if new:
            self.connection.execute(
                insert(profile_advert).values(advert_id=bindparam("row"), **values), new
            )
        if old:
            self.connection.execute(
                update(profile_advert).where(columns.advert_id == bindparam("row")).values(values),
                old,
            )

    def _store_links(self) -> None:
        rows: dict[tuple[int, int], dict[str, Any]] = {}
        for each in self.result.links:
            low, high = sorted((int(each.a), int(each.b)))
            evidence = [[one.comparison, one.level, one.weight] for one in each.evidence]
            rows[low, high] = {
                "advert_a": low,
                "advert_b": high,
                "probability": each.probability,
                "evidence": canonical(evidence),
                "decided_at": self.result.at,
            }
        # A pass gives every link of the adverts that it handled: one that it does not give is gone.
        for chunk in _chunks(self.result.adverts):
            self.connection.execute(
                delete(link).where(or_(link.c.advert_a.in_(chunk), link.c.advert_b.in_(chunk)))
            )
        if rows:
            self.connection.execute(
                delete(link).where(
                    link.c.advert_a == bindparam("a"), link.c.advert_b == bindparam("b")
                ),
                [{"a": low, "b": high} for low, high in rows],
            )
        self._insert(link, [row for row in rows.values() if row["probability"] >= LINK_FLOOR])

    def _store_networks(self, networks: tuple[tuple[ProfileRef, ...], ...]) -> None:
        """A network keeps its id as long as its oldest profile stays in it."""
        known: dict[int, int] = {}
        query = select(network_member).order_by(network_member.c.profile_id)
        for row in self.connection.execute(query):
            known.setdefault(row.network_id, row.profile_id)
        by_oldest = {oldest: number for number, oldest in known.items()}
        self.connection.execute(delete(network_member))
        made, members, used = [], [], set()
        for refs in networks:
            profiles = sorted({self._profile(ref) for ref in refs})
            if len(profiles) < 2:
                continue
            number = by_oldest.pop(profiles[0], None)
            if number is None:
                number = self.vault.ids.one()
                made.append({"id": number, "created_at": self.result.at})
            used.add(number)
            members += [{"network_id": number, "profile_id": each} for each in profiles]
        for chunk in _chunks(sorted(set(known) - used)):
            self.connection.execute(delete(network).where(network.c.id.in_(chunk)))
        self._insert(network, made)
        self._insert(network_member, members)

    def _settle_adverts(self) -> None:
        for chunk in _chunks(self.result.adverts):
            self.connection.execute(
                update(advert).where(advert.c.id.in_(chunk)).values(held_until=None)
            )
        # A crawl may have changed an advert again since this pass read it: that mark stays.
        handled = [
            {"row": each, "mark": self.marks[each]}
            for each in self.result.adverts
            if each in self.marks
        ]
        if handled:
            self.connection.execute(
                update(advert)
                .where(advert.c.id == bindparam("row"), advert.c.pending == bindparam("mark"))
                .values(pending=0),
                handled,
            )
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
        for chunk in _chunks(self.result.withdrawn):
            self.connection.execute(
                update(flag)
                .where(flag.c.id.in_(chunk), flag.c.withdrawn_at.is_(None))
                .values(withdrawn_at=self.result.at)
            )

    def _judge(self) -> None:
        judged = [self._profile(ref) for ref in self.result.judged]
        for chunk in _chunks(judged):
            self.connection.execute(
                update(profile).where(profile.c.id.in_(chunk)).values(judged_to=self.result.at)
            )

        wanted = {
            (self._profile(each.profile), kind, value)
            for each in self.result.seen
            for kind, values in (("contact", each.contacts), ("province", each.provinces))
            for value in values
        }
        for chunk in _chunks(sorted({profile_id for profile_id, _, _ in wanted})):
            query = select(profile_seen).where(profile_seen.c.profile_id.in_(chunk))
            wanted -= {(row[0], row[1], row[2]) for row in self.connection.execute(query)}
        self._insert(
            profile_seen,
            [
                {"profile_id": profile_id, "kind": kind, "value": value}
                for profile_id, kind, value in sorted(wanted)
            ],
        )

    def _open_entries(self) -> None:
        """Nobody who must not be called gets onto the queue, not even for a moment."""
        if not self.result.units:
            return
        silent = suppression.suppressed(self.connection, self.result.at)
        for ref, unit in self.result.units:
            profile_id = self._profile(ref)
            if profile_id not in silent:
                queue.ensure(self.connection, profile_id, unit, self.result.at)

    def _audit(self) -> None:
        result = self.result
        counts = {
            "adverts": len(result.adverts),
            "profiles": len(self.made),
            "merges": len(result.merges),
            "links": len(result.links),
            "flags": len(result.flags),
            "withdrawn": len(result.withdrawn),
        }
        if any(counts.values()):
            audit.write(self.vault, self.connection, result.at, "match", "pass", counts)

    def _insert(self, table: Any, rows: list[dict[str, Any]]) -> None:
        if rows:
            self.connection.execute(insert(table), rows)


def _chunks(values: Any) -> Iterable[list[Any]]:
    held = list(values)
    return (held[start : start + _CHUNK] for start in range(0, len(held), _CHUNK))
