"""Whether a profile can be called today, and if not, why."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Literal
from urllib.parse import unquote

from records.queue import Attempt, Entry, ProfileAdvert

# A site may be read once a week, and one such reading may fail.
ACTIVE_FOR = timedelta(days=14)
# A complete run has missed it, but a day must pass before that proves anything.
MISSING_FOR = timedelta(days=3)

# Between two attempts to reach one profile, whatever number or unit (guide/outreach.md).
REST = timedelta(hours=8)
ATTEMPTS_IN_30_DAYS = 3

OPEN_STATES = frozenset({"to_review", "contacted", "not_reached", "postponed"})
# Of someone in charge of a service only her case worker hears; not pertinent is not heard of again.
SILENT_STATES = frozenset({"in_charge", "not_pertinent"})

Obstacle = Literal[
    "not_visible",
    "not_checked",
    "no_number",
    "number_unconfirmed",
    "not_open",
    "resting",
    "no_consent",
    "needs_coordinator",
    "beyond_size",
]
"""Why a flagged profile is not on today's list; the words are in `outreach.words`.

`not_visible`: none of its adverts is shown any more; `not_checked`: they were not seen for 14 days,
because nobody could look; `no_number`; `number_unconfirmed`: a person must confirm its number
first; `not_open`: its entry is closed or somebody has it; `resting`: called less than 8 hours ago,
or 3 times in 30 days; `no_consent`: she does not want to be called again; `needs_coordinator`: the
last call ended in insults or threats; `beyond_size`: it comes after today's rows.
"""


def visible(advert: ProfileAdvert, now: datetime) -> bool:
    """Whether the advert may still be taken as shown: listed, or missing since a few days."""
    age = now - advert.last_seen
    if advert.state == "active":
        return age <= ACTIVE_FOR
    return advert.state == "missing" and age <= MISSING_FOR


def advert_obstacle(adverts: Sequence[ProfileAdvert], now: datetime) -> Obstacle | None:
    """Why none of the profile's adverts can be called; None when one can."""
    shown = [advert for advert in adverts if visible(advert, now)]
    if not shown:
        unseen = any(advert.state == "active" for advert in adverts)
        return "not_checked" if unseen else "not_visible"
    if any(advert.callable_number for advert in shown):
        return None
    return "number_unconfirmed" if any(advert.phones for advert in shown) else "no_number"


def queue_obstacle(entry: Entry, attempts: Sequence[Attempt], now: datetime) -> Obstacle | None:
    """Why the queue holds the entry back, whatever its adverts; `attempts` oldest first."""
    if entry.state not in OPEN_STATES:
        return "not_open"
    if not attempts:
        return None
    last = attempts[-1]
    said = [attempt.consent for attempt in attempts if attempt.consent is not None]
    if said and not said[-1]:
        return "no_consent"
    if last.outcome == "threats":
        return "needs_coordinator"
    recent = [each for each in attempts if now - each.at <= timedelta(days=30)]
    if now - last.at < REST or len(recent) >= ATTEMPTS_IN_30_DAYS:
        return "resting"
    return None


# The promise is kept by speaking with her: until then it stays due.
_NOT_REACHED = frozenset({"no_answer", "third_person"})


def due_on(attempts: Sequence[Attempt]) -> date | None:
    """The date of the open promise to call back, if any; `attempts` oldest first.

    A later attempt that reached her without a new date has kept it; one that did not leaves it due.
    """
    for attempt in reversed(attempts):
        if attempt.next_on is not None or attempt.outcome not in _NOT_REACHED:
            return attempt.next_on
    return None


def masked(phone: str) -> str:
    """A number down to its last two digits (`•••67`), whatever is left of it already."""
    digits = [each for each in phone if each.isdigit()]
    return "•••" + "".join(digits[-2:]) if len(digits) >= 2 else "•••"


_RUN = re.compile(r"\+?\d(?:[ ._()+-]{0,3}\d){7,}")


def without_number(url: str) -> str | None:
    """The address (or ad id), or None when a run of digits in it could be somebody's number.

    Ten digits or more (separators between them do not count) always could; eight or nine when
    they begin like an Italian number (0, 3, 39) or with a plus.
    """
    for run in _RUN.finditer(unquote(unquote(url))):
        digits = "".join(each for each in run.group() if each.isdigit())
        if len(digits) >= 10 or digits[0] in "03" or run.group().startswith("+"):
            return None
    return url
