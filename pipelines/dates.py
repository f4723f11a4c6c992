"""When an advert was posted, from what its page says: absolute, relative or in words."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta, tzinfo

_MONTH_WORDS = (
    "gennaio gen january jan enero ene janeiro janvier januar ianuarie ian",
    "febbraio feb february febrero fevereiro fev fevrier februar februarie",
    "marzo mar march marco mars marz martie",
    "aprile apr april abril abr avril aprilie",
    "maggio mag may mayo maio mai",
    "giugno giu june jun junio junho juin juni iunie iun",
    "luglio lug july jul julio julho juillet juli iulie iul",
    "agosto ago august aug aout",
    "settembre set sett september sep sept septiembre setembro septembre septembrie",
    "ottobre ott october oct octubre outubro out octobre oktober okt octombrie",
    "novembre nov november noviembre novembro noiembrie noi",
    "dicembre dic december dec diciembre dezembro dez decembre dezember decembrie",
)
_MONTHS = {word: n for n, words in enumerate(_MONTH_WORDS, 1) for word in words.split()}
_WEEKDAY_WORDS = (
    "lunedi lun monday mon lunes montag",
    "martedi tuesday tue martes dienstag",
    "mercoledi mer wednesday wed miercoles mittwoch",
    "giovedi gio thursday thu jueves donnerstag",
    "venerdi ven friday fri viernes freitag",
    "sabato sab saturday sat sabado samstag",
    "domenica dom sunday sun domingo sonntag",
)
_WEEKDAYS = {word: n for n, words in enumerate(_WEEKDAY_WORDS) for word in words.split()}
_DAYS_AGO = {
    0: "oggi today hoy hoje aujourd'hui heute astazi azi stamattina stasera stanotte",
    1: "ieri yesterday ayer ontem hier gestern",
    2: "l'altro ieri|avantieri|altroieri|anteayer|anteontem|avant-hier|vorgestern|"
    "the day before yesterday",
}
_DAY_WORDS = {
    word: days
    for days, words in _DAYS_AGO.items()
    for word in (words.split("|") if "|" in words else words.split())
}

_SECONDS = {
    "second[oi]|seconds?|sec|segundos?|secondes?|sekunden?|secunde": 1,
    "minut[oi]|minutes?|mins?|minutos?|minuten?|minute": 60,
    "or[ae]|hours?|hrs?|horas?|heures?|stunden?|h": 3600,
    "giorn[oi]|gg|days?|dias?|jours?|tage?n?|zile?|zi": 86_400,
    "settiman[ae]|weeks?|semanas?|semaines?|wochen?|saptaman[ai]": 7 * 86_400,
    "mes[ei]|months?|meses|mes|mois|monate?n?|luni|luna": 30 * 86_400,
    "ann[oi]|years?|anos?|ans?|jahre?n?": 365 * 86_400,
}
_UNIT = "|".join(_SECONDS)
_COUNT = r"\d{1,5}|un['’]?|una|uno|an?|one|um|uma|une?|eine?[mr]?|o|pochi|poche|alcun[ie]|a few|few"
_STEP = re.compile(rf"(?<!\w)(?P<count>{_COUNT})\s*(?P<unit>{_UNIT})(?!\w)")
_AGO = re.compile(
    rf"(?:(?<!\w)(?P<before>hace|ha|il y a|vor|acum)\s+)?"
    rf"(?<!\w)(?P<steps>(?:{_COUNT})\s*(?:{_UNIT})(?!\w)"
    rf"(?:\s*(?:,|e|and|y|et|und)?\s*(?:{_COUNT})\s*(?:{_UNIT})(?!\w))*)"
    r"(?P<after>\s+(?:fa|ago|atras))?(?!\w)"
)
_NOW = re.compile(r"(?<!\w)(?:adesso|proprio ora|poco fa|appena|just now|now|ahora|agora)(?!\w)")
_ISO = re.compile(
    r"(?<!\d)(\d{4})[-/](\d\d)[-/](\d\d)"
    r"(?:[t ]+(\d\d):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?\s*(z|utc|gmt|[+-]\d\d:?\d\d)?)?(?!\d)"
)
_NUMERIC = re.compile(r"(?<![\d/.:-])(\d{1,2})([/.-])(\d{1,2})(?:\2(\d{4}|\d\d))?(?![\d:])")
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DAY_MONTH = re.compile(
    rf"(?<!\d)(\d{{1,2}})(?:°|º|\.|st|nd|rd|th)?\s*(?:de |di |of )?[-/ ]?({_MONTH})(?!\w)\.?,?"
    r"(?:[-/ ]*(?:de |del )?(\d{4})(?!\d))?"
)
_MONTH_DAY = re.compile(
    rf"(?<!\w)({_MONTH})(?!\w)\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?(?![\d:])(?:,?\s+(\d{{4}})(?!\d))?"
)
_CLOCK = re.compile(
    r"(?<![\d:])(?:([01]?\d|2[0-3])[:.h]([0-5]\d)(?::[0-5]\d)?(?:\s*([ap])\.?m)?(?![\d:])|"
    r"(1[0-2]|0?[1-9])\s?([ap])\.?m\b)"
)
_STAMP = re.compile(r"1\d{9}(?:\d{3})?")

_TOLERANCE = timedelta(days=1)


def _fold(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).lower().replace("’", "'")
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def _ago(text: str, now: datetime) -> datetime | None:
    for match in _AGO.finditer(text):
        if not (match["before"] or match["after"]):
            continue
        seconds = 0
        for step in _STEP.finditer(match["steps"]):
            unit = next(
                size for words, size in _SECONDS.items() if re.fullmatch(words, step["unit"])
            )
            seconds += (int(step["count"]) if step["count"].isdigit() else 1) * unit
        if seconds <= 50 * 365 * 86_400:
            return now - timedelta(seconds=seconds)
    return now if _NOW.search(text) else None


def _clock(text: str) -> time:
    """The time of day in `text`; midnight when it gives none."""
    match = _CLOCK.search(text)
    if match is None:
        return time()
    hour, minute, half = int(match[1] or match[4]), int(match[2] or 0), match[3] or match[5]
    if half == "p" and hour < 12:
        hour += 12
    elif half == "a" and hour == 12:
        hour = 0
    return time(hour, minute)


def _moment(day: date, at: time, tz: tzinfo) -> datetime:
    return datetime.combine(day, at, tzinfo=tz).astimezone(UTC)


def _calendar(
    year: str | None, month: int, day: int, at: time, now: datetime, tz: tzinfo
) -> datetime | None:
    """A date whose year may be missing: then the latest one that is not in the future."""
    try:
        if year:
            return _moment(date(int(year) + (2000 if len(year) == 2 else 0), month, day), at, tz)
        this_year = now.astimezone(tz).year
        for candidate in range(this_year + 1, this_year - 5, -1):
            if month == 2 and day == 29 and (candidate % 4 or not candidate % 100):
                continue
            moment = _moment(date(candidate, month, day), at, tz)
            if moment <= now + _TOLERANCE:
                return moment
    except (ValueError, OverflowError):
        return None
    return None


def _iso(match: re.Match[str], tz: tzinfo) -> datetime | None:
    year, month, day, hour, minute, second, zone = match.groups()
    try:
        local = datetime(
            int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0)
        )
        if zone is None:
            return local.replace(tzinfo=tz).astimezone(UTC)
        offset = "+00:00" if zone in ("z", "utc", "gmt") else zone
        return datetime.strptime(f"{local.isoformat()}{offset}", "%Y-%m-%dT%H:%M:%S%z").astimezone(
            UTC
        )
    except (ValueError, OverflowError):
        return None


def _in_words(text: str, now: datetime, tz: tzinfo) -> datetime | None:
    today = now.astimezone(tz).date()
    for word, days in sorted(_DAY_WORDS.items(), key=lambda item: -len(item[0])):
        if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text):
            return _moment(today - timedelta(days=days), _clock(text), tz)
    for word in re.findall(r"[a-z]+", text):
        if word in _WEEKDAYS:
            back = (today.weekday() - _WEEKDAYS[word]) % 7
            return _moment(today - timedelta(days=back), _clock(text), tz)
    return None


def _read(text: str, now: datetime, tz: tzinfo) -> datetime | None:
    if _STAMP.fullmatch(text):
        return datetime.fromtimestamp(int(text[:10]), UTC)
    if iso := _ISO.search(text):
        return _iso(iso, tz)
    if found := _DAY_MONTH.search(text):
        rest = text[found.end() :]
        return _calendar(found[3], _MONTHS[found[2]], int(found[1]), _clock(rest), now, tz)
    if found := _MONTH_DAY.search(text):
        rest = text[found.end() :]
        return _calendar(found[3], _MONTHS[found[1]], int(found[2]), _clock(rest), now, tz)
    if found := _NUMERIC.search(text):
        rest = text[: found.start()] + " " + text[found.end() :]
        if found[4] or found[2] == "/":
            return _calendar(found[4], int(found[3]), int(found[1]), _clock(rest), now, tz)
    if ago := _ago(text, now):
        return ago
    if worded := _in_words(text, now, tz):
        return worded
    if _CLOCK.fullmatch(text):
        return _moment(now.astimezone(tz).date(), _clock(text), tz)
    return None


def read_date(text: str, now: datetime, tz: tzinfo) -> datetime | None:
    """The moment that `text` names, in UTC; None when it is unreadable or lies in the future.

    `now` is aware; `tz` is the site's time zone, in which its days and hours are meant. Day comes
    before month, a missing year is the latest that fits, a missing hour is midnight, a month 30
    and a year 365 days.
    """
    found = _read(_fold(text).strip(), now, tz)
    if found is None or found > now + _TOLERANCE:
        return None
    return found.astimezone(UTC)
