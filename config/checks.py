"""What must hold between keys, checked on the raw tables so that no other fault hides it.

Each check maps a table as TOML gives it, of any shape, to places and words; a value of the wrong
type is left to the models, which say so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any
from urllib.parse import urldefrag

from config.fields import REQUIRED_LIST_FIELDS
from config.models import MatchingSettings
from config.sitefile import is_loopback
from config.wording import did_you_mean, nearest, quoted

Fault = tuple[tuple[int | str, ...], str]
Check = Callable[[dict[str, Any]], Iterator[Fault]]


def at(table: Any, *loc: int | str) -> Any:
    """The value at a path of a raw table; None where the path leads nowhere."""
    for part in loc:
        if isinstance(table, dict):
            table = table.get(str(part))
        elif isinstance(table, tuple) and isinstance(part, int) and part < len(table):
            table = table[part]
        else:
            return None
    return table


def tables(table: Any, *loc: int | str) -> list[tuple[int, dict[str, Any]]]:
    """The tables of a list of tables, with their positions from 0."""
    found = at(table, *loc)
    listed = found if isinstance(found, tuple) else ()
    return [(number, each) for number, each in enumerate(listed) if isinstance(each, dict)]


def _names(table: Any, *loc: str) -> list[str]:
    found = at(table, *loc)
    return list(found) if isinstance(found, dict) else []


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


# Site files


def _id_is_the_file_name(site: dict[str, Any]) -> Iterator[Fault]:
    if "id" in site:
        yield ("id",), "unknown key; a site's id is its file's name, without .toml"


def _required_fields(site: dict[str, Any]) -> Iterator[Fault]:
    if not isinstance(at(site, "list", "fields"), dict):
        return
    names = _names(site, "list", "fields")
    read = at(site, "detail", "when") in ("new", "card_changed", "always")
    for name in REQUIRED_LIST_FIELDS:
        if name == "title" and read and name in _names(site, "detail", "fields"):
            continue
        if name not in names:
            others = [each for each in names if each not in REQUIRED_LIST_FIELDS]
            near = nearest(name, others)
            hint = f"; is '{near}' meant to be it?" if near else ""
            yield ("list", "fields", name), f"missing{hint}"


def _partitions_are_distinct(site: dict[str, Any]) -> Iterator[Fault]:
    for key in ("id", "url"):
        first: dict[str, int] = {}
        for number, start in tables(site, "list", "start"):
            value = _text(start.get(key))
            if value is None:
                continue
            value = urldefrag(value).url if key == "url" and "#" in value else value
            if value in first:
                yield (
                    ("list", "start", number, key),
                    f"{quoted(value)} is the {key} of list.start[{first[value] + 1}] already",
                )
            first.setdefault(value, number)


def _cards_are_elements(site: dict[str, Any]) -> Iterator[Fault]:
    card = at(site, "list", "card")
    for number, text in enumerate(card if isinstance(card, tuple) else (card,)):
        words = _text(text) or ""
        if words.startswith("css:") and "::" in words:
            yield (
                ("list", "card", number),
                f"{quoted(words)} finds text, not an element; leave out what begins with ::",
            )


def _fields_look_into_the_card(site: dict[str, Any]) -> Iterator[Fault]:
    for name in REQUIRED_LIST_FIELDS:
        spec = at(site, "list", "fields", name)
        spec = spec.get("select") if isinstance(spec, dict) else spec
        for text in spec if isinstance(spec, tuple) else (spec,):
            if isinstance(text, str) and text.replace(" ", "").startswith("xpath:/"):
                yield (
                    ("list", "fields", name),
                    f"{quoted(text)} looks at the whole page, so all cards get the same; "
                    "begin with .// to look into the card",
                )


def _detail_fields(site: dict[str, Any]) -> Iterator[Fault]:
    when = at(site, "detail", "when")
    if when in ("new", "card_changed", "always") and not _names(site, "detail", "fields"):
        yield (
            ("detail", "when"),
            f"{quoted(when)} reads detail pages, but [detail.fields] names nothing to read there",
        )


def _delay(site: dict[str, Any]) -> Iterator[Fault]:
    delay = at(site, "politeness", "delay_s")
    if isinstance(delay, bool) or not isinstance(delay, (int, float)) or not 0 <= delay < 1:
        return
    for _, start in tables(site, "list", "start"):
        url = _text(start.get("url")) or ""
        try:
            near = is_loopback(url)
        except ValueError:
            continue
        if not near:
            yield (
                ("politeness", "delay_s"),
                f"{quoted(delay)} is for sites on this machine only; write 1 or more, 2 is usual",
            )
            return


def _expected_fields(site: dict[str, Any]) -> Iterator[Fault]:
    known = {*_names(site, "list", "fields"), *_names(site, "detail", "fields")}
    for name in _names(site, "expect", "fill"):
        if name not in known:
            yield ("expect", "fill", name), f"no such field{did_you_mean(name, known)}"


def _one_schedule(site: dict[str, Any]) -> Iterator[Fault]:
    schedule = at(site, "schedule")
    if not isinstance(schedule, dict):
        return
    own = [key for key in ("days", "jitter_s", "blackouts") if key in schedule]
    if own and "at" not in schedule and "group" not in schedule:
        yield (
            ("schedule",),
            f'{own[0]} without at or group; add the times, as at = ["06:40"]',
        )
    yield from _twice(schedule, "schedule")
    yield from _rests(schedule, "schedule")


def _twice(schedule: Any, *loc: str) -> Iterator[Fault]:
    for key in ("at", "days"):
        values = at(schedule, key)
        values = values if isinstance(values, tuple) else ()
        seen: list[Any] = []
        for number, value in enumerate(values):
            if value in seen:
                yield (*loc, key, number), f"{quoted(value)} is in the list already"
            seen.append(value)


def _rests(schedule: Any, *loc: str) -> Iterator[Fault]:
    """Blackouts that are no stretch of time, and pauses that never are."""
    for number, blackout in tables(schedule, "blackouts"):
        if blackout.get("from") is not None and blackout.get("from") == blackout.get("until"):
            yield (
                (*loc, "blackouts", number),
                f"from and until are both {quoted(blackout['from'])}; to stop for days, use "
                "paused_until",
            )
    first, last = at(schedule, "paused_from"), at(schedule, "paused_until")
    if first is not None and last is None:
        yield (*loc, "paused_from"), "without paused_until; add the pause's last day"
    elif type(first) is type(last) is date and first > last:
        yield (*loc, "paused_until"), f"{last} is before paused_from, {first}"


def _override_is_approved(site: dict[str, Any]) -> Iterator[Fault]:
    legal = at(site, "legal")
    if isinstance(legal, dict) and "robots_override" in legal and "robots_approved_by" not in legal:
        yield ("legal", "robots_override"), "needs robots_approved_by: who approved it"


def _review_follows_reading(site: dict[str, Any]) -> Iterator[Fault]:
    read, review = at(site, "legal", "terms_read"), at(site, "legal", "review_by")
    if type(read) is type(review) is date and review <= read:
        yield ("legal", "review_by"), f"{review} is not after terms_read, {read}"


def _browser_keys(site: dict[str, Any]) -> Iterator[Fault]:
    if site.get("fetch", "http") == "http":
        if at(site, "access", "click") is not None:
            yield ("access", "click"), 'needs fetch = "browser"'
        if site.get("images") is True:
            yield ("images",), 'needs fetch = "browser"'
        for loc in (
            *(("access", "hosts"), ("list", "scroll"), ("list", "more"), ("list", "max_loads")),
            ("detail", "click"),
        ):
            if at(site, *loc) not in (None, False):
                yield loc, 'needs fetch = "browser"'


def _cookies(site: dict[str, Any]) -> Iterator[Fault]:
    for name in _names(site, "access", "cookies"):
        value = at(site, "access", "cookies", name)
        for words, text in (("name", name), ("value", value)):
            if isinstance(text, str) and not _fits_a_cookie(text):
                yield (
                    ("access", "cookies", name),
                    f"the {words} can't be sent: only ASCII without spaces, commas, semicolons "
                    "and quotes",
                )


def _fits_a_cookie(text: str) -> bool:
    return text.isascii() and text.isprintable() and not set(text) & set(' ",;\\')


def _one_way_on(site: dict[str, Any]) -> Iterator[Fault]:
    """Pages are turned in one way, with the keys of that way."""
    paging = at(site, "list", "paging")
    if not isinstance(paging, dict):
        return
    if at(site, "list", "next") is not None:
        yield ("list", "next"), "next and [list.paging] exclude each other; keep one of them"
    by = paging.get("by", "page")
    if by == "cursor" and "cursor" not in paging:
        yield ("list", "paging", "cursor"), "missing: where a page says what the next is asked with"
    for key, way in (("cursor", "cursor"), ("step", "offset")):
        if key in paging and by in ("page", "offset", "cursor") and by != way:
            yield ("list", "paging", key), f'needs by = "{way}"'
    if by == "cursor" and "first" in paging:
        yield ("list", "paging", "first"), "means nothing with a cursor; leave it out"


def _loads(site: dict[str, Any]) -> Iterator[Fault]:
    pages = at(site, "list")
    if not isinstance(pages, dict):
        return
    if "max_loads" in pages and not pages.get("scroll") and "more" not in pages:
        yield ("list", "max_loads"), "loads of what? add scroll = true, or more"
    card = at(site, "list", "card")
    cards = card if isinstance(card, tuple) else (card,)
    if any(isinstance(each, str) and each.startswith("json:") for each in cards):
        for key in ("scroll", "more"):
            if at(site, "list", key) not in (None, False):
                yield ("list", key), "counts cards on the page, so card must be css:… or xpath:…"


SITE_CHECKS: tuple[Check, ...] = (
    _id_is_the_file_name,
    _required_fields,
    _partitions_are_distinct,
    _cards_are_elements,
    _fields_look_into_the_card,
    _detail_fields,
    _delay,
    _expected_fields,
    _one_schedule,
    _override_is_approved,
    _review_follows_reading,
    _browser_keys,
    _one_way_on,
    _loads,
    _cookies,
)


# faro.toml


def _units_are_distinct(faro: dict[str, Any]) -> Iterator[Fault]:
    ids: dict[str, int] = {}
    owners: dict[str, int] = {}
    for number, unit in tables(faro, "units"):
        name = _text(unit.get("id"))
        if name is not None and name in ids:
            yield ("units", number, "id"), f"{quoted(name)} is the id of units[{ids[name] + 1}]"
        ids.setdefault(name or "", number)
        provinces = unit.get("provinces")
        codes = provinces if isinstance(provinces, tuple) else (provinces,)
        for code in dict.fromkeys(code for code in codes if isinstance(code, str)):
            if code in owners:
                what = "all provinces belong" if code == "*" else f"{quoted(code)} belongs"
                yield ("units", number, "provinces"), f"{what} to units[{owners[code] + 1}]"
            owners.setdefault(code, number)


def _thresholds(faro: dict[str, Any]) -> Iterator[Fault]:
    values = []
    for key in ("doubt_threshold", "link_threshold"):
        value = at(faro, "matching", key)
        value = MatchingSettings.model_fields[key].default if value is None else value
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return
        values.append(value)
    doubt, link = values
    if doubt >= link:
        yield ("matching", "doubt_threshold"), f"{doubt} must be below link_threshold, {link}"


def _group_times(faro: dict[str, Any]) -> Iterator[Fault]:
    for name in _names(faro, "schedule", "groups"):
        group = at(faro, "schedule", "groups", name)
        yield from _twice(group, "schedule", "groups", name)
        yield from _rests(group, "schedule", "groups", name)
    yield from _rests(at(faro, "schedule"), "schedule")


_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


def _mail_is_private(faro: dict[str, Any]) -> Iterator[Fault]:
    mail = at(faro, "notify", "mail")
    if not isinstance(mail, dict):
        return
    host = _text(mail.get("host")) or ""
    if mail.get("security") == "none" and host not in _THIS_MACHINE:
        yield (
            ("notify", "mail", "security"),
            f"'none' is for a server on this machine only, not {quoted(host)}; "
            "write 'starttls' or 'tls'",
        )
    if ("user" in mail) != ("password" in mail):
        has, lacks = ("user", "password") if "user" in mail else ("password", "user")
        yield ("notify", "mail", has), f"without {lacks}; give both, or neither"


FARO_CHECKS: tuple[Check, ...] = (
    _units_are_distinct,
    _thresholds,
    _group_times,
    _mail_is_private,
)


# Between files


def group_faults(site: dict[str, Any], faro: dict[str, Any]) -> Iterator[Fault]:
    """A group that faro.toml does not have."""
    group = _text(at(site, "schedule", "group"))
    groups = _names(faro, "schedule", "groups")
    if group is not None and group not in groups:
        there = f" (there are {', '.join(groups)})" if groups else " (it has none)"
        yield (
            ("schedule", "group"),
            f"no group {quoted(group)} in faro.toml{did_you_mean(group, groups) or there}",
        )
