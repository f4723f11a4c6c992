"""Phrases: a text's word bigrams as hashes, worked out over many adverts at once.

A phrase is a number of 52 bits, the same over processes, machines and time: two words hashed in
order. The hashes are unkeyed and derived data (guide: protection, encryption).

Words are hashed by a polynomial over their letters, mod 2^64, so that every word of a batch of
texts comes from one running sum: hash(word) = (S[end] - S[start]) / p^start.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

UInt64s = NDArray[np.uint64]
Int64s = NDArray[np.int64]

PHRASE_BITS = 52
_BATCH = 100_000
"""Characters hashed at a time: the running sum and the powers of p stay in the cache."""
_BREAK = "\x1e"  # between nickname, title and text: no phrase runs across
_P = 0x9E3779B97F4A7C15  # odd, so that it has an inverse mod 2^64 (2^64 / golden ratio)
_PIECES = 3
_OWN_WORDS = 6
"""Words of a nickname that are left out of the text; longer nicknames are sentences."""


def mixed(value: UInt64s) -> UInt64s:
    """Spread every bit over all others (the finaliser of MurmurHash3, Appleby 2011)."""
    with np.errstate(over="ignore"):
        value = (value ^ (value >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
        value = (value ^ (value >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
        return value ^ (value >> np.uint64(33))


@cache
def _base(code: int) -> int:
    """The letter that a code point stands for: lower case, without accent, style or decoration.

    No letters give a space, combining marks 0. A letter of several (ß, ligatures) stays itself.
    """
    letters = [
        letter
        for letter in unicodedata.normalize("NFKD", chr(code)).lower()
        if not unicodedata.combining(letter)
    ]
    if not letters:
        return 0
    if len(letters) > 1:
        return code if chr(code).isalpha() else ord(" ")
    return ord(letters[0]) if letters[0].isalpha() else ord(" ")


@cache
def _latin() -> tuple[NDArray[np.bool_], UInt64s]:
    """For the first 256 code points: whether it is a letter, and the letter's value."""
    base = np.array([_base(code) for code in range(256)], dtype=np.uint64)
    return base > ord(" "), _value(base)


def _value(base: UInt64s) -> UInt64s:
    with np.errstate(over="ignore"):
        return mixed((base + np.uint64(1)) * np.uint64(_P))


@cache
def _powers(size: int) -> tuple[UInt64s, UInt64s]:
    """p^0 ... p^size and their inverses, mod 2^64."""
    with np.errstate(over="ignore"):
        up, down = np.full((2, size + 1), 1, dtype=np.uint64)
        up[1:], down[1:] = np.uint64(_P), np.uint64(pow(_P, -1, 2**64))
        return np.multiply.accumulate(up), np.multiply.accumulate(down)


def _letters(joined: str) -> tuple[NDArray[np.uint8], NDArray[np.bool_], UInt64s]:
    """Of every character: a byte to tell the breaks by, whether it is a letter, and its value."""
    codes = np.frombuffer(joined.encode("utf-32-le", "replace"), np.uint32)
    high = np.flatnonzero(codes > 0xFF)
    if len(high):
        distinct, which = np.unique(codes[high], return_inverse=True)
        codes = codes.copy()
        codes[high] = np.array([_base(code) for code in distinct.tolist()], np.uint32)[which]
        if (codes[high] == 0).any():
            codes = codes[codes != 0]
        high = np.flatnonzero(codes > 0xFF)
    small = codes.astype(np.uint8)
    small[high] = 0xFF  # a letter, whichever it is
    is_letter, values = _latin()
    value = values[small]
    value[high] = _value(codes[high].astype(np.uint64))
    return small, is_letter[small], value


def _words(pieces: Sequence[str]) -> tuple[UInt64s, Int64s]:
    """(hash, piece) of every word of the pieces, in order; digits are no words."""
    codes, is_letter, value = _letters(_BREAK.join(piece.replace(_BREAK, " ") for piece in pieces))
    edge = np.diff(is_letter.view(np.int8), prepend=np.int8(0), append=np.int8(0))
    start, end = np.flatnonzero(edge == 1), np.flatnonzero(edge == -1)
    up, down = _powers(1 << max(len(codes).bit_length(), 12))
    with np.errstate(over="ignore"):
        total = np.zeros(len(codes) + 1, dtype=np.uint64)
        value *= up[: len(codes)]
        np.cumsum(value, out=total[1:])
        hashes = mixed((total[end] - total[start]) * down[start])
    piece = np.searchsorted(np.flatnonzero(codes == ord(_BREAK)), start)
    return hashes, piece.astype(np.int64)


def _phrases(texts: Sequence[tuple[str, str, str]]) -> tuple[UInt64s, Int64s]:
    words, piece = _words([piece for text in texts for piece in text])
    owner, part = piece // _PIECES, piece % _PIECES
    name = np.flatnonzero(part == 0)
    place = np.arange(len(name)) - np.searchsorted(owner[name], owner[name])
    name, place = name[place < _OWN_WORDS], place[place < _OWN_WORDS]
    own = np.zeros((len(texts), int(place.max(initial=0)) + 1), dtype=np.uint64)
    own[owner[name], place] = words[name]
    said = part != 0
    words, piece, owner = words[said], piece[said], owner[said]
    for column in own.T:
        other = column[owner] != words
        words, piece, owner = words[other], piece[other], owner[other]
    inside = piece[:-1] == piece[1:]
    left, right = words[:-1][inside], words[1:][inside]
    with np.errstate(over="ignore"):
        phrase = mixed(left * np.uint64(_P) + ((right << np.uint64(7)) ^ (right >> np.uint64(9))))
    # Owner and phrase in one number, so that sorting brings equal phrases of one advert together.
    owners = np.uint64(64 - PHRASE_BITS)
    keys = (owner[:-1][inside].astype(np.uint64) << np.uint64(PHRASE_BITS)) | (phrase >> owners)
    keys.sort()
    keys = keys[np.diff(keys, prepend=np.uint64(2**64 - 1)) != 0]
    counts = np.bincount((keys >> np.uint64(PHRASE_BITS)).astype(np.int64), minlength=len(texts))
    return keys & np.uint64((1 << PHRASE_BITS) - 1), counts


def phrases(texts: Sequence[tuple[str, str, str]]) -> tuple[UInt64s, Int64s]:
    """The distinct phrases of adverts given as (nickname, title, text).

    Returns them advert after advert, ascending within each, and how many each advert has. Words of
    the nickname are left out: the name is compared on its own.
    """
    found: list[tuple[UInt64s, Int64s]] = []
    batch: list[tuple[str, str, str]] = []
    size = 0
    for text in texts:
        batch.append(text)
        size += len(text[0]) + len(text[1]) + len(text[2]) + _PIECES
        if size > _BATCH or len(batch) == 1 << (64 - PHRASE_BITS):
            found.append(_phrases(batch))
            batch, size = [], 0
    if batch:
        found.append(_phrases(batch))
    if not found:
        return np.zeros(0, np.uint64), np.zeros(0, np.int64)
    return np.concatenate([part[0] for part in found]), np.concatenate([part[1] for part in found])
