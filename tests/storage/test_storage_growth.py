"""A site on which nothing changes costs almost no room (issue 4: 10 kB a run for 5,000 adverts)."""

from __future__ import annotations

from pathlib import Path

from stage import advert, begin, card, day, finish

from storage import Store

ADVERTS, RUNS = 300, 10
MOST_A_RUN = 3_000  # bytes: the run's own rows, which do not grow with the site


def size(store: Store) -> int:
    """Bytes of the database when what is dead in it was given back."""
    database = store._vault.database
    database.reclaim()
    if database.sqlite:
        return Path(store.location).stat().st_size
    query = "SELECT sum(pg_total_relation_size(relid)) FROM pg_stat_user_tables"
    with database.reading() as connection:
        return int(connection.exec_driver_sql(query).scalar_one())


def test_a_thousand_unchanged_sightings_cost_one_row(store: Store) -> None:
    names = [str(number) for number in range(ADVERTS)]
    sizes = []
    for number in range(RUNS + 2):
        at = day(number / 2)
        run = begin(store, at)
        store.record(
            run, [card(name, at) if number else advert(name, at, text="x" * 400) for name in names]
        )
        finish(store, run, at, cards=ADVERTS)
        sizes.append(size(store))
    assert (sizes[-1] - sizes[1]) / RUNS <= MOST_A_RUN, sizes
