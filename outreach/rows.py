"""One profile as the report's document tells of it: where, since when, how to begin."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from outreach.calling import (
    advert_obstacle,
    masked,
    queue_obstacle,
    visible,
    without_number,
)
from outreach.periods import in_zone
from records.queue import Attempt, Entry, ProfileAdvert, RaisedFlag
from records.reasons import Language, sentence
from storage import Store

Item = dict[str, Any]


class Profiles:
    """What the report asks of storage about profiles, asked once for each."""

    def __init__(self, store: Store, now: datetime) -> None:
        self._store = store
        self._now = now
        self._adverts: dict[int, list[ProfileAdvert]] = {}
        self._attempts: dict[int, list[Attempt]] = {}

    def adverts(self, profile: int) -> list[ProfileAdvert]:
        """Its adverts, the still visible ones first, then by last sighting."""
        if profile not in self._adverts:
            found = self._store.profile_adverts(profile)
            self._adverts[profile] = sorted(
                found,
                key=lambda each: (visible(each, self._now), each.last_seen),
                reverse=True,
            )
        return self._adverts[profile]

    def attempts(self, profile: int) -> list[Attempt]:
        """The attempts to reach it, oldest first."""
        if profile not in self._attempts:
            self._attempts[profile] = self._store.attempts(profile)
        return self._attempts[profile]

    def province(self, profile: int) -> str | None:
        """The province of the advert that stands for it."""
        adverts = self.adverts(profile)
        return adverts[0].province if adverts else None


class RowMaker:
    """Turns profiles into the document's items, in one language and time zone."""

    def __init__(
        self, profiles: Profiles, now: datetime, zone: ZoneInfo, language: Language
    ) -> None:
        self._profiles = profiles
        self._now = now
        self._zone = zone
        self._language: Language = language

    def person(self, entry: Entry, best: Iterable[int] = ()) -> Item:
        """What every row says, whatever brought the profile here; `best` are adverts to prefer."""
        adverts = self._profiles.adverts(entry.profile)
        attempts = self._profiles.attempts(entry.profile)
        chosen = _chosen(adverts, best, self._now)
        obstacle = advert_obstacle(adverts, self._now)
        return {
            "entry": entry.short_id,
            "profile": str(entry.profile),
            "place": {
                "province": chosen.province if chosen else None,
                "city": chosen.city if chosen else None,
            },
            "phones": _phones(adverts, self._now),
            "language": _language(chosen, attempts),
            "first_seen": self._iso(min((each.first_seen for each in adverts), default=None)),
            "last_seen": self._iso(max((each.last_seen for each in adverts), default=None)),
            "callable": obstacle is None,
            "why_not_listed": obstacle or queue_obstacle(entry, attempts, self._now),
            "attempts": self._attempt_summary(attempts),
            "safe_hours": None,
            "cautions": [],
        }

    def flag(self, flag: RaisedFlag, entry: Entry) -> Item:
        """A flag in the contract's shape, and the keys that the page needs besides."""
        adverts = {each.advert: each for each in self._profiles.adverts(flag.profile)}
        raised_by = [adverts[each] for each in flag.adverts if each in adverts]
        return {
            "entry": entry.short_id,
            "profile": str(entry.profile),
            "kind": flag.kind.value,
            "proven": flag.proven,
            "doubtful": flag.doubtful,
            "raised_at": in_zone(flag.raised_at, self._zone),
            "absent_days": flag.absent_days,
            "adverts": [
                {
                    "site": each.site,
                    "ad_id": without_number(each.ad_id),
                    "url": without_number(each.url),
                }
                for each in raised_by
            ],
            "reasons": [sentence(each, self._language) for each in flag.reasons],
            "probability": flag.probability,
            "flag": flag.id,
            "reason_codes": [
                {"code": each.code, "params": dict(each.params)} for each in flag.reasons
            ],
        } | self.person(entry, flag.adverts)

    def follow_up(self, entry: Entry, due: date, day: date) -> Item:
        """A promise to call back that is due on `day` or was due before."""
        late = {"due": due.isoformat(), "days_late": (day - due).days}
        return self.person(entry) | late

    def handed_over(self, attempt: Attempt, entry: Entry) -> Item:
        """An attempt of the last shift, without its note: the note stays on the desk."""
        return {
            "entry": entry.short_id,
            "profile": str(entry.profile),
            "at": in_zone(attempt.at, self._zone),
            "channel": attempt.channel,
            "outcome": attempt.outcome,
            "next_date": attempt.next_on.isoformat() if attempt.next_on else None,
        }

    def withdrawn(self, flag: RaisedFlag, entry: Entry) -> Item:
        """A flag that an earlier report showed and that proved wrong."""
        return {
            "entry": entry.short_id,
            "profile": str(entry.profile),
            "kind": flag.kind.value,
            "raised_at": in_zone(flag.raised_at, self._zone),
            "withdrawn_at": self._iso(flag.withdrawn_at),
        }

    def _iso(self, moment: datetime | None) -> str | None:
        return in_zone(moment, self._zone) if moment is not None else None

    def _attempt_summary(self, attempts: Sequence[Attempt]) -> Item | None:
        if not attempts:
            return None
        last = attempts[-1]
        return {
            "count": len(attempts),
            "last_at": in_zone(last.at, self._zone),
            "last_outcome": last.outcome,
        }


def _chosen(
    adverts: Sequence[ProfileAdvert], best: Iterable[int], now: datetime
) -> ProfileAdvert | None:
    """The advert that stands for a profile: the best one that raised the flag, if still visible."""
    known = {each.advert: each for each in adverts}
    preferred = (known[each] for each in best if each in known)
    return next((each for each in preferred if visible(each, now)), adverts[0] if adverts else None)


def _phones(adverts: Sequence[ProfileAdvert], now: datetime) -> list[str]:
    """The masked numbers of the visible adverts; of all of them when none is visible."""
    shown = [each for each in adverts if visible(each, now)] or adverts
    return list(dict.fromkeys(masked(phone) for each in shown for phone in each.phones))


def _language(chosen: ProfileAdvert | None, attempts: Sequence[Attempt]) -> Item | None:
    """The language to begin in: as spoken with her before, else as her advert is written."""
    spoken = [attempt.language for attempt in attempts if attempt.language]
    if spoken:
        return {"code": spoken[-1], "source": "attempt"}
    if chosen is not None and chosen.language:
        return {"code": chosen.language, "source": "advert"}
    return None
