"""Every fault of a site file is one line: file, key path, what is wrong, nearest spelling."""

from __future__ import annotations

import re

import pytest
from configuring import SITE, Folder

# (what stands in a site file, what is written in its place, the line)
SITE_FAULTS: list[tuple[str, str, str]] = [
    # Keys
    (
        'name = "Board"',
        'name = "Board"\nfetsh = "http"',
        "fetsh: unknown key; did you mean 'fetch'?",
    ),
    ('name = "Board"', 'name = "Board"\nqqq = 1', "qqq: unknown key"),
    ('name = "Board"', "", "name: missing"),
    ('name = "Board"', 'name = " "', "name: must not be empty"),
    ('name = "Board"', "name = 3", "name: must be text in quotes, not 3"),
    (
        'name = "Board"',
        'name = "Board"\nid = "x"',
        "id: unknown key; a site's id is its file's name, without .toml",
    ),
    ("card =", "crad =", "list.card: missing\nlist.crad: unknown key; did you mean 'card'?"),
    (
        "allow_loopback = true",
        "allow_loopback = true\nenabled = false",
        "legal.enabled: unknown key here; "
        "it belongs at the top of the file, above the first [table]",
    ),
    (
        "page_marker = 'css:ul'",
        "min_cards = 3",
        "list.min_cards: unknown key here; it belongs in [expect]",
    ),
    (
        "[detail]",
        "[x]\n[detail]\nhosts = []",
        "detail.hosts: unknown key here; it belongs in [access]\nx: unknown key",
    ),
    (
        'when = "new"',
        '"we\\nird.key" = 1\nwhen = "new"',
        "detail.'we\\nird.key': unknown key",
    ),
    (
        "[[list.start]]",
        "[list.start]",
        "list.start: must be a list, not a table; write [[list.start]]",
    ),
    ("[detail]", "[[detail]]", "detail: must be a table, not a list; write [detail]"),
    ("[detail]", "[Detail]", "Detail: unknown key; did you mean 'detail'?"),
    # Values
    (
        'name = "Board"',
        'name = "Board"\nfetch = "htp"',
        "fetch: must be 'http' or 'browser', not 'htp'; did you mean 'http'?",
    ),
    (
        'name = "Board"',
        'name = "Board"\norigin = "x"',
        "origin: must be 'primary' or 'aggregator', not 'x'",
    ),
    (
        'name = "Board"',
        'name = "Board"\nenabled = "yes"',
        "enabled: must be true or false, not 'yes'",
    ),
    ('name = "Board"', 'name = "Board"\nenabled = 1', "enabled: must be true or false, not 1"),
    (
        'name = "Board"',
        'name = "Board"\ntimezone = "Europe/Roma"',
        "timezone: unknown time zone 'Europe/Roma'; did you mean 'Europe/Rome'?",
    ),
    (
        'name = "Board"',
        'name = "Board"\ntimezone = "localtime"',
        "timezone: unknown time zone 'localtime'",
    ),
    (
        'name = "Board"',
        'name = "Board"\ntimezone = "/etc/passwd"',
        "timezone: unknown time zone '/etc/passwd'",
    ),
    (
        'name = "Board"',
        'name = "Board"\ncountry = "it"',
        "country: 'it' is no country code; write two capitals, as IT",
    ),
    (
        'name = "Board"',
        'name = "Board"\nimages = true',
        'images: needs fetch = "browser"',
    ),
    (
        "[detail]",
        "[access]\nhosts = ['https://x.example']\n[detail]\nclick = 'css:b'",
        "access.hosts[1]: 'https://x.example' is no host; write the name alone in lower case, as "
        'static.example.org\naccess.hosts: needs fetch = "browser"\n'
        'detail.click: needs fetch = "browser"',
    ),
    (
        "card =",
        "scroll = true\nmax_loads = 3\ncard =",
        'list.scroll: needs fetch = "browser"\nlist.max_loads: needs fetch = "browser"',
    ),
    (
        "[list.fields]",
        "[list.paging]\nparameter = 'p?'\nby = 'cursor'\nstep = 3\n[list.fields]",
        "list.paging.parameter: 'p?' is no parameter; write its name alone, as page\n"
        "list.paging.cursor: missing: where a page says what the next is asked with\n"
        'list.paging.step: needs by = "offset"',
    ),
    (
        "[detail]",
        "[access]\nclick = 'css:button'\n[detail]",
        'access.click: needs fetch = "browser"',
    ),
    (
        "[detail]",
        '[access]\ncookies = { age = "a; b", "à" = "1" }\n[detail]',
        "access.cookies.age: the value can't be sent: only ASCII without spaces, commas, "
        "semicolons and quotes\n"
        "access.cookies.'à': the name can't be sent: only ASCII without spaces, commas, "
        "semicolons and quotes",
    ),
    # The section politeness
    (
        "[detail]",
        "[politeness]\ndelay_s = nan\nmax_minutes = inf\nmax_pages = 2.5\n[detail]",
        "politeness.delay_s: must be a finite number, not nan\n"
        "politeness.max_pages: must be a whole number, not 2.5\n"
        "politeness.max_minutes: must be a finite number, not inf",
    ),
    (
        "[detail]",
        "[politeness]\ndelay_s = -1\nmax_minutes = 0\nmax_pages = 0\n[detail]",
        "politeness.delay_s: must be at least 0, not -1\n"
        "politeness.max_pages: must be at least 1, not 0\n"
        "politeness.max_minutes: must be more than 0, not 0",
    ),
    (
        'http://127.0.0.1:8000/"',
        'https://example.org/"\n[politeness]\ndelay_s = 0.5',
        "politeness.delay_s: 0.5 is for sites on this machine only; write 1 or more, 2 is usual",
    ),
    # The section schedule
    (
        "[detail]",
        '[schedule]\nat = ["6:40", "24:00", 6, "06:40\\n"]\n[detail]',
        "schedule.at[1]: '6:40' is no time; write it as \"06:40\"\n"
        "schedule.at[2]: '24:00' is no time; write it as \"06:40\"\n"
        'schedule.at[3]: 6 is no time; write it as "06:40"\n'
        "schedule.at[4]: '06:40\\n' is no time; write it as \"06:40\"",
    ),
    (
        "[detail]",
        '[schedule]\nat = "06:40"\n[detail]',
        "schedule.at: must be a list, not '06:40'",
    ),
    (
        "[detail]",
        '[schedule]\nat = ["06:40"]\ndays = [0, "1", "monday", "lunedì", "x"]\n[detail]',
        "schedule.days[1]: 0 is no weekday; use mon, tue, wed, thu, fri, sat, sun "
        "(names, not numbers: 0 is Monday to some and Sunday to others)\n"
        "schedule.days[2]: '1' is no weekday; use mon, tue, wed, thu, fri, sat, sun "
        "(names, not numbers: 0 is Monday to some and Sunday to others)\n"
        "schedule.days[3]: 'monday' is no weekday; use mon, tue, wed, thu, fri, sat, sun; "
        "did you mean 'mon'?\n"
        "schedule.days[4]: 'lunedì' is no weekday; use mon, tue, wed, thu, fri, sat, sun; "
        "did you mean 'mon'?\n"
        "schedule.days[5]: 'x' is no weekday; use mon, tue, wed, thu, fri, sat, sun",
    ),
    (
        "[detail]",
        '[schedule]\ngroup = "twice-dayly"\n[detail]',
        "schedule.group: no group 'twice-dayly' in faro.toml; did you mean 'twice-daily'?",
    ),
    (
        "[detail]",
        '[schedule]\ngroup = "hourly"\n[detail]',
        "schedule.group: no group 'hourly' in faro.toml (there are twice-daily)",
    ),
    (
        "[detail]",
        "[schedule]\njitter_s = 60\n[detail]",
        'schedule: jitter_s without at or group; add the times, as at = ["06:40"]',
    ),
    (
        "[detail]",
        '[schedule]\ngroup = "twice-daily"\npaused_from = 2026-08-10\n[detail]',
        "schedule.paused_from: without paused_until; add the pause's last day",
    ),
    (
        "[detail]",
        "[schedule]\npaused_from = 2026-08-10\npaused_until = 2026-08-01\n[detail]",
        "schedule.paused_until: 2026-08-01 is before paused_from, 2026-08-10",
    ),
    (
        "[detail]",
        '[schedule]\nat = ["06:40"]\nblackouts = [{ from = "05:00", until = "05:00" }]\n[detail]',
        "schedule.blackouts[1]: from and until are both '05:00'; to stop for days, use "
        "paused_until",
    ),
    (
        "[detail]",
        '[schedule]\nat = ["06:40"]\nblackouts = [{ from = "5", until = "06:00" }]\n[detail]',
        "schedule.blackouts[1].from: '5' is no time; write it as \"06:40\"",
    ),
    (
        "[detail]",
        '[schedule]\ndays = ["mon"]\n[detail]',
        'schedule: days without at or group; add the times, as at = ["06:40"]',
    ),
    (
        "[detail]",
        '[schedule]\nat = ["06:40", "06:40"]\n[detail]',
        "schedule.at[2]: '06:40' is in the list already",
    ),
    # The section list
    (
        'url = "http://127.0.0.1:8000/"',
        'url = "example.org"',
        "list.start[1].url: 'example.org' is no address; it begins with https:// and names a host",
    ),
    (
        "127.0.0.1:8000",
        "127.0.0.1:99999",
        "list.start[1].url: 'http://127.0.0.1:99999/' is no address: "
        "its port is no number from 1 to 65535",
    ),
    (
        "http://127",
        "http://me:secret@127",
        "list.start[1].url: an address must not hold a user name or password",
    ),
    (
        'id = "all"',
        'id = "All of it"',
        "list.start[1].id: 'All of it' is no id; use lower-case letters, digits, - and _",
    ),
    (
        'id = "all"',
        'id = "all"\nprovince = "tv"',
        "list.start[1].province: 'tv' is no province; use a two-letter code, as TV; "
        "did you mean 'TV'?",
    ),
    (
        "[list.fields]",
        '[[list.start]]\nid = "all"\nurl = "http://127.0.0.1:8000/#top"\n[list.fields]',
        "list.start[2].id: 'all' is the id of list.start[1] already\n"
        "list.start[2].url: 'http://127.0.0.1:8000/' is the url of list.start[1] already",
    ),
    (
        '[[list.start]]\nid = "all"\nurl = "http://127.0.0.1:8000/"',
        "start = []",
        "list.start: must not be empty",
    ),
    (
        "title = 'css:a'",
        "titel = 'css:a'",
        "list.fields.title: missing; is 'titel' meant to be it?",
    ),
    ("title = 'css:a'", "", "list.fields.title: missing"),
    # Selectors
    (
        "title = 'css:a'",
        "title = 'css:a..b'",
        "list.fields.title: 'css:a..b' does not compile: Expected ident, got <DELIM '.' at 2>",
    ),
    (
        "title = 'css:a'",
        "title = 'css:a::attribute(x)'",
        "list.fields.title: 'css:a::attribute(x)' does not compile: "
        "The functional pseudo-element ::attribute() is unknown",
    ),
    (
        "title = 'css:a'",
        "title = 'xpath:.//a[['",
        "list.fields.title: 'xpath:.//a[[' does not compile: Invalid expression",
    ),
    (
        "title = 'css:a'",
        "title = 'xpath:titel()'",
        "list.fields.title: 'xpath:titel()' does not compile: Unregistered function",
    ),
    (
        "title = 'css:a'",
        "title = 'json:a..b'",
        "list.fields.title: 'json:a..b' does not compile: Expecting: ['quoted_identifier', "
        "'unquoted_identifier', 'lbracket', 'lbrace'], got: dot: "
        'Parse error at column 2, token "." (DOT)',
    ),
    (
        "title = 'css:a'",
        "title = 'a.title'",
        "list.fields.title: 'a.title' is no selector; write css:…, xpath:… or json:…",
    ),
    (
        "title = 'css:a'",
        "title = ['css:a', 'css:', 3]",
        "list.fields.title[2]: 'css:' is no selector; write css:…, xpath:… or json:…\n"
        "list.fields.title[3]: a selector is text, or a list of texts to try in turn, not 3",
    ),
    (
        "title = 'css:a'",
        "title = []",
        "list.fields.title: an empty list finds nothing; leave the key out, or write a selector",
    ),
    (
        "title = 'css:a'",
        "title = true",
        "list.fields.title: a selector is text, or a list of texts to try in turn, not true",
    ),
    (
        "title = 'css:a'",
        "title = { select = 'a', cleen = ['text'] }",
        "list.fields.title.select: 'a' is no selector; write css:…, xpath:… or json:…\n"
        "list.fields.title.cleen: unknown key; did you mean 'clean'?",
    ),
    ("title = 'css:a'", "title = { many = true }", "list.fields.title.select: missing"),
    (
        "title = 'css:a'",
        "title = 'xpath://a'",
        "list.fields.title: 'xpath://a' looks at the whole page, so all cards get the same; "
        "begin with .// to look into the card",
    ),
    (
        "card = 'css:li'",
        "card = ['css:li', 'css:li::text']",
        "list.card[2]: 'css:li::text' finds text, not an element; leave out what begins with ::",
    ),
    # Cleaners
    (
        r"clean = ['regex:(\d+)']",
        "clean = ['txt', 'text', 'cleaners.evil']",
        "list.fields.id.clean[1]: unknown cleaner 'txt'; did you mean 'text'? (there are "
        "absolute_url, date, digits, first_line, id_from_url, lower, number, relative_date, "
        "strip_query, text, url and regex:<pattern>)\n"
        "list.fields.id.clean[3]: unknown cleaner 'cleaners.evil' (there are "
        "absolute_url, date, digits, first_line, id_from_url, lower, number, relative_date, "
        "strip_query, text, url and regex:<pattern>)",
    ),
    (
        r"clean = ['regex:(\d+)']",
        r"clean = ['regex:(\d+', 'regex:\d+', 'regex:(a{99999999999999})']",
        r"list.fields.id.clean[1]: 'regex:(\d+' does not compile: "
        "missing ), unterminated subpattern at position 0\n"
        r"list.fields.id.clean[2]: 'regex:\d+' needs a group in brackets around what to keep"
        "\n"
        "list.fields.id.clean[3]: 'regex:(a{99999999999999})' does not compile: "
        "the repetition number is too large",
    ),
    (
        r"clean = ['regex:(\d+)']",
        'clean = "text"',
        "list.fields.id.clean: must be a list, not 'text'",
    ),
    # The section detail
    (
        'when = "new"',
        'when = "sometimes"',
        "detail.when: must be 'never', 'new', 'card_changed' or 'always', not 'sometimes'",
    ),
    (
        "[detail.fields]\nbody = 'css:p'\nnickname = 'css:.name'\n"
        "phone = { select = 'css:.tel', many = true }\n",
        "",
        "detail.when: 'new' reads detail pages, but [detail.fields] names nothing to read there",
    ),
    # The section expect
    (
        "[detail]",
        '[expect]\nfill = { titel = 0.9, body = 1.5, title = "all" }\nmax_drop = 60\n[detail]',
        "expect.max_drop: must be at most 1, not 60\n"
        "expect.fill.body: must be at most 1, not 1.5\n"
        "expect.fill.title: must be a number, not 'all'\n"
        "expect.fill.titel: no such field; did you mean 'title'?",
    ),
    # The section legal
    (
        "allow_loopback = true",
        'approved_by = "…"\npurpose = ""',
        "legal.purpose: must not be empty\n"
        "legal.approved_by: '…' is the placeholder of the template: fill it in",
    ),
    (
        "allow_loopback = true",
        'terms_read = "2026-01-15"',
        "legal.terms_read: must be a date without quotes, as 2026-01-31, not '2026-01-15'",
    ),
    (
        "allow_loopback = true",
        "terms_read = 2026-01-15\nreview_by = 2026-01-15",
        "legal.review_by: 2026-01-15 is not after terms_read, 2026-01-15",
    ),
    (
        "allow_loopback = true",
        'robots_override = "agreed with the site"',
        "legal.robots_override: needs robots_approved_by: who approved it",
    ),
]


@pytest.mark.parametrize(("old", "new", "lines"), SITE_FAULTS)
def test_fault_of_a_site_file(folder: Folder, old: str, new: str, lines: str) -> None:
    assert old in SITE
    folder.site("bakeca", SITE.replace(old, new, 1))
    assert folder.problems() == [f"sites/bakeca.toml: {line}" for line in lines.split("\n")]


# What tomllib says differs from one Python to the next; the place does not.
SYNTAX_FAULTS = [
    ("card = 'css:li'", "card = css:li", 6, ""),
    (
        r"clean = ['regex:(\d+)']",
        r'clean = ["regex:(\d+)"]',
        11,
        "; write patterns and selectors in 'single quotes'",
    ),
    ("[detail]", "[list]", 16, ""),
    ("title = 'css:a'", "title = 'css:a", 13, ""),
    ('name = "Board"', 'name = "Board"\nname = "Board"', 2, ""),
]


@pytest.mark.parametrize(("old", "new", "number", "hint"), SYNTAX_FAULTS)
def test_fault_of_toml_itself(folder: Folder, old: str, new: str, number: int, hint: str) -> None:
    assert old in SITE
    folder.site("bakeca", SITE.replace(old, new, 1))
    (line,) = folder.problems()
    assert re.fullmatch(
        rf"sites/bakeca\.toml: line {number}, column \d+: not TOML: [^\n]+{re.escape(hint)}", line
    )
