"""The matching model: every comparison, its levels, and what each level weighs.

A weight is a match weight: the log2 of how many times likelier this agreement is when one person
stands behind both adverts than when two people do (Fellegi and Sunter 1969). +3 makes it eight
times likelier, -1 half as likely. Weights add up, starting from `prior`; 0 in all is an even
chance, +4.25 is 95 %. The first level of every comparison is "cannot be told" and weighs nothing.

The weights come from `python benchmarks/matching_weights.py`, which fits them on invented people.
Those marked "set" are judgements, for where invented people mislead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from matching import comparisons as by
from matching.comparisons import Compare


@dataclass(frozen=True, slots=True)
class Comparison:
    """One question asked of two adverts; `levels` are its answers with their weights."""

    name: str
    compare: Compare
    levels: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Model:
    """Comparisons, the weight that candidates start from, and the probabilities that decide.

    From `link` on, two adverts are one person's; from `doubt` on, a person should look at them.
    """

    prior: float
    comparisons: tuple[Comparison, ...]
    link: float = 0.95
    doubt: float = 0.5


WEIGHTS = Model(
    prior=0.7,
    comparisons=(
        # A number on many names is a switchboard: it says who answers, not who is behind.
        Comparison(
            "number",
            by.number,
            {
                "not said": 0.0,
                "other number": -1.7,
                "same number, on ten names or more": -0.8,
                "same number, on five to nine names": -0.4,
                "same number, on three or four names": 1.6,
                "same number": 5.3,
            },
        ),
        Comparison(
            "weak_number",
            by.weak_number,
            {
                "not said": 0.0,
                "same number, read with doubt": 0.9,
            },
        ),
        Comparison(
            "handle",
            by.handle,
            {
                "not said": 0.0,
                "other messenger handle": -2.5,  # set: a second handle costs nothing
                "same handle, on ten names or more": -0.5,  # set: hardly met
                "same handle, on five to nine names": 0.3,
                "same handle, on three or four names": 1.3,
                "same messenger handle": 4.6,
            },
        ),
        Comparison(
            "nickname",
            by.nickname,
            {
                "not said": 0.0,
                "other name": -3.2,
                "similar name": 3.2,
                "same common name": 2.9,
                "same name": 4.4,
                "same rare name": 5.8,
            },
        ),
        Comparison(
            "text",
            by.text,
            {
                "not said": 0.0,
                "no rare phrase in common": -3.1,
                "some phrases in common, which many use": -1.1,
                "some rare phrases in common": 0.7,
                "half the phrases in common, which many use": -1.6,
                "half the rare phrases in common": 1.3,
                "nearly the same text, which many use": 0.6,
                "nearly the same text": 3.1,
            },
        ),
        # A text without a shared number never decides: what surrounds it does.
        Comparison(
            "rest",
            by.rest,
            {
                "not asked": 0.0,
                "like text, but name, age and place differ": 0.1,
                "like text, but most of name, age and place differ": 1.2,
                "like text, but one of name, age and place differs": 2.1,
                "like text, name, age and place do not decide": 3.2,
                "like text, and one of name, age and place fits": 4.4,
                "like text, and most of name, age and place fit": 5.4,
                "like text, and name, age and place fit": 5.7,
            },
        ),
        # The more strangers there are, the more of them look alike.
        Comparison(
            "crowd",
            by.crowd,
            {
                "a contact is shared": 0.0,
                "no contact shared, among 1,000 adverts": -3.4,
                "no contact shared, among 3,000 adverts": -3.9,
                "no contact shared, among 10,000 adverts": -4.3,
                "no contact shared, among 30,000 adverts": -5.0,
                "no contact shared, among 100,000 adverts": -5.9,
                "no contact shared, among more adverts": -7.3,  # set: as the others go on
            },
        ),
        Comparison(
            "age",
            by.age,
            {
                "not said": 0.0,
                "ages over five years apart": -3.5,  # set: advertised ages exclude nobody
                "ages three to five years apart": -0.3,
                "ages one or two years apart": 0.8,
                "same age": 2.0,  # set: round ages are common
            },
        ),
        Comparison(
            "place",
            by.place,
            {
                "not said": 0.0,
                "another province": -3.4,
                "same province": 0.1,  # set: not more than the same city
                "same city": -0.2,
            },
        ),
        Comparison(
            "price",
            by.price,
            {
                "not said": 0.0,
                "other price": -1.0,  # set: prices change
                "similar price": 0.1,
                "same price": 1.5,  # set: round prices are common
            },
        ),
        # People come back after months: time apart weighs little, or nobody would be found again.
        Comparison(
            "time",
            by.time,
            {
                "not said": 0.0,
                "over 200 days between": -1.5,  # set
                "three to six months between": -0.7,  # set
                "one to three months between": 0.8,
                "one to four weeks between": 1.5,
                "within a week": 2.5,
                "shown at the same time": 1.8,
            },
        ),
    ),
)
