"""Doubles: profiles that a link ties and that nobody has decided."""

from __future__ import annotations

from stage import crawl, day

from records.passes import FoundLink, PassResult
from records.queue import Double
from storage import Store


def test_the_younger_is_whose_adverts_of_today_came_later(store: Store) -> None:
    """As a pass orders two: a profile may be older than all that is left in it."""
    made = []
    for number in (1, 2):
        crawl(store, day(number), [str(number)])
        (advert,) = store.pending_adverts(day(number))
        members = ((advert, "new-1", 1.0),)
        made.append((advert, store.save_pass(PassResult(day(number), (advert,), members))["new-1"]))
    (first, one), (second, other) = made
    crawl(store, day(3), ["3"])
    (third,) = store.pending_adverts(day(3))
    store.save_pass(
        PassResult(
            day(3),
            (third, first),
            ((first, other, 1.0), (third, one, 1.0)),
            links=(FoundLink(min(second, third), max(second, third), 0.99, 0.8),),
            holds=((third, day(10)),),
        )
    )
    assert store.doubles(0.3) == [
        Double(one, other, 0.99, day(3), waits_until=day(10), told=False, at_start=False)
    ]
    assert store.doubles(0.999) == []
