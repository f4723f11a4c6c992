"""What `Store` offers to matching: adverts, profiles, passes, judgements, and the index's files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from mmap import mmap

from records.histories import AdvertHistory, ProfileHistory
from records.judgements import Judgement, Verdict
from records.linking import LinkRecord
from records.passes import Joined, PassResult, StoredLink
from records.weights import WeightSet
from storage import grouping, histories, index_files, judgements, parting, passes, runs, weights
from storage.vault import Vault


class MatchingDoor:
    """The part of `Store` that matching comes through."""

    def __init__(self, vault: Vault) -> None:
        """`Store` makes it."""
        self._vault = vault
        self._marks: dict[int, int] = {}

    def pending_adverts(self, now: datetime) -> list[int]:
        """Adverts that changed since the last pass, and those whose doubt is due.

        Those of a crawl that is still running wait for its verdict, which says what they prove;
        those of a held run for a person.
        """
        self._marks = histories.pending_adverts(self._vault, now)
        return list(self._marks)

    def link_records(self, adverts: Iterable[int] | None = None) -> Iterator[LinkRecord]:
        """These adverts (None: all) as matching sees them, by id: current text without contacts,
        all contacts they ever had.
        """
        return histories.link_records(self._vault, adverts)

    def memberships(self, adverts: Iterable[int] | None = None) -> dict[int, Joined]:
        """The profile of each of these adverts (None: of all) that has one."""
        return histories.memberships(self._vault, adverts)

    def profiles_of(self, adverts: Iterable[int]) -> set[int]:
        """The profiles that these adverts belong to."""
        return histories.profiles_of(self._vault, adverts)

    def members(self, profiles: Iterable[int]) -> dict[int, Joined]:
        """The adverts of these profiles."""
        return histories.members(self._vault, profiles)

    def links(self, adverts: Iterable[int] | None = None) -> dict[tuple[int, int], StoredLink]:
        """The stored links that touch one of these adverts (None: all)."""
        return histories.stored_links(self._vault, adverts)

    def edited_adverts(self, adverts: Iterable[int] | None = None) -> set[int]:
        """Those of these adverts (None: of all) that had more than one version."""
        return histories.edited(self._vault, adverts)

    def parts(self, wholes: Mapping[int, Sequence[Sequence[int]]]) -> dict[int, list[int | None]]:
        """Under which stored profile each part of a profile's adverts goes on; None: a new one.

        A profile's own id stays with the side that has the attempts; a part that came from a
        profile merged into it takes up that one's again.
        """
        return parting.parts(self._vault, wholes)

    def merged_at(self, profiles: Iterable[int]) -> dict[int, datetime]:
        """When these profiles were merged into others; those that stand alone are left out."""
        return parting.merged_at(self._vault, profiles)

    def judged_profiles(self, profiles: Iterable[int]) -> set[int]:
        """Which of these were judged for flags by themselves, before any merge."""
        return parting.judged(self._vault, profiles)

    def entry_adverts(self, number: int) -> list[int]:
        """The adverts of an entry; of one that leads to another, those that it brought along."""
        return parting.entry_adverts(self._vault, number)

    def judge(self, one: int, other: int, verdict: Verdict, actor: str, at: datetime) -> Judgement:
        """Keep a person's word on two adverts; the next pass acts on it."""
        return judgements.record(self._vault, one, other, verdict, actor, at)

    def undo_judgement(self, one: int, other: int, actor: str, at: datetime) -> Judgement:
        """Take back the actor's last word on two adverts. Raises StorageError without one."""
        return judgements.undo(self._vault, one, other, actor, at)

    def judgements(self, adverts: Iterable[int] | None = None) -> list[Judgement]:
        """All judgements that name one of these adverts (None: all), undone ones too, by time."""
        return judgements.of_adverts(self._vault, adverts)

    def unjudged_profiles(self) -> set[int]:
        """Profiles that no pass has judged yet: a doubtful link holds their first flag back."""
        return histories.unjudged_profiles(self._vault)

    def profile_histories(self, profiles: Iterable[int]) -> list[ProfileHistory]:
        """What is known over time of these profiles; merged ones under the id that was kept.

        Whether adverts were first seen in a baseline is told of profiles only that nobody judged.
        """
        return histories.profile_histories(self._vault, profiles)

    def advert_histories(self, adverts: Iterable[int]) -> dict[int, AdvertHistory]:
        """What is known over time of these adverts, also of those that have no profile yet."""
        return histories.advert_histories(self._vault, adverts)

    def complete_runs(self, since: datetime) -> dict[tuple[str, str], list[datetime]]:
        """When complete runs of (site, partition) finished, from `since` on, oldest first."""
        return runs.complete_runs(self._vault, since)

    def save_pass(
        self, result: PassResult, judged: Callable[[], PassResult] | None = None
    ) -> dict[str, int]:
        """Save a matching pass whole; returns the ids of the profiles it made, by their refs.

        `judged` gives the result with its flags; it is asked when all else is written. Of
        `result.adverts`, those that a crawl changed since `pending_adverts` was asked stay pending.
        """
        return passes.save(self._vault, result, self._marks, judged or (lambda: result))

    def advert_id(self, site: str, ad_id: str) -> int | None:
        """The advert that `site` shows under an id of its own."""
        return histories.advert_id(self._vault, site, ad_id)

    def profiles_of_contacts(self, contacts: Iterable[int]) -> dict[int, set[int]]:
        """The profiles whose adverts ever showed each of these contacts."""
        return histories.profiles_of_contacts(self._vault, contacts)

    def network_of(self, profile: int) -> list[int]:
        """The profiles of the network that this one is in, itself too; none without one."""
        with self._vault.reading() as connection:
            return grouping.members_with(connection, profile)

    def median_price(self, city: str) -> int | None:
        """The median price in cents of what is shown in a city; None from fewer than five."""
        return histories.median_price(self._vault, city)

    def last_pass(self) -> int:
        """The number of the last matching pass; 0 before the first."""
        return histories.last_pass(self._vault)

    def knows_pass(self, number: int) -> bool:
        """Whether this database was matched in pass `number` (0: before the first)."""
        return histories.knows_pass(self._vault, number)

    def matched_after(self, number: int) -> list[int]:
        """Adverts that passes after pass `number` handled."""
        return histories.matched_after(self._vault, number)

    def last_seen(self, adverts: Iterable[int]) -> dict[int, datetime]:
        """The last sighting of each of these adverts that there still is."""
        return histories.last_seen(self._vault, adverts)

    def last_model(self) -> str | None:
        """The fingerprint of the weights and cuts of the last pass; None before the first."""
        return weights.last_model(self._vault)

    def weights_in_force(self) -> WeightSet | None:
        """The match weights that a person put in force; None: the shipped ones are."""
        return weights.standing(self._vault)

    def put_weights_in_force(
        self,
        base: str,
        weighed: Mapping[str, Mapping[str, float]],
        counts: Mapping[str, int],
        actor: str,
        at: datetime,
    ) -> WeightSet:
        """Keep a new set of match weights, which passes work with from now on."""
        return weights.put_in_force(self._vault, base, weighed, counts, actor, at)

    def undo_weights(self, actor: str, at: datetime) -> WeightSet:
        """Take back the set in force: the one before it is again. Raises StorageError without."""
        return weights.undo(self._vault, actor, at)

    def write_index(self, name: str, month: str | None, content: bytes) -> None:
        """Keep a file of the matching index, sealed with the key of `month`."""
        index_files.write(self._vault, name, month, content)

    def read_index(self, name: str) -> mmap | None:
        """A file of the matching index; None when it has to be made again."""
        return index_files.read(self._vault, name)

    def keep_index(self, names: Iterable[str]) -> None:
        """Remove all files of the matching index but these."""
        index_files.keep_only(self._vault, frozenset(names))

    def forget_index(self, month: str) -> int:
        """Remove what the matching index says of adverts last seen in `month` ("2026-03")."""
        return index_files.forget(self._vault, month)
