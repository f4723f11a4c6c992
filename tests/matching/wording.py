"""Invented advert texts in three languages: boilerplate, personal sentences, edits and copies."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path

# Slots of sentences: {n} noun, {a} adjective, {m} manner, {t} time, {w} a word of the writer's own.
WORDS = json.loads((Path(__file__).parent / "wording.json").read_text("utf-8"))
SENTENCES, BOILERPLATE = WORDS["sentences"], WORDS["boilerplate"]


def _lexicon(language: str, size: int, seed: str) -> tuple[list[str], list[float]]:
    """`size` words with Zipf weights: the same for every corpus."""
    maker = random.Random(f"{language}:{seed}")
    syllables = " ".join(WORDS["syllables"][language]).split()
    words: dict[str, None] = {}
    while len(words) < size:
        words["".join(maker.choices(syllables, k=maker.choice((2, 2, 3, 3, 4))))] = None
    return list(words), [1.0 / (rank + 6) for rank in range(size)]


_NOUNS = {lang: _lexicon(lang, 500, "noun") for lang in SENTENCES}
_ADJECTIVES = {lang: _lexicon(lang, 300, "adjective") for lang in SENTENCES}
_OWN = {lang: _lexicon(lang, 2500, "own") for lang in SENTENCES}


@dataclass
class Writer:
    """A hand that writes adverts: its language, favourite words, and sentences so far."""

    language: str
    favourites: list[str]
    habit: float  # how often a typing habit (a doubled letter, k for ch) shows
    sentences: list[str]


def writer(rng: random.Random, language: str) -> Writer:
    """A new hand with a first text of its own, in which {name} stands for the nickname."""
    words, weights = _OWN[language]
    hand = Writer(language, rng.choices(words, weights, k=4), rng.choice((0, 0, 0, 0.05, 0.15)), [])
    hand.sentences = fresh(rng, hand)
    return hand


def _sentence(rng: random.Random, hand: Writer) -> str:
    language = hand.language
    text = rng.choice(SENTENCES[language])
    while "{" in text:
        for slot, bank in (("{n}", _NOUNS), ("{a}", _ADJECTIVES)):
            if slot in text:
                words, weights = bank[language]
                text = text.replace(slot, rng.choices(words, weights)[0], 1)
        text = text.replace("{m}", rng.choice(WORDS["manners"][language]), 1)
        text = text.replace("{t}", rng.choice(WORDS["times"][language]), 1)
        text = text.replace("{w}", rng.choice(hand.favourites), 1)
    if rng.random() < hand.habit:
        words = text.split()
        place = rng.randrange(len(words))
        words[place] += words[place][-1]
        text = " ".join(words)
    return text


def fresh(rng: random.Random, hand: Writer) -> list[str]:
    """A whole new text by the same hand: boilerplate around one to five sentences of its own."""
    boiler = BOILERPLATE[hand.language]
    opening = [rng.choice(boiler[:3])] if rng.random() < 0.8 else []
    own = [_sentence(rng, hand) for _ in range(rng.choices((1, 2, 3, 4, 5), (1, 3, 4, 3, 1))[0])]
    return opening + own + rng.sample(boiler[3:], rng.choice((1, 2, 3)))


def edited(rng: random.Random, hand: Writer) -> list[str]:
    """The hand's present text as it appears in one more advert; big rewrites stay with the hand."""
    kind = rng.choices(
        ("same", "touched", "reordered", "rewritten", "fresh", "short"), (46, 22, 9, 12, 6, 5)
    )[0]
    text = list(hand.sentences)
    if kind == "touched":
        place = rng.randrange(len(text))
        choice = rng.random()
        if choice < 0.4:
            text[place] = _sentence(rng, hand)
        elif choice < 0.7 and len(text) > 2:
            del text[place]
        else:
            text.insert(place, _sentence(rng, hand))
    elif kind == "reordered":
        rng.shuffle(text)
    elif kind == "rewritten":
        kept = rng.sample(text, max(1, len(text) // 3))
        text = kept + fresh(rng, hand)
        hand.sentences = text
    elif kind == "fresh":
        text = fresh(rng, hand)
        hand.sentences = text
    elif kind == "short":
        text = text[:2]
    return text


def copied(rng: random.Random, hand: Writer, source: Writer) -> None:
    """The hand takes a stranger's text for its own, with no or little change."""
    hand.language = source.language
    hand.sentences = list(source.sentences)
    if rng.random() < 0.45:
        hand.sentences[rng.randrange(len(hand.sentences))] = _sentence(rng, hand)


def written(sentences: list[str], name: str) -> str:
    """The text as it stands in the advert."""
    return ". ".join(sentences).replace("{name}", name)
