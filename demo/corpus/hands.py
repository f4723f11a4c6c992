"""Hands that write adverts, fast: the town's grammar with a long tail of invented words.

The grammar of `data/<language>.toml` is small, so that among a million adverts strangers would
use each other's sentences word for word. Here every slot has thousands of words beside the real
ones, with frequencies that fall as in language (Zipf); a hand uses a few of them again and again.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import accumulate
from random import Random
from string import Formatter

from demo.texts import PER_ADVERT, grammar

_URN = 1 << 15
_ZIPF_SHIFT = 6
# How many sentences of each role one text takes; about six in all.
_TAKE: Mapping[str, tuple[int, ...]] = {
    "opening": (0, 1, 1, 1),
    "self": (0, 1, 1, 2),
    "signature": (0, 1, 1),
    "offer": (1, 1, 2, 2),
    "place": (0, 1),
    "rules": (0, 1),
    "hours": (0, 0, 1),
    "closing": (0, 1),
}
_STOPS = (".", ".", ".", "!", "!!", "...", ",")
# Ways of misspelling that stay with a hand. Some people have one or two.
_SLIPS = (
    ("ss", "s"),
    ("mm", "m"),
    ("ll", "l"),
    ("tt", "t"),
    ("zz", "z"),
    ("ch", "k"),
    ("è", "e'"),
    ("à", "a'"),
    (" per ", " x "),
    ("gg", "g"),
    ("qu", "cu"),
    ("nn", "n"),
    (" and ", " & "),
    (" you ", " u "),
    (" que ", " q "),
)

_Template = tuple[tuple[str, str | None], ...]


@cache
def country() -> Mapping[str, list[str]]:
    """Names, cities (`City:PR`, the largest first) and syllables of invented words."""
    text = files("demo").joinpath("data/country.toml").read_text("utf-8")
    found: Mapping[str, list[str]] = tomllib.loads(text)
    return {key: " ".join(lines).split() for key, lines in found.items()}


def urn(values: Sequence[str], shift: float) -> list[str]:
    """`values` as often as the first, second, ... should be drawn: drawing is then one look-up."""
    weights = [1.0 / (rank + shift) for rank in range(len(values))]
    ends = list(accumulate(weights))
    filled: list[str] = []
    for value, end in zip(values, ends, strict=True):
        filled.extend([value] * (round(end / ends[-1] * _URN) - len(filled)))
    return filled


def _template(text: str) -> _Template:
    return tuple((literal, slot) for literal, slot, _, _ in Formatter().parse(text))


@dataclass(frozen=True)
class Vocabulary:
    """What can be written in one language: sentences by role, titles, and an urn for each slot."""

    language: str
    roles: Mapping[str, Sequence[_Template]]
    titles: Sequence[_Template]
    urns: Mapping[str, Sequence[str]]


@cache
def vocabulary(language: str, invented: int) -> Vocabulary:
    """The grammar of a language with `invented` words more for every slot: always the same."""
    material = grammar(language)
    maker = Random(f"vocabulary:{language}")
    syllables = country().get(f"syllables_{language}") or country()["syllables_it"]
    urns = {}
    for slot, real in material["words"].items():
        words = dict.fromkeys(real)
        while len(words) < len(real) + invented:
            made = "".join(maker.choices(syllables, k=maker.choice((2, 2, 3, 3, 4))))
            kept = maker.choice(real).split()[:-1]
            words[" ".join((*kept, made))] = None
        urns[slot] = urn(list(words), _ZIPF_SHIFT)
    return Vocabulary(
        language,
        {
            role: [_template(each) for each in texts]
            for role, texts in material["sentences"].items()
        },
        [_template(each) for each in material["titles"]["plain"]],
        urns,
    )


@dataclass(slots=True)
class Hand:
    """Somebody who writes: her words and slips, and the text that she uses at present.

    Sentences and title still hold `{name}` and `{city}`.
    """

    vocabulary: Vocabulary
    words: dict[str, tuple[str, ...]]
    slips: tuple[tuple[str, str], ...]
    stop: str
    title: str
    sentences: list[str]


def new_hand(rng: Random, words: Vocabulary) -> Hand:
    """A hand with a title, and no text yet."""
    slips = tuple(rng.sample(_SLIPS, rng.choice((1, 2)))) if rng.random() < 0.35 else ()
    hand = Hand(words, {}, slips, rng.choice(_STOPS), "", [])
    hand.title = title_of(rng, hand)
    return hand


def _said(rng: Random, hand: Hand, template: _Template) -> str:
    random, words = rng.random, hand.words
    parts = []
    for literal, slot in template:
        parts.append(literal)
        if slot is None:
            continue
        if slot in PER_ADVERT:
            parts.append("{" + slot + "}")
            continue
        own = words.get(slot)
        if own is None:
            full = hand.vocabulary.urns[slot]
            size = len(full)
            own = (full[int(random() * size)], full[int(random() * size)])
            own = words[slot] = (*own, full[int(random() * size)])
        parts.append(own[int(random() * 3)])
    text = "".join(parts)
    if text.endswith("."):
        text = text[:-1] + hand.stop
    for right, slip in hand.slips:
        text = text.replace(right, slip)
    return text


def title_of(rng: Random, hand: Hand) -> str:
    """A title in her words."""
    return _said(rng, hand, rng.choice(hand.vocabulary.titles))


def _sentence(rng: Random, hand: Hand) -> str:
    role = rng.choice(("self", "signature", "offer", "offer", "place", "rules"))
    return _said(rng, hand, rng.choice(hand.vocabulary.roles[role]))


def fresh(rng: Random, hand: Hand) -> list[str]:
    """A whole new text by the same hand."""
    random = rng.random
    text = []
    for role, sizes in _TAKE.items():
        templates = hand.vocabulary.roles[role]
        for _ in range(sizes[int(random() * len(sizes))]):
            text.append(_said(rng, hand, templates[int(random() * len(templates))]))
    return text if len(text) > 1 else [*text, _sentence(rng, hand), _sentence(rng, hand)]


def changed(rng: Random, hand: Hand, kind: str) -> list[str]:
    """The hand's text in one more advert, by kind of change (the keys of `Shares.texts`).

    What is rewritten stays with the hand; edits, other orders and short forms do not.
    """
    text = list(hand.sentences)
    if kind == "edited":
        place = rng.randrange(len(text))
        choice = rng.random()
        if choice < 0.4:
            text[place] = _sentence(rng, hand)
        elif choice < 0.7 and len(text) > 2:
            del text[place]
        else:
            text.insert(place, _sentence(rng, hand))
    elif kind == "re-ordered":
        rng.shuffle(text)
    elif kind == "rewritten":
        text = rng.sample(text, max(1, len(text) // 3)) + fresh(rng, hand)
        hand.sentences = text
    elif kind == "fresh":
        text = fresh(rng, hand)
        hand.sentences = text
        hand.title = title_of(rng, hand)
    elif kind == "short":
        text = text[:2]
    return text


def take_text(rng: Random, hand: Hand, source: Hand) -> None:
    """The hand takes another's text for its own, with no or little change."""
    hand.vocabulary = source.vocabulary
    hand.words = {}
    hand.sentences = list(source.sentences)
    if rng.random() < 0.45:
        hand.sentences[rng.randrange(len(hand.sentences))] = _sentence(rng, hand)
