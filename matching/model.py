"""The matching model: every comparison, its levels, and what each level weighs.

A weight is a match weight: the log2 of how many times likelier this agreement is when one person
stands behind both adverts than when two people do (Fellegi and Sunter 1969). +3 makes it eight
times likelier, -1 half as likely. Weights add up, starting from `prior`; 0 in all is an even
chance, +4.25 is 95 %. The first level of every comparison is "cannot be told" and weighs nothing.

`python -m benchmarks.matching_weights --write` fitted them on invented people, from named seeds,
and put them here. Those marked "set" are judgements or held to a bound, for where invented people
mislead; where more agreement would have come to weigh less, levels weigh the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from matching import comparisons as by
from matching.comparisons import Compare
from matching.trees import Trees

CORES = Trees.read((Path(__file__).parent / "core_trees.json").read_text("utf-8"))
"""What corrects the sum of weights where all adverts of two cores are compared."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One question asked of two adverts; `levels` are its answers with their weights."""

    name: str
    compare: Compare
    levels: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Model:
    """Comparisons, the weight that candidates start from, and the probabilities that decide.

    Adverts that reach `core` by themselves are one person's. For two that reach `floor`, all
    adverts of their cores are weighed by `cores`: from `link` on they are one person's, too, and
    from `doubt` on a person should look at them.
    """

    prior: float
    comparisons: tuple[Comparison, ...]
    cores: Trees = CORES
    core: float = 0.97
    floor: float = 0.5
    link: float = 0.7
    doubt: float = 0.3


WEIGHTS = Model(
    prior=-1.7,
    comparisons=(
        # A number on many names is a switchboard: it says who answers, not who is behind.
        Comparison(
            "number",
            by.number,
            {
                "not said": 0.0,
                "other number": -1.2,
                "same number, on ten names or more": -1.1,
                "same number, on five to nine names": 0.2,
                "same number, on three or four names": 1.2,
                "same number, on two names": 3.4,
                "same number": 6.1,  # set: a number of one name links, where nothing else is said
            },
        ),
        Comparison(
            "weak_number",
            by.weak_number,
            {
                "not said": 0.0,
                "same number, read with doubt": 0.9,  # set: not met in corpora
            },
        ),
        # Behind a switchboard the name decides.
        Comparison(
            "switchboard",
            by.switchboard,
            {
                "not asked": 0.0,
                "number on many names, no name said": -0.8,
                "number on many names, and another name": -0.3,
                "number on many names, and a similar name": 0.5,
                "number on many names, and the same name": 1.0,
            },
        ),
        Comparison(
            "handle",
            by.handle,
            {
                "not said": 0.0,
                "other messenger handle": -3.0,  # set: a second handle costs nothing
                "same handle, on ten names or more": 0.2,
                "same handle, on five to nine names": 0.3,
                "same handle, on three or four names": 2.8,
                "same handle, on two names": 5.0,
                "same messenger handle": 5.4,
            },
        ),
        Comparison(
            "nickname",
            by.nickname,
            {
                "not said": 0.0,
                "other name": -2.0,
                "similar name": 3.0,
                "same very common name": 3.0,
                "same common name": 3.4,
                "same name": 4.4,
                "same rare name": 4.7,
                "same very rare name": 5.7,
            },
        ),
        # How like the two texts are: the share of their rarest phrases that both have.
        Comparison(
            "text",
            by.text,
            {
                "not said": 0.0,
                "no rare phrase in common": -2.7,
                "few phrases in common": -0.8,
                "a fifth of the rare phrases in common": 0.2,
                "a third of the rare phrases in common": 0.3,
                "half the rare phrases in common": 0.3,
                "most of the rare phrases in common": 0.8,
                "nearly the same text": 2.0,
            },
        ),
        # And how much of it there is: nobody else in the whole corpus writes a page alike.
        Comparison(
            "wording",
            by.wording,
            {
                "nothing in common": 0.0,
                "hardly any rare wording in common": -0.3,
                "little rare wording in common": -0.3,
                "some rare wording in common": 0.0,
                "quite some rare wording in common": 1.2,
                "much rare wording in common": 1.2,
                "very much rare wording in common": 1.2,
                "most rare wording in common": 1.2,
                "long rare wording in common": 1.5,
            },
        ),
        # A phrase of one hand may be a habit of hers; one of many is a template.
        Comparison(
            "phrase",
            by.phrase,
            {
                "nothing in common": 0.0,
                "a phrase of one hand in common": 2.9,
                "a phrase of two hands in common": 2.5,
                "a phrase of three or four hands in common": 2.2,
                "a phrase of five to eight hands in common": 0.6,
                "a phrase of up to 24 hands in common": -1.6,
                "a phrase of up to 64 hands in common": -1.7,
                "only phrases that many use in common": -2.3,
            },
        ),
        # A text without a shared number never decides: what surrounds it does.
        Comparison(
            "rest",
            by.rest,
            {
                "not asked": 0.0,
                "like text, but name, age and place differ": -0.9,
                "like text, but most of name, age and place differ": -0.1,
                "like text, but one of name, age and place differs": 0.7,
                "like text, name, age and place do not decide": 1.9,
                "like text, and one of name, age and place fits": 2.6,
                "like text, and most of name, age and place fit": 4.1,
                "like text, and name, age and place fit": 4.1,
            },
        ),
        # A name, a city and an age say the less, the more strangers have the same.
        Comparison(
            "lookalikes",
            by.lookalikes,
            {
                "not asked": 0.0,
                "hardly a stranger looks so alike": 2.0,
                "few strangers look so alike": 0.4,
                "a stranger in four or so looks alike": -0.5,
                "about one stranger looks so alike": -1.4,
                "some strangers look so alike": -1.4,
                "many strangers look so alike": -1.4,
                "very many strangers look so alike": -1.4,
            },
        ),
        # The more strangers there are, the more of them look alike.
        Comparison(
            "crowd",
            by.crowd,
            {
                "a contact is shared": 0.0,
                "no contact shared, among 500 hands or fewer": -2.9,
                "no contact shared, among 1,000 hands or fewer": -3.1,
                "no contact shared, among 2,000 hands or fewer": -3.3,
                "no contact shared, among 4,000 hands or fewer": -3.4,
                "no contact shared, among 8,000 hands or fewer": -3.6,
                "no contact shared, among 16,000 hands or fewer": -3.8,
                "no contact shared, among 32,000 hands or fewer": -3.9,
                "no contact shared, among 64,000 hands or fewer": -4.1,
                "no contact shared, among 128,000 hands or fewer": -4.3,
                "no contact shared, among 256,000 hands or fewer": -4.4,
                "no contact shared, among 512,000 hands or fewer": -4.6,
                "no contact shared, among 1,024,000 hands or fewer": -4.8,
                "no contact shared, among more hands": -4.9,
            },
        ),
        Comparison(
            "age",
            by.age,
            {
                "not said": 0.0,
                "ages over five years apart": -3.5,  # set: advertised ages exclude nobody
                "ages three to five years apart": -0.3,
                "ages one or two years apart": 1.3,
                "same age": 2.6,
            },
        ),
        Comparison(
            "place",
            by.place,
            {
                "not said": 0.0,
                "another province": -1.2,
                "same province": 0.8,
                "same city": 0.9,
            },
        ),
        Comparison(
            "site",
            by.site,
            {
                "not said": 0.0,
                "on another site": -1.2,  # set: nobody keeps to one site as they do
                "on the same site": 1.0,  # set: likewise
            },
        ),
        Comparison(
            "price",
            by.price,
            {
                "not said": 0.0,
                "other price": -2.5,
                "price within a quarter": -0.3,
                "price within an eighth": 0.9,
                "same price": 2.3,
            },
        ),
        # People come back after months: time apart weighs little, or nobody would be found again.
        Comparison(
            "time",
            by.time,
            {
                "not said": 0.0,
                "over 200 days between": -0.9,
                "three to six months between": 0.2,
                "one to three months between": 0.4,
                "one to four weeks between": 0.2,
                "within a week": 0.5,
                "shown at the same time": -0.4,
            },
        ),
    ),
)
