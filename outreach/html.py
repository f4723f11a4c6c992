"""The report as a file: one page of HTML that needs nothing else, for the screen and for paper.

Files are for paper and files get lost: numbers are masked, and there is no address of an advert, no
nickname, no movement, no price (guide/outreach.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache, partial
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from outreach.calling import masked
from outreach.health import health_lines
from outreach.ranking import strength
from outreach.times import day_words, long_day, short_moment, since_words, when_words
from outreach.words import WORDS, counted, language_name, word
from records.flags import Reason
from records.reasons import Language, elided, sentence
from records.verdicts import PartitionHealth

Document = Mapping[str, Any]
Row = dict[str, Any]

FACTS = ("follow_ups", "reappeared", "new")
SMALL_COUNTS = ("new_number", "moved", "withdrawn", "baseline")
TICKS = ("listened", "no_answer", "third_person", "hung_up", "do_not_contact")
# Of a long list of waiting entries the first few are named.
NAMED = 12


def render_html(document: Document, language: Language | None = None) -> str:
    """The report `document` as HTML, in its own language unless another is given.

    The same document gives the same bytes: nothing but the document is looked at.
    """
    page = _Page(document, language or document["language"])
    template = _environment().get_template("report.html")
    return template.render(page.view(), t=page.word, n=page.counted)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("outreach"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["css_string"] = css_string
    return environment


def css_string(text: str) -> Markup:
    """A quoted CSS string in which everything but ASCII letters and digits is escaped.

    Autoescaping knows HTML only; a unit's name inside `<style>` could otherwise end the element.
    """
    safe = (each if each.isascii() and each.isalnum() else f"\\{ord(each):x} " for each in text)
    return Markup(f'"{"".join(safe)}"')


def _by_entry(flags: Sequence[Document]) -> dict[str, list[Document]]:
    """The flags of each entry, the one that stands for it first."""
    entries: dict[str, list[Document]] = {}
    for flag in flags:
        entries.setdefault(flag["entry"], []).append(flag)
    for each in entries.values():
        each.sort(key=lambda flag: strength(flag["kind"]))
    return entries


class _Page:
    """What the template shows of one document in one language."""

    def __init__(self, document: Document, language: Language) -> None:
        self.document = document
        self.language: Language = language
        self.zone = ZoneInfo(document["timezone"])
        self.now = datetime.fromisoformat(document["generated_at"])
        self.day = date.fromisoformat(document["report"])
        self.word = partial(word, language=language)
        self.counted = partial(counted, language=language)

    def view(self) -> dict[str, Any]:
        document = self.document
        flags = _by_entry(document["flags"])
        follow_ups = [self._follow_up(each) for each in document["follow_ups"]]
        promised = {each["entry"] for each in document["follow_ups"]}
        listed = [self._flag(*flags[entry]) for entry in document["list"] if entry not in promised]
        carried = [self._carried(each) for each in document["carried"]]
        rows = [*follow_ups, *listed, *carried]
        for number, row in enumerate(rows, start=1):
            row["number"] = number
        moment = self.word(
            "moment",
            day=long_day(self.now_local.date(), self.language),
            clock=f"{self.now_local:%H:%M}",
        )
        return {
            "language": self.language,
            "draft": document["draft"],
            "unit": document["unit_name"],
            "title": self.word("title", day=self._day(self.day)),
            "day": long_day(self.day, self.language).capitalize(),
            "covers": self._covers(),
            "generated": self.word("generated", moment=moment),
            "footer": self.word("footer", unit=document["unit_name"], moment=moment),
            "health": self._health(),
            "facts": [self._count(each) for each in FACTS],
            "small": [self._count(each) for each in SMALL_COUNTS if self._matters(each)],
            "follow_ups": follow_ups,
            "listed": listed,
            "carried": carried,
            "first_report": document["counts_before"] is None,
            "waiting": self._waiting(),
            "baseline": [self._person(each) for each in document["baseline"]],
            "baseline_total": document["counts"]["baseline"],
            "doubtful": [self._doubtful(each) for each in document["doubtful"]],
            "handover": [self._attempt(each) for each in document["handover"]],
            "withdrawn": [self._withdrawn(each) for each in document["withdrawn"]],
            "ticks": [self.word(f"tick.{each}") for each in TICKS],
            "paper": [row for row in rows if row["callable"]],
        }

    @property
    def now_local(self) -> datetime:
        return self.now.astimezone(self.zone)

    def _day(self, day: date) -> str:
        return day_words(day, self.language, self.now, self.zone)

    def _short(self, iso: str) -> str:
        return short_moment(iso, self.language, self.now, self.zone)

    def _when(self, iso: str) -> str:
        return when_words(iso, self.language, self.now, self.zone)

    def _covers(self) -> str:
        if self.document["counts_before"] is None:
            return str(self.word("covers_first"))
        start = self.document["covers"]["from"]
        since = since_words(start, self.language, self.now, self.zone)
        return str(self.word("covers", since=since))

    def _health(self) -> dict[str, list[str]]:
        """What is wrong, a line each, and what is in order."""
        partitions = [
            (
                PartitionHealth(
                    site=each["site"],
                    partition=each["partition"],
                    verdict=each["verdict"],
                    reason=each["reason"],
                    last_run=each["last_run"],
                    last_complete=each["last_complete"],
                    adverts=each["adverts"],
                    held=each["held"],
                ),
                each["since"],
            )
            for each in self.document["health"]
        ]
        lines = health_lines(partitions, self.language, self.now, self.zone)
        return {
            tone: [line.text for line in lines if line.tone == tone] for tone in ("bad", "good")
        }

    def _matters(self, name: str) -> bool:
        before = self.document["counts_before"] or {}
        return bool(self.document["counts"][name] or before.get(name))

    def _count(self, name: str) -> dict[str, Any]:
        """A count with its label and how it changed since the last report."""
        count = self.document["counts"][name]
        before = self.document["counts_before"]
        if before is None:
            change = None
        elif count == before[name]:
            change = self.word("change.same")
        else:
            direction = "more" if count > before[name] else "fewer"
            change = self.word(f"change.{direction}", n=abs(count - before[name]))
        return {"n": count, "label": self.counted(f"count.{name}", count), "change": change}

    def _person(self, item: Document) -> Row:
        """The columns that every row has, whatever brought it here."""
        language = item["language"]
        return {
            "entry": item["entry"],
            "phones": [masked(phone) for phone in item["phones"]],
            "callable": item["callable"],
            "obstacle": self._why_not(item["why_not_listed"]),
            "seen": self._short(item["last_seen"]) if item["last_seen"] else None,
            "seen_at": self._when(item["last_seen"]) if item["last_seen"] else None,
            "place": self._place(item["place"]),
            "language": language_name(language["code"], self.language) if language else None,
            "language_source": self.word(f"language_{language['source']}") if language else None,
            "before": self._before(item["attempts"]),
            "safe_hours": item["safe_hours"],
            "cautions": item["cautions"],
            "note": None,
        }

    def _flag(self, flag: Document, *others: Document) -> Row:
        """The row of a flag; further flags of the same profile add their reasons."""
        codes = [code for each in (flag, *others) for code in each["reason_codes"]]
        tags = [
            key
            for key, holds in (("doubtful", flag["doubtful"]), ("unproven", not flag["proven"]))
            if holds
        ]
        return self._person(flag) | {
            "kind": flag["kind"],
            "kind_label": self.word(f"kind.{flag['kind']}"),
            "why": self._sentences(codes),
            "tags": [self.word(tag) for tag in tags],
        }

    def _carried(self, flag: Document) -> Row:
        raised = datetime.fromisoformat(flag["raised_at"]).astimezone(self.zone).date()
        return self._flag(flag) | {"note": self.word("carried_since", day=self._day(raised))}

    def _follow_up(self, item: Document) -> Row:
        due = date.fromisoformat(item["due"])
        late = item["days_late"]
        promise = self.word("due_on", day=self._day(due)) if late else self.word("due_today")
        return self._person(item) | {
            "kind": "follow_up",
            "kind_label": self.word("kind.follow_up"),
            "why": [promise],
            "tags": [self.counted("late", late)] if late else [],
        }

    def _sentences(self, codes: Iterable[Document]) -> list[str]:
        """The reasons as files may say them; two that say the same are said once."""
        reasons = (Reason(each["code"], each["params"]) for each in codes)
        return list(dict.fromkeys(sentence(each, self.language, for_file=True) for each in reasons))

    def _place(self, place: Document) -> str | None:
        city: str | None = place["city"]
        province: str | None = place["province"]
        if city and province:
            return f"{city} ({province})"
        return city or province

    def _before(self, attempts: Document | None) -> str | None:
        if not attempts:
            return None
        text = str(self.counted("attempts", attempts["count"], day=self._when(attempts["last_at"])))
        outcome = attempts["last_outcome"]
        return f"{text}: {self._outcome(outcome)}" if outcome else text

    def _outcome(self, code: str) -> str:
        key = f"outcome.{code}"
        return str(self.word(key if key in WORDS else "outcome.other"))

    def _why_not(self, code: str | None) -> str | None:
        return str(self.word(f"why.{code}")) if code else None

    def _waiting(self) -> dict[str, Any]:
        groups = [
            {
                "why": self.word(f"why.{code}"),
                "n": len(entries),
                "entries": entries[:NAMED],
                "more": len(entries) > NAMED,
            }
            for code, entries in self.document["waiting_because"].items()
            if entries
        ]
        return {"n": self.document["waiting"], "groups": groups}

    def _doubtful(self, item: Document) -> dict[str, Any]:
        if until := item["waits_until"]:
            day = datetime.fromisoformat(until).astimezone(self.zone).date()
            hangs = elided(self.word("double_waits", day=self._day(day)))
        elif item["kind"]:
            kind = self.word(f"kind.{item['kind']}")
            hangs = self.word("double_raised", kind=kind, raised=self._when(item["raised_at"]))
        else:
            hangs = self.word("double_supposed")
        own = item["entry"] or "–"
        if item["other_profile"] is None:
            return {"pair": f"{own} = ?", "about": [hangs, self.word("double_elsewhere")]}
        likely = self.word("probability", n=round(100 * item["probability"]))
        return {"pair": f"{own} = {item['other'] or '–'}?", "about": [likely, hangs]}

    def _attempt(self, item: Document) -> dict[str, Any]:
        next_date = item["next_date"]
        return {
            "entry": item["entry"],
            "at": self._when(item["at"]),
            "outcome": self._outcome(item["outcome"]),
            "next": self.word("due_on", day=self._day(date.fromisoformat(next_date)))
            if next_date
            else None,
        }

    def _withdrawn(self, item: Document) -> dict[str, Any]:
        text = self.word(
            "withdrawn_row",
            kind=self.word(f"kind.{item['kind']}"),
            raised=self._when(item["raised_at"]),
            withdrawn=self._when(item["withdrawn_at"]),
        )
        return {"entry": item["entry"], "text": text}
