"""Back-off: how long a site that refused is left alone. Pure, from its runs, so that no restart
forgets it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import takewhile

from scheduling.past import PastRun

LONGEST = timedelta(hours=24)
# A site may ask for more than a day, but not to be forgotten.
LONGEST_ASKED = timedelta(days=7)


def not_before(past: Sequence[PastRun], interval: timedelta) -> datetime | None:
    """When a site whose last runs (newest first) were refused may be visited again, UTC.

    The usual `interval` between two visits is doubled for every refusal in a row, to 24 hours at
    most (guide/crawling.md, Verdicts); a Retry-After counts from the end of the run that got it.
    None when the last run was not refused.
    """
    refusals = len(list(takewhile(lambda run: run.blocked, past)))
    if refusals == 0:
        return None
    last = past[0]
    doubled = last.started + min(interval * (1 << refusals), LONGEST)
    return max(doubled, last.ended + min(last.retry_after, LONGEST_ASKED))
