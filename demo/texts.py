"""How a simulated person writes: her own words and sentences, drawn from an invented grammar.

`data/<language>.toml` holds the grammar. A `Voice` is one person's part of it: a few words for
every slot, a few sentences for every role, and habits. Two voices differ in their words; two
adverts of one voice share most of them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from random import Random
from string import Formatter

# Share of people by the language they write in; a plausible mix for the region's sites.
LANGUAGES: Mapping[str, int] = {"it": 66, "es": 12, "pt": 7, "ro": 6, "en": 9}
# How many sentences of each role a person has, and how many of them one advert takes. `signature`
# are the phrases that are hers alone.
_POOL = {
    "opening": 2,
    "self": 3,
    "signature": 2,
    "offer": 4,
    "place": 2,
    "rules": 2,
    "hours": 1,
    "closing": 2,
}
_TAKE: Mapping[str, tuple[int, ...]] = {
    "opening": (1,),
    "self": (1, 2),
    "signature": (0, 1, 1),
    "offer": (2, 3),
    "place": (1,),
    "rules": (0, 1, 1),
    "hours": (0, 1),
    "closing": (0, 1, 1),
}
_WORDS_PER_SLOT = 3
_TITLES = 3
_EMOJI = (
    "❤",
    "🌸",
    "✨",
    "💋",
    "🌹",
    "☀️",
    "🦋",
    "🍀",
    "💎",
    "🌺",
    "⭐",
    "🔥",
    "🍓",
    "💫",
    "🎀",
    "🌙",
)
PER_ADVERT = frozenset({"name", "city"})
"""Slots that an advert fills; all others are filled with the person's own words."""

Grammar = Mapping[str, Mapping[str, list[str]]]
Words = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Voice:
    """One person's way of writing. Sentences and titles still hold `{name}` and `{city}`.

    `emoji` is empty for people who use none; `stop` replaces the full stop; `broken` is whether
    every sentence stands on a line of its own.
    """

    language: str
    words: Words
    pool: Mapping[str, tuple[str, ...]]
    titles: tuple[str, ...]
    emoji: tuple[str, ...]
    stop: str
    broken: bool
    shouts: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """The text of an advert before name, place and contact are filled in."""

    voice: Voice
    title: str
    lines: tuple[tuple[str, str], ...]
    """(role, sentence), in order."""


@cache
def grammar(language: str) -> Grammar:
    """The phrases of one language: `words`, `sentences`, `titles`, `contact`."""
    text = files("demo").joinpath(f"data/{language}.toml").read_text("utf-8")
    return tomllib.loads(text)


def invent_voice(rng: Random, language: str | None = None) -> Voice:
    """A new person's voice; its language is drawn when none is given."""
    chosen = language or rng.choices(list(LANGUAGES), list(LANGUAGES.values()))[0]
    material = grammar(chosen)["words"]
    words = {
        slot: tuple(rng.sample(choices, min(_WORDS_PER_SLOT, len(choices))))
        for slot, choices in material.items()
    }
    return Voice(
        language=chosen,
        words=words,
        pool=_sentences(rng, chosen, words),
        titles=_titles(rng, chosen, words),
        emoji=tuple(rng.sample(_EMOJI, rng.randint(1, 3))) if rng.random() < 0.55 else (),
        stop=rng.choices((".", "!", "...", "!!"), (60, 18, 14, 8))[0],
        broken=rng.random() < 0.4,
        shouts=rng.random() < 0.15,
    )


def renewed(voice: Voice, rng: Random) -> Voice:
    """The same person some weeks later: new sentences, but her old words, signature and habits."""
    fresh = _sentences(rng, voice.language, voice.words)
    return replace(
        voice,
        pool={**fresh, "signature": voice.pool["signature"]},
        titles=_titles(rng, voice.language, voice.words),
    )


def _sentences(rng: Random, language: str, words: Words) -> Mapping[str, tuple[str, ...]]:
    templates = grammar(language)["sentences"]
    return {
        role: tuple(_own(each, words, rng) for each in rng.sample(templates[role], size))
        for role, size in _POOL.items()
    }


def _titles(rng: Random, language: str, words: Words) -> tuple[str, ...]:
    templates = grammar(language)["titles"]["plain"]
    return tuple(_own(each, words, rng) for each in rng.sample(templates, _TITLES))


def _own(template: str, words: Words, rng: Random) -> str:
    """The template with a person's words in every slot but the advert's; no word twice in a row."""
    parts: list[str] = []
    used: set[str] = set()
    for literal, slot, _, _ in Formatter().parse(template):
        parts.append(literal)
        if slot is None:
            continue
        if slot in PER_ADVERT:
            parts.append("{" + slot + "}")
            continue
        fresh = [word for word in words[slot] if word not in used] or list(words[slot])
        parts.append(rng.choice(fresh))
        used.add(parts[-1])
    return "".join(parts)


def write_draft(voice: Voice, rng: Random) -> Draft:
    """A text of this voice: some of its sentences, roles mostly in their usual order."""
    lines = [
        (role, sentence)
        for role, sizes in _TAKE.items()
        for sentence in rng.sample(voice.pool[role], min(rng.choice(sizes), len(voice.pool[role])))
    ]
    if rng.random() < 0.3:
        at = rng.randrange(1, len(lines) - 1)
        lines[at], lines[at + 1] = lines[at + 1], lines[at]
    return Draft(voice, rng.choice(voice.titles), tuple(lines))


def reworded(draft: Draft, rng: Random, share: float = 0.3) -> Draft:
    """An edit: about `share` of the sentences exchanged for others of her own, or dropped."""
    lines: list[tuple[str, str]] = []
    for role, sentence in draft.lines:
        if rng.random() >= share:
            lines.append((role, sentence))
        elif role in {"opening", "offer"} or rng.random() < 0.7:
            lines.append((role, rng.choice(draft.voice.pool[role])))
    title = rng.choice(draft.voice.titles) if rng.random() < share else draft.title
    return Draft(draft.voice, title, tuple(dict.fromkeys(lines)))


def reordered(draft: Draft, rng: Random) -> Draft:
    """The same sentences in another order, the opening in its place."""
    first, *others = draft.lines
    return replace(draft, lines=(first, *rng.sample(others, len(others))))


def copied(draft: Draft, voice: Voice, rng: Random) -> Draft:
    """A stranger's text under this person's title, with one sentence of her own."""
    lines = list(draft.lines)
    lines[rng.randrange(len(lines))] = ("offer", rng.choice(voice.pool["offer"]))
    return Draft(voice, rng.choice(voice.titles), tuple(dict.fromkeys(lines)))


def fill_title(draft: Draft, name: str, city: str) -> str:
    """The title of an advert."""
    title = _filled(draft.title, name, city)
    if draft.voice.shouts:
        title = title.upper()
    return f"{title} {draft.voice.emoji[0]}" if draft.voice.emoji else title


def fill_body(draft: Draft, name: str, city: str, contact: Sequence[str]) -> str:
    """The text of an advert; `contact` are its sentences with a number or a handle, at the end."""
    voice = draft.voice
    sentences = []
    for number, (_, sentence) in enumerate(draft.lines):
        text = _filled(sentence, name, city)
        if text.endswith("."):
            text = text[:-1] + voice.stop
        if voice.emoji and number % 3 == 1:
            text += " " + voice.emoji[number % len(voice.emoji)]
        sentences.append(text)
    return ("\n" if voice.broken else " ").join([*sentences, *contact])


def contact_sentence(language: str, kind: str, rng: Random, **values: str) -> str:
    """A sentence that gives a contact; `kind` is `number`, `two` or `handle`."""
    return rng.choice(grammar(language)["contact"][kind]).format(**values)


def _filled(template: str, name: str, city: str) -> str:
    text = template.replace("{name}", name).replace("{city}", city)
    return text[:1].upper() + text[1:]
