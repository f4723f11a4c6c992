"""Prices as adverts write them, also in roses and kisses; the lowest one counts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

MAX_CENTS = 1_000_000_000
"""Ten million: no price of an advert is above it, numbers of other kinds are."""


@dataclass(frozen=True, slots=True)
class Price:
    """An amount in hundredths of `currency` (ISO 4217)."""

    cents: int
    currency: str


# The words and signs that make a number an amount, by currency; roses, kisses and the like are
# euros in Italian adverts.
_UNITS = {
    "EUR": r"€|euros?\b|euri\b|eur\b|evro\b|ros(?:e|es|as|ellin[ae])\b|🌹|🌷|💐|💋|😘|"
    r"bac(?:i|etti|ini)\b|besos\b|beijos\b|kiss(?:es)?\b|trandafiri\b|fiorellini\b",
    "GBP": r"£|gbp\b|pounds?\b|sterline\b",
    "CHF": r"chf\b|fr\.|franchi\b|franken\b",
    "USD": r"us\$|\$|usd\b|dollar[is]?\b|d[oó]lares\b",
    "RON": r"ron\b|lei\b",
    "PLN": r"zł|pln\b",
    "HUF": r"huf\b|ft\b",
    "BRL": r"r\$|brl\b|rea(?:l|is)\b",
}
_NUMBER = (
    r"(?<![\w.,])"
    r"(?:\d{1,3}(?:\.\d{3}){1,3}(?:,\d{1,2})?|\d{1,3}(?:,\d{3}){1,3}(?:\.\d{1,2})?|"
    r"\d{1,3}(?:[ '’]\d{3}){1,3}(?:[.,]\d{1,2})?|\d{1,18}(?:[.,]\d{1,2})?)(?![\d]|[.,]\d)"
)
_UNIT = "|".join(f"(?P<{code}>{words})" for code, words in _UNITS.items())
_SIGN_FIRST = re.compile(
    rf"(?<!\d)(?<!\d\s)(?:{_UNIT})\s*(?:,-|[:.])?\s*(?P<number>{_NUMBER})", re.I
)
_NUMBER_FIRST = re.compile(rf"(?P<number>{_NUMBER})\s*(?:,-|-)?\s*(?:{_UNIT})", re.I)

# An amount for a duration, as in "100 x 30 min" and "80 mezz'ora".
_DURATION = (
    r"(?:\d{1,3}\s*(?:min(?:ut[iose]*)?\b|['′’]|h\b|or[ae]\b|hours?\b|horas?\b)|"
    r"mezz[' ’]?\s*ora\b|mezzora\b|media\s+hora\b|half\s+(?:an\s+)?hour\b|h\b|ora\b|hour\b|hora\b)"
)
_BY_TIME = re.compile(
    rf"(?P<number>{_NUMBER})\s*(?:(?:x|per|for|por|pt|=|:|/|→|->|a|all[' ’]|l[' ’]|la)\s*|"
    rf"(?=mezz))(?:{_DURATION})",
    re.I,
)
_TIME_FIRST = re.compile(rf"{_DURATION}\s*(?:=|:|→|->)\s*(?P<number>{_NUMBER})", re.I)
_LABEL = (
    r"(?:prezz[oi]|tariff[ae]|price|rates?|precio|preço|preis|prix|costo|da|from|desde|"
    r"a partire da|ab)?\s*:?\s*"
)
_BARE = re.compile(rf"{_LABEL}(?P<number>{_NUMBER})\s*(?:,-|\.-|-)?", re.I)
_BARE_LIST = re.compile(rf"{_LABEL}(?P<numbers>\d{{2,4}}(?:\s*[-–/]\s*\d{{2,4}})+)", re.I)
_RANGE_BEFORE = re.compile(
    rf"(?P<number>{_NUMBER})\s*(?:[-–—/]|e|o|ai?|al|fino\s+a|to|y|y/o|or|și)\s*$", re.I
)
_RANGE_AFTER = re.compile(rf"\s*(?:[-–—/])\s*(?P<number>{_NUMBER})(?!\s*(?:min|h\b|['′’]))", re.I)
# What costs more or is paid before, not the price itself.
_OTHER_MONEY = re.compile(
    r"(?:acconto|caparra|anticipo|deposit[oa]?|cauzione|extra|supplement[oi]|taxi|sconto|ricarica|"
    r"multa|spedizione|\+)\s*(?:di|of|de|:|da)?\s*$",
    re.I,
)
_DIGIT_CHAIN = re.compile(r"\+?\d[\d ./()-]*$")
_REACH = 40  # characters before an amount that can belong to it
_MOST_STEPS = 12  # prices in one range or list
_DIGIT = re.compile(r"\d")
_KEYCAPS = re.compile("[\ufe0f\u20e3]")


def _cents(number: str) -> int | None:
    """`1.026,00` → 102600; None for what is no plausible amount."""
    whole, fraction = number, ""
    if match := re.fullmatch(r"(.*\d)[.,](\d{1,2})", number):
        whole, fraction = match[1], match[2]
    digits = re.sub(r"\D", "", whole)
    if len(digits) > 6 and digits == whole:
        return None  # seven digits in a row are a number of another kind
    cents = int(digits) * 100 + int(fraction.ljust(2, "0") or "0")
    return cents if 0 < cents <= MAX_CENTS else None


def _are_prices(numbers: str) -> bool:
    """Whether `numbers` rise in round steps, as in "100-150-200", which no phone number does."""
    groups = [int(group) for group in re.findall(r"\d+", numbers)]
    return groups == sorted(set(groups)) and all(group % 5 == 0 for group in groups)


def _ends_a_phone(text: str, start: int, number: str) -> bool:
    """Whether the digits of `number`, at `start`, complete a phone number that begins before."""
    chain = _DIGIT_CHAIN.search(text, max(0, start - _REACH), start)
    if not chain:
        return False
    if _are_prices(chain[0] + number):
        return False
    earlier = sum(character.isdigit() for character in chain[0])
    digits = sum(character.isdigit() for character in number)
    return earlier + digits >= 9 and (earlier < 9 or (earlier == 9 and digits == 1))


def _range_before(text: str, end: int, upper: int) -> Iterator[int]:
    """Lower ends of a range or list that leads to an amount: the 80 of "80-100 €"."""
    for _ in range(_MOST_STEPS):
        match = _RANGE_BEFORE.search(text, max(0, end - _REACH), end)
        if match is None:
            return
        cents = _cents(match["number"])
        if cents is None or not upper / 20 <= cents <= upper:
            return
        if _ends_a_phone(text, match.start(), match["number"]):
            return
        yield cents
        upper, end = cents, match.start()


def _amounts(text: str) -> Iterator[tuple[int, Price]]:
    """Every amount with its place in `text`."""
    for pattern in (_SIGN_FIRST, _NUMBER_FIRST, _BY_TIME, _TIME_FIRST):
        for match in pattern.finditer(text):
            start = match.start("number")
            cents = _cents(match["number"])
            if cents is None or _ends_a_phone(text, start, match["number"]):
                continue
            if _OTHER_MONEY.search(text, max(0, match.start() - 24), match.start()):
                continue
            groups = match.groupdict()
            currency = next((code for code in _UNITS if groups.get(code)), "EUR")
            yield start, Price(cents, currency)
            for lower in _range_before(text, start, cents):
                yield start, Price(lower, currency)
            if after := _RANGE_AFTER.match(text, match.end("number")):
                higher = _cents(after["number"])
                if higher is not None and cents <= higher:
                    yield after.start("number"), Price(higher, currency)


def read_price(text: str) -> Price | None:
    """The lowest price that `text` states in its first currency; None when it states none.

    A text that is nothing but a number is a price in euros; within other text a number needs a
    currency, a rose or a kiss, or a duration ("100 x 30 min"). Deposits, extras, numbers of seven
    digits and more in a row, and amounts over `MAX_CENTS` are no prices.
    """
    text = _KEYCAPS.sub("", " ".join(unicodedata.normalize("NFKC", text).split()))
    if not _DIGIT.search(text):
        return None
    if (several := _BARE_LIST.fullmatch(text)) and _are_prices(several["numbers"]):
        return Price(min(map(int, re.findall(r"\d+", several["numbers"]))) * 100, "EUR")
    if bare := _BARE.fullmatch(text):
        cents = _cents(bare["number"])
        return Price(cents, "EUR") if cents else None
    amounts = sorted(_amounts(text), key=lambda amount: amount[0])
    if not amounts:
        return None
    currency = amounts[0][1].currency
    return min((p for _, p in amounts if p.currency == currency), key=lambda p: p.cents)
