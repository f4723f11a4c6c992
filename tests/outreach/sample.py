"""An invented morning's report with everything in it: full days, hostile texts, a blocked site.

`python tests/outreach/sample.py FOLDER` writes it as HTML, full and empty, in both languages, to
look at.
"""

from __future__ import annotations

import random
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from outreach.html import render_html
from outreach.ranking import Candidate, choose
from outreach.suppression import counted_flags
from records.flags import FlagKind, Reason
from records.reasons import sentence

ZONE = ZoneInfo("Europe/Rome")
NOW = datetime(2026, 3, 4, 5, 45, tzinfo=UTC)
LAST = NOW - timedelta(days=3)

PLACES = (
    ("TV", "Treviso"),
    ("TV", "Conegliano"),
    ("VE", "Venezia"),
    ("VE", "San Donà di Piave"),
    ("PD", "Padova"),
    ("BL", "Belluno"),
    ("VR", "San Giovanni Lupatoto"),
    ("VI", "<script>alert('x')</script>"),
    ("RO", '"><img src=x onerror=alert(1)>'),
    ("PN", "{{ 7*7 }} {% raw %}"),
    (None, None),
)
LANGUAGES = ("it", "it", "es", "en", "ro", "zh", "ar", "pt", None)
OBSTACLES = ("number_unconfirmed", "not_visible", "resting")


def iso(moment: datetime) -> str:
    return moment.astimezone(ZONE).isoformat(timespec="seconds")


def health(site: str, partition: str, verdict: str, adverts: int, last: datetime) -> dict[str, Any]:
    bad = verdict != "complete"
    return {
        "site": site,
        "partition": partition,
        "verdict": verdict,
        "last_complete": iso(last),
        "adverts": adverts,
        "reason": "HTTP 403" if bad else "",
        "held": False,
        "last_run": iso(NOW - timedelta(minutes=35)),
        "since": iso(NOW - timedelta(minutes=35)) if bad else None,
        "sentence": f"{site}, {partition}: {verdict}",
    }


def reasons(kind: FlagKind, doubtful: bool, proven: bool, random_: random.Random) -> list[Reason]:
    place = random_.choice(["Padova (PD)", "Verona (VR)", "Mestre (VE)"])
    found = {
        FlagKind.NEW: [Reason("first_seen", {"date": "2026-03-03", "place": place})],
        FlagKind.REAPPEARED: [
            Reason("absent_since", {"days": 31, "date": "2026-02-01", "place": place}),
            Reason("same_number", {"date": "2026-02-01"}),
        ],
        FlagKind.NEW_NUMBER: [Reason("number_changed"), Reason("same_words")],
        FlagKind.MOVED: [Reason("place_changed", {"place": place})],
    }[kind]
    if doubtful:
        found.append(Reason("doubtful_link"))
    if not proven:
        found.append(Reason("absence_unproven"))
    return found


def person(number: int, random_: random.Random) -> dict[str, Any]:
    province, city = random_.choice(PLACES)
    language = random_.choice(LANGUAGES)
    called = random_.random() < 0.25
    return {
        "entry": f"F-{number:04d}",
        "profile": str(number + 1000),
        "place": {"province": province, "city": city},
        "phones": [f"•••{random_.randrange(100):02d}" for _ in range(1 + (number % 9 == 0))],
        "language": {"code": language, "source": "attempt" if called else "advert"}
        if language
        else None,
        "first_seen": iso(NOW - timedelta(days=random_.randrange(3, 90))),
        "last_seen": iso(NOW - timedelta(hours=random_.choice([1, 12, 13, 60]))),
        "callable": True,
        "why_not_listed": None,
        "attempts": {
            "count": random_.randrange(1, 4),
            "last_at": iso(NOW - timedelta(days=random_.randrange(1, 20))),
            "last_outcome": random_.choice(["no_answer", "third_person", "listened"]),
        }
        if called
        else None,
        "safe_hours": "dopo le 15, mai la sera" if number % 11 == 0 else None,
        "cautions": ["non nominare il servizio se risponde un uomo </style><script>x()</script>"]
        if number % 13 == 0
        else [],
    }


def flag(number: int, random_: random.Random, language: str) -> dict[str, Any]:
    kind = random_.choices(list(FlagKind), weights=(3, 5, 2, 2))[0]
    doubtful = random_.random() < 0.15
    proven = kind is not FlagKind.REAPPEARED or random_.random() < 0.7
    why = reasons(kind, doubtful, proven, random_)
    known = person(number, random_)
    if number % 8 == 0:
        known["why_not_listed"] = OBSTACLES[number // 8 % len(OBSTACLES)]
        known["callable"] = known["why_not_listed"] == "resting"
    return {
        "entry": known["entry"],
        "profile": known["profile"],
        "kind": kind.value,
        "proven": proven,
        "doubtful": doubtful,
        "raised_at": iso(NOW - timedelta(hours=random_.randrange(1, 70))),
        "absent_days": 31 if kind is FlagKind.REAPPEARED else None,
        "adverts": [
            {
                "site": "vetrina",
                "ad_id": f"v{number}",
                "url": f"http://127.0.0.1:8011/annuncio/v{number}",
            }
        ],
        "reasons": [sentence(each, language) for each in why],
        "probability": round(random_.uniform(0.55, 0.9) if doubtful else 1.0, 2),
        "flag": number,
        "reason_codes": [{"code": each.code, "params": dict(each.params)} for each in why],
    } | known


def double(
    entry: str,
    other: str,
    probability: float,
    *,
    waits_until: str | None = None,
    flag: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Two entries that may be one person, with what hangs on it."""
    return {
        "entry": entry,
        "profile": f"1{entry[3:]}",
        "other": other,
        "other_profile": f"1{other[3:]}",
        "probability": probability,
        "waits_until": waits_until,
        "kind": flag["kind"] if flag else None,
        "raised_at": flag["raised_at"] if flag else None,
    }


def full(language: str = "it", flags: int = 40, seed: int = 7) -> dict[str, Any]:
    """A busy Wednesday: `flags` flags, promises, doubles, a blocked site."""
    random_ = random.Random(seed)
    fresh = [flag(number, random_, language) for number in range(427, 427 + flags)]
    older = [flag(number, random_, language) for number in (390, 395, 401)]
    for each in older:
        each["raised_at"] = iso(NOW - timedelta(days=6))
        each["why_not_listed"] = None
    follow_ups = [
        person(number, random_)
        | {
            "due": due,
            "days_late": late,
            "attempts": {
                "count": 2,
                "last_at": iso(NOW - timedelta(days=9)),
                "last_outcome": "listened",
            },
        }
        for number, due, late in (
            (312, "2026-03-02", 2),
            (355, "2026-03-04", 0),
            (377, "2026-03-04", 0),
        )
    ]
    follow_ups[0]["cautions"] = ["parlare piano, qualcuno può ascoltare"]
    follow_ups[2] |= {"callable": False, "why_not_listed": "not_visible"}
    promised = {each["entry"] for each in follow_ups}
    candidates = [
        Candidate(
            each["entry"],
            FlagKind(each["kind"]),
            each["place"]["province"],
            each["probability"],
            datetime.fromisoformat(each["raised_at"]),
        )
        for each in fresh
        if each["why_not_listed"] is None
    ]
    choice = choose([each["entry"] for each in follow_ups[:2]], candidates, [], 20, NOW)
    because: dict[str, list[str]] = {"beyond_size": list(choice.waiting)}
    for each in fresh:
        if each["why_not_listed"] is not None:
            because.setdefault(each["why_not_listed"], []).append(each["entry"])
        elif each["entry"] not in {*choice.listed, *promised}:
            each["why_not_listed"] = "beyond_size"
    doubtful = [
        double("F-0468", "F-0301", 0.44, waits_until=iso(NOW + timedelta(days=4))),
        double("F-0470", "F-0398", 0.61),
        *(
            double(each["entry"], "F-0299", each["probability"], flag=each)
            for each in fresh
            if each["doubtful"]
        ),
    ]
    withdrawn = [
        {
            "entry": "F-0404",
            "profile": "1404",
            "kind": "new",
            "raised_at": iso(LAST - timedelta(days=1)),
            "withdrawn_at": iso(NOW - timedelta(hours=9)),
        }
    ]
    return {
        "report": "2026-03-04",
        "unit": "treviso",
        "draft": False,
        "generated_at": iso(NOW),
        "covers": {"from": iso(LAST), "to": iso(NOW)},
        "health": [
            health("vetrina", "treviso", "complete", 120, NOW - timedelta(minutes=40)),
            health("vetrina", "padova", "complete", 210, NOW - timedelta(minutes=38)),
            health("bacheca", "veneto", "blocked", 340, NOW - timedelta(hours=11)),
            health("annunci", "treviso", "complete", 55, NOW - timedelta(minutes=31)),
            health("annunci", "venezia", "partial", 81, NOW - timedelta(days=4)),
        ],
        "counts": {
            **counted_flags(fresh),
            "withdrawn": len(withdrawn),
            "follow_ups": len(follow_ups),
            "baseline": 0,
        },
        "flags": fresh,
        "list": list(choice.listed),
        "waiting": sum(len(each) for each in because.values()),
        "follow_ups": follow_ups,
        "doubtful": doubtful,
        "withdrawn": withdrawn,
        "handover": [
            {
                "entry": "F-0312",
                "profile": "1312",
                "at": iso(NOW - timedelta(hours=14)),
                "channel": "call",
                "outcome": "listened",
                "next_date": "2026-03-02",
            },
            {
                "entry": "F-0418",
                "profile": "1418",
                "at": iso(NOW - timedelta(hours=14, minutes=20)),
                "channel": "call",
                "outcome": "no_answer",
                "next_date": None,
            },
        ],
        "unit_name": 'Unità di strada "Treviso & Belluno" </title><b>',
        "language": language,
        "timezone": "Europe/Rome",
        "counts_before": {
            **{"new": 9, "reappeared": 11, "new_number": 4, "moved": 2},
            **{"withdrawn": 0, "follow_ups": 3, "baseline": 0},
        },
        "carried": older,
        "waiting_because": because,
        "baseline": [],
    }


def empty(language: str = "it", *, first: bool = False) -> dict[str, Any]:
    """A morning on which nothing has happened; the `first` one has found who was there already."""
    document = full(language)
    random_ = random.Random(3)
    present = [person(number, random_) for number in range(1, 31)] if first else []
    nothing = dict.fromkeys(document["counts"], 0)
    return document | {
        "health": [each for each in document["health"] if each["verdict"] == "complete"],
        "counts": nothing | {"baseline": 34 if first else 0},
        "counts_before": None if first else nothing,
        "flags": [],
        "list": [],
        "waiting": 0,
        "waiting_because": {},
        "follow_ups": [],
        "doubtful": [],
        "withdrawn": [],
        "handover": [],
        "carried": [],
        "baseline": present,
        "unit_name": "Unità di strada Treviso",
    }


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    pages = {
        "full-it": full("it"),
        "full-en": full("en"),
        "empty-it": empty("it"),
        "first-it": empty("it", first=True),
        "draft-it": full("it", flags=3) | {"draft": True, "health": []},
    }
    for name, document in pages.items():
        (folder / f"{name}.html").write_text(render_html(document), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
