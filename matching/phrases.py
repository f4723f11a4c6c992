"""Phrases: a text's word bigrams as 64-bit hashes, and how many different hands use each.

The hashes are unkeyed and stay in memory. Rarity is counted over distinct hands (a number with a
name), never over adverts: boilerplate and circulated templates weigh little, while the words of
one heavy poster keep their weight.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from matching.names import plain

_WORDS = re.compile(r"[^\W\d_]+")
_MIX = np.uint64(0x9E3779B97F4A7C15)  # Knuth's multiplicative constant, 2^64 / golden ratio
BREAK = 0  # stands between title and text, so that no phrase runs across

SKETCH = 16
"""Phrases kept of each advert for comparing: its rarest that occur in another advert too."""
POSTINGS = 8
"""Of these, how many find candidates (guide: matching, what the winning design looks like)."""

UInt64s = NDArray[np.uint64]
Int32s = NDArray[np.int32]
Int64s = NDArray[np.int64]


class WordHashes(dict[str, int]):
    """64-bit hash of each word, computed once: stable over processes, machines and time."""

    def __missing__(self, word: str) -> int:
        value = int.from_bytes(blake2b(word.encode(), digest_size=8).digest(), "little") or 1
        self[word] = value
        return value

    def of(self, title: str, text: str, without: Collection[str]) -> list[int]:
        """Hashes of the words of title and text in order, digits and `without` left out."""
        title_words = _WORDS.findall(plain(title))
        text_words = _WORDS.findall(plain(text))
        if without:
            title_words = [word for word in title_words if word not in without]
            text_words = [word for word in text_words if word not in without]
        return [self[word] for word in title_words] + [BREAK] + [self[word] for word in text_words]


def bigrams(words: UInt64s, lengths: Int64s) -> tuple[Int32s, UInt64s]:
    """(advert, phrase) of every bigram of adverts laid end to end, `lengths` words each."""
    owner = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
    left, right = words[:-1], words[1:]
    inside = (owner[:-1] == owner[1:]) & (left != BREAK) & (right != BREAK)
    with np.errstate(over="ignore"):
        mixed = (left[inside] * _MIX) ^ (right[inside] + (left[inside] >> np.uint64(29)))
    return owner[:-1][inside], mixed


@dataclass(frozen=True)
class Phrases:
    """Each advert's rarest phrases, by row, rarest first, padded with -1.

    `sketch` holds phrase numbers; `holders[phrase]` is how many hands use it; `total` counts the
    phrases of each advert, shared or not.
    """

    sketch: Int32s
    holders: Int32s
    total: Int32s


def rarest(adverts: Int32s, phrases: UInt64s, hand: Int64s) -> Phrases:
    """The sketch of every advert. `hand[advert]` numbers the hand behind it."""
    count = len(hand)
    empty = Phrases(
        np.full((count, SKETCH), -1, np.int32), np.zeros(0, np.int32), np.zeros(count, np.int32)
    )
    if not len(phrases):
        return empty
    distinct, number = np.unique(phrases, return_inverse=True)
    pairs = np.unique(adverts.astype(np.int64) * len(distinct) + number)
    advert, phrase = pairs // len(distinct), pairs % len(distinct)
    total = np.bincount(advert, minlength=count).astype(np.int32)
    by_hand = np.unique(phrase * count + hand[advert])
    holders = np.bincount(by_hand // count, minlength=len(distinct)).astype(np.int32)
    shared = np.bincount(phrase, minlength=len(distinct)) > 1
    keep = shared[phrase]
    advert, phrase = advert[keep], phrase[keep]
    order = np.lexsort((distinct[phrase], holders[phrase], advert))
    advert, phrase = advert[order], phrase[order]
    rank = np.arange(len(advert)) - np.searchsorted(advert, advert)
    inside = rank < SKETCH
    sketch = empty.sketch
    sketch[advert[inside], rank[inside]] = phrase[inside]
    return Phrases(sketch, holders, total)
