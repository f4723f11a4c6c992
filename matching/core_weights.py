"""What is told by all adverts of two cores together: the weights of `matching.cores`.

Bits, as in `matching.model`. It begins with what that table says of their pairs of adverts on
average. `best` is for how much each bit counts by which the most that any pair reaches in each
comparison passes this. `corrections` are added for the share of the pairs that reach a level, as
what comes up again and again, or among pairs that leave a doubt, is worth another weight; levels
that are not named need none.

`python -m benchmarks.core_weights --write` fitted them, on the same invented people. What is held
to a bound in the other table, for invented people mislead there, has no correction here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class CoreModel:
    """The weights; `smaller` and `larger` are by the number of adverts in a core."""

    prior: float
    best: float
    smaller: Mapping[str, float]
    larger: Mapping[str, float]
    corrections: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


CORES = CoreModel(
    prior=-1.2,
    best=0.31,
    smaller={"one advert": 0.0, "two": -1.3, "three or four": -2.13, "five or more": -2.16},
    larger={
        "one advert": 0.0,
        "two": -0.52,
        "three or four": -0.82,
        "five to eight": -0.99,
        "nine or more": -0.57,
    },
    corrections={
        "number": {
            "same number, on ten names or more": 1.7,
            "same number, on five to nine names": 0.4,
            "same number, on three or four names": 0.3,
            "same number, on two names": 1.5,
            "same number": 0.2,
        },
        "switchboard": {
            "number on many names, no name said": 1.4,
            "number on many names, and another name": 0.7,
            "number on many names, and a similar name": 0.1,
            "number on many names, and the same name": 0.2,
        },
        "handle": {
            "same handle, on ten names or more": -0.3,
            "same handle, on five to nine names": 0.6,
            "same handle, on three or four names": -1.1,
            "same handle, on two names": -0.5,
            "same messenger handle": 0.4,
        },
        "nickname": {
            "other name": 0.5,
            "similar name": 0.3,
            "same very common name": 0.3,
            "same common name": 0.6,
            "same name": 0.1,
            "same very rare name": -1.0,
        },
        "text": {
            "no rare phrase in common": 0.1,
            "few phrases in common": 0.2,
            "a fifth of the rare phrases in common": -0.8,
            "a third of the rare phrases in common": -0.3,
            "half the rare phrases in common": -0.3,
            "most of the rare phrases in common": 0.3,
            "nearly the same text": 0.5,
        },
        "wording": {
            "quite some rare wording in common": -0.8,
            "much rare wording in common": -0.8,
            "very much rare wording in common": -0.8,
            "most rare wording in common": -0.8,
            "long rare wording in common": -1.1,
        },
        "phrase": {
            "a phrase of one hand in common": -1.2,
            "a phrase of two hands in common": -0.2,
            "a phrase of three or four hands in common": -1.3,
            "a phrase of five to eight hands in common": -0.8,
            "a phrase of up to 24 hands in common": 1.0,
            "a phrase of up to 64 hands in common": 1.1,
            "only phrases that many use in common": 0.9,
        },
        "rest": {
            "like text, but name, age and place differ": -0.2,
            "like text, but most of name, age and place differ": 1.1,
            "like text, but one of name, age and place differs": 0.3,
            "like text, name, age and place do not decide": 0.9,
            "like text, and one of name, age and place fits": 1.0,
            "like text, and most of name, age and place fit": 0.6,
            "like text, and name, age and place fit": 0.6,
        },
        "lookalikes": {
            "hardly a stranger looks so alike": -3.1,
            "few strangers look so alike": -1.5,
            "a stranger in four or so looks alike": -1.4,
            "about one stranger looks so alike": -1.1,
            "some strangers look so alike": -1.5,
            "many strangers look so alike": -1.6,
            "very many strangers look so alike": -1.9,
        },
        "age": {
            "ages three to five years apart": -0.3,
            "ages one or two years apart": -0.5,
            "same age": -0.1,
        },
        "place": {"another province": 0.7, "same province": -0.1, "same city": -0.2},
        "price": {
            "other price": -0.6,
            "price within a quarter": -0.1,
            "price within an eighth": -0.4,
        },
        "time": {
            "over 200 days between": -1.3,
            "three to six months between": -0.8,
            "one to three months between": -0.1,
            "one to four weeks between": 0.2,
            "within a week": 1.3,
            "shown at the same time": 0.7,
        },
        "crowd": {
            "no contact shared, among 500 hands or fewer": -0.1,
            "no contact shared, among 1,000 hands or fewer": 0.3,
            "no contact shared, among 2,000 hands or fewer": 0.7,
            "no contact shared, among 4,000 hands or fewer": 1.1,
            "no contact shared, among 8,000 hands or fewer": 1.5,
            "no contact shared, among 16,000 hands or fewer": 2.0,
            "no contact shared, among 32,000 hands or fewer": 2.4,
            "no contact shared, among 64,000 hands or fewer": 2.8,
            "no contact shared, among 128,000 hands or fewer": 3.2,
            "no contact shared, among 256,000 hands or fewer": 3.6,
            "no contact shared, among 512,000 hands or fewer": 4.1,
            "no contact shared, among 1,024,000 hands or fewer": 4.5,
            "no contact shared, among more hands": 4.9,
        },
    },
)
