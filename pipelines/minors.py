"""Whether running text states an age under 18 as the advertiser's own, and not of something else.

Such a reading keeps a person from being called and tells somebody at once, so a bare "16 anni"
amid other words is not enough: a clear statement is a first person ("ho 17 anni"), a label ("età:
17"), a word for a person of that age ("17enne", "ragazza di 17 anni", "17yo"), or a name or nothing
else in front of it within its clause ("Anna, 17 anni").
"""

from __future__ import annotations

import re
from typing import Literal

Form = Literal["years", "enne", "label", "of years"]
"""How an age is written: "17 anni", "17enne", "età 17", "anni 17"."""

_NAMED_BEFORE, _REACH = 3, 48  # words, and characters, before an age that can say whose it is

_FIRST_PERSON = re.compile(
    r"(?<!\w)(?:ho|tengo|tenho|am|i ?am|i['’ ]?m|j['’ ]?ai|ich bin|мне|compio|faccio|cumplo)\s+"
    r"(?:(?:solo|appena|quasi|gia|ancora|just|only|solamente|apenas|doar|nur|seulement)\s+)?$",
    re.I,
)
_I_AM = re.compile(r"(?<!\w)(?:sono|soy|sou|sunt)\s+(?:(?:solo|appena|una?|de)\s+)?$", re.I)
_PERSON = re.compile(
    r"(?<!\w)(?:ragazz(?:a|in[ao]|o)|studentess[ae]|studente|donna|girl|boy|chica|chico|muchacha|"
    r"menina|garota|fata|fille|madchen|trans|minorenne|bambola|teen)\s+(?:di|de|of|with|da)?\s*$",
    re.I,
)
_OLD = re.compile(r"(?:\by[./ ]?o\b|\b(?:years?|yrs?)[ -]old\b|\bjahre (?:alt|jung)\b)", re.I)
_OLD_AFTER = re.compile(r"[ -]?old\b", re.I)

_OTHERS = frozenset(
    (
        # whose age it is, or how long something lasts
        "figlio figlia figli fratello fratellino sorella sorellina nipote nipotina bambino bambina "
        "cane cagnolino gatto gatta cavallo macchina moto appartamento whisky rum vino grappa hijo "
        "hija perro son daughter dog cat brother sister esperienza experience experiencia garanzia "
        "attivita carriera matrimonio convivenza relazione fidanzamento durata contratto affitto "
        "anniversario festeggiamo servizio passione successo successi"
    ).split()
)
"""Words that make an age somebody else's even when a comma stands between."""
_NOT_SO = frozenset(
    (
        "non no not mai nessuna nessun niente vietato vietata vietati minori cerco cerca cerchi "
        "cercasi looking busco avevo aveva avessi ero era eri was were sembro sembra sembri pare "
        "dimostro dimostra like come como da quasi ex quando when se if per fino oltre almeno "
        "minimo fascia compresa compresi dai dal dalla tra fra festeggio studio centro salone "
        "lavoro uomo uomini cliente clienti casa auto mobile"
    ).split()
)
"""Words that do so within the same clause."""
_UNREAL = frozenset("non not no mai nunca se if quando when come como like".split())
_DESCRIBING = frozenset(
    (
        "nuova nuovo nuovissima novita new nueva nova giovane giovanissima young joven jovem bella "
        "bellissima bellissimo dolce dolcissima sexy carina ragazza ragazzina ragazzo studentessa "
        "studente girl chica menina trans italiana latina brasiliana spagnola rumena russa cinese "
        "orientale mora bionda rossa castana alta magra snella appena compiuti old and e y ed i "
        "solo only just sono io"
    ).split()
)
_WORD = re.compile(r"[^\W\d_]+")
_CLAUSE_START = re.compile(r"[^\w\s:'’]|_|\b(?:e|ed|and|y|con)\b")
_CLAUSE_END = re.compile(r" *(?:$|\n|[^\w\s'’%€$:])")
_OF_THINGS = re.compile(
    r" *(?:di|d['’]|de|of|in|nel|nella|alle|al|con|with) +(?![A-Z])\w| *(?:in|di) piu\b"
)


def is_own(text: str, start: int, end: int, form: Form) -> bool:
    """Whether the age that stands at `text[start:end]` (case kept, accents off) is her own."""
    line = text.rfind("\n", 0, start) + 1
    before = text[max(line, start - _REACH) : start]
    after = _WORD.match(text[end : end + _REACH].lstrip(" "))
    follows = after[0].lower() if after else ""
    if form in ("years", "of years") and (follows in _OTHERS or _is_of_things(text, end)):
        return False
    if form == "years" and (cue := _FIRST_PERSON.search(before)):
        return _UNREAL.isdisjoint(_words(before[: cue.start()])[-1:])
    clause = _CLAUSE_START.split(before)[-1]
    nearest, within = (_words(part)[-_NAMED_BEFORE:] for part in (before, clause))
    if not _OTHERS.isdisjoint(nearest) or not _NOT_SO.isdisjoint(within):
        return False
    if form != "years" or _OLD.search(text[start:end]) or _OLD_AFTER.match(text, end):
        return True
    closes = _CLAUSE_END.match(text, end) is not None
    if _I_AM.search(before):
        return closes
    if _PERSON.search(before):
        return True
    names = _WORD.findall(clause)
    if len(names) > 2 or re.search(r"[\d:]", clause):
        return False
    named = all(name[0].isupper() or name.lower() in _DESCRIBING for name in names)
    goes_on = follows in _DESCRIBING or (names and follows in ("a", "di", "in"))
    return named and bool(closes or goes_on)


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]


def _is_of_things(text: str, end: int) -> bool:
    return _OF_THINGS.match(text, end) is not None and not _OLD_AFTER.match(text, end)
