"""The rarity table: all that scoring takes from the whole corpus, counted once and then frozen.

The contract. With one table, everything below is a pure function:

- `columns(records, rarity)` gives each advert its features (codes, and the sketch of its rarest
  phrases) from that advert alone. Only codes are numbered by the records at hand, and no level
  depends on their order. Phrases that the table never met are the rarest of all; which of them
  stand in the sketch is decided by their hash, so that two adverts that share them choose alike.
- `score` gives a pair its probability from the features of the two, the model, the table, and one
  live count: the *names on a contact* (`Columns.number_names`, `handle_names`), counted over the
  records at hand. A switchboard must be known as one from the day on which it becomes one. Whoever
  scores a part of the corpus brings all adverts of each contact that a scored advert has, and
  scores again the pairs of a contact whose count crossed a level.
- `candidate_pairs` pairs adverts within blocks (`matching.candidates`), and the pairs of a block
  are a function of its members in the order of (first seen, id) alone: an advert pairs with all
  earlier ones while it is among the first `FULL`, then with the `NEAREST` ones before it. Adverts
  added at the end thus never take a pair away; where one changed, left or came in between, the
  pairs of the blocks that it stood or stands in are formed again.
- `clusters` of a component depend on the component's own links and members.

So a pass that looks only at what changed gives exactly the profiles of a full one under the same
table. A full pass may count a new table; what that changes, it reports.

The table names no contact and no text: of phrases it holds only counts, by a hash of 24 bits or
so; names and cities are as written. It is derived data, of the index's class.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from matching.errors import MatchingError
from matching.phrases import PHRASE_BITS
from matching.threads import in_threads

UInt64s = NDArray[np.uint64]
Int64s = NDArray[np.int64]
Levels = NDArray[np.uint8]

FORMAT = 1
"""Counted up when a table of before would be misread."""
FRESH = 0
"""The level of a phrase that no two adverts of the counted corpus had."""
STEPS = 8
"""Steps of a level from one doubling of the hands to the next."""
_LEAST_BITS, _MOST_BITS = 12, 26
_SHARE_BITS = 21  # some two million phrases are counted at a time
_SLOTS_PER_ADVERT = 64  # about one phrase in five to ten slots: few pretend to be another


@dataclass(frozen=True)
class Rarity:
    """Counts over distinct hands (a number with a name, else an advert), never over adverts.

    `phrases[slot]` is the level of the phrases whose first bits are `slot`: FRESH, or
    1 + 8 log2(hands). `names`, `cities` and `ages` give the hands that have each; `adverts` and
    `hands` are the size of the counted corpus.
    """

    adverts: int = 0
    hands: int = 0
    phrases: Levels = field(
        default_factory=lambda: np.zeros(1 << _LEAST_BITS, np.uint8), repr=False
    )
    names: Mapping[str, int] = field(default_factory=dict, repr=False)
    cities: Mapping[str, int] = field(default_factory=dict, repr=False)
    ages: Mapping[int, int] = field(default_factory=dict, repr=False)

    def level(self, phrases: UInt64s) -> Levels:
        """The level of each phrase."""
        return self.phrases[slots(phrases, len(self.phrases))]

    def to_bytes(self) -> bytes:
        """The table as a file."""
        told = {
            "format": FORMAT,
            "adverts": self.adverts,
            "hands": self.hands,
            "names": dict(self.names),
            "cities": dict(self.cities),
            "ages": [[age, hands] for age, hands in self.ages.items()],
        }
        file = io.BytesIO()
        np.savez(
            file, phrases=self.phrases, told=np.frombuffer(json.dumps(told).encode(), np.uint8)
        )
        return file.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> Rarity:
        """Read what `to_bytes` wrote. Raises MatchingError for a table of another format."""
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            told = json.loads(file["told"].tobytes())
            if told["format"] != FORMAT:
                raise MatchingError(
                    f"the rarity table is of format {told['format']}, this version reads {FORMAT}; "
                    "`faro match --all` counts a new one"
                )
            return cls(
                told["adverts"],
                told["hands"],
                file["phrases"],
                told["names"],
                told["cities"],
                dict(told["ages"]),
            )


def slots(phrases: UInt64s, size: int) -> Int64s:
    """The slot of each phrase in a table of `size` slots, a power of two."""
    shift = np.uint64(PHRASE_BITS - (size.bit_length() - 1))
    return (phrases >> shift).astype(np.int64)


def phrase_levels(phrases: UInt64s, advert: NDArray[np.int32], hand: NDArray[np.int32]) -> Levels:
    """The levels of all phrases of a corpus; `advert[i]` has `phrases[i]`, once each.

    `hand[advert]` is who wrote it.
    """
    adverts = len(hand)
    bits = min(max((adverts * _SLOTS_PER_ADVERT).bit_length(), _LEAST_BITS), _MOST_BITS)
    size = 1 << bits
    levels = np.zeros(size, dtype=np.uint8)
    # Each share of the slots on its own, so that what is sorted stays small.
    shares = max(1, min(size, 1 << 16, len(phrases) >> _SHARE_BITS))
    shares = 1 << (shares - 1).bit_length()
    found = slots(phrases, shares).astype(np.uint16)

    def count(share: int) -> None:
        here = np.flatnonzero(found == share)
        keys = slots(phrases[here], size).astype(np.uint64) << np.uint64(32)
        keys |= hand[advert[here]].astype(np.uint64)
        keys.sort()
        slot = keys >> np.uint64(32)
        first = np.flatnonzero(_starts(slot))
        hands = np.add.reduceat(_starts(keys), first, dtype=np.int64)
        shared = np.diff(first, append=len(keys)) > 1
        level = np.minimum(1 + np.rint(STEPS * np.log2(hands[shared])), 255)
        levels[slot[first[shared]].astype(np.int64)] = level

    for _ in in_threads(count, range(shares if len(phrases) else 0)):
        pass
    return levels


def _starts(ascending: UInt64s) -> NDArray[np.bool_]:
    """Which values differ from the one before."""
    new = np.ones(len(ascending), dtype=np.bool_)
    np.not_equal(ascending[1:], ascending[:-1], out=new[1:])
    return new


def counted(
    hand: NDArray[np.int32],
    name: tuple[NDArray[np.int32], list[str]],
    city: tuple[NDArray[np.int32], list[str]],
    age: NDArray[np.int32],
    phrases: UInt64s,
    advert: NDArray[np.int32],
) -> Rarity:
    """Count a corpus. `name` and `city` are codes by advert (-1: not said) with what they mean."""
    return Rarity(
        len(hand),
        int(hand.max(initial=-1)) + 1,
        phrase_levels(phrases, advert, hand),
        _hands(hand, *name),
        _hands(hand, *city),
        {years: hands for years, hands in enumerate(_hands_per(hand, age)) if hands},
    )


def _hands(hand: NDArray[np.int32], code: NDArray[np.int32], values: list[str]) -> dict[str, int]:
    found = zip(values, _hands_per(hand, code, len(values)), strict=True)
    return {value: hands for value, hands in found if hands}


def _hands_per(hand: NDArray[np.int32], code: NDArray[np.int32], size: int = 0) -> list[int]:
    """How many distinct hands have each code; -1 is none."""
    said = code >= 0
    if not said.any():
        return [0] * size
    width = max(int(code.max()) + 1, size)
    keys = np.sort(hand[said].astype(np.int64) * width + code[said])
    keys = keys[np.diff(keys, prepend=-1) != 0]
    found: list[int] = np.bincount(keys % width, minlength=width).tolist()
    return found
