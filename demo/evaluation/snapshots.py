"""What a store holds of a town on some of its days: adverts to link, and who is behind each."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from demo.evaluation.flags import CRAWL_AT, START, town_config
from demo.feeding import Feeder
from demo.incidents import usual_incidents
from demo.lives import Behaviour
from demo.town import Town
from records.linking import LinkRecord
from storage import create_store

Snapshot = tuple[list[LinkRecord], Mapping[str, str]]
"""The adverts known so far as matching sees them, and by their ids the person behind each."""


def town_snapshots(
    seed: int, adverts: int, behaviour: Behaviour, on_days: Collection[int]
) -> Iterator[Snapshot]:
    """Crawl a town day by day and give what is known after each of `on_days` (from 0)."""
    days = max(on_days) + 1
    town = Town(seed, adverts, days, START, behaviour)
    begun = datetime.combine(town.start, CRAWL_AT)
    with tempfile.TemporaryDirectory(prefix="faro-town-") as folder:
        config = town_config(Path(folder))
        feeder = Feeder(town, config.sites, usual_incidents(days))
        with create_store(config, simulated=True, at=begun) as store:
            for day in range(days):
                feeder.crawl(store, day, datetime.combine(town.day(day), CRAWL_AT))
                if day not in on_days:
                    continue
                known = ((store.advert_id(*key), who) for key, who in town.owners.items())
                owners = {str(advert): who for advert, who in known if advert is not None}
                yield list(store.link_records()), owners
