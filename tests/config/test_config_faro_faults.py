"""Every fault of faro.toml is one line, and the faults of all files come at once."""

from __future__ import annotations

import pytest
from configuring import SITE, Folder

UNIT = '[[units]]\nid = "ve"\nname = "VE"\nprovinces = {}\n'

# (a whole faro.toml, the line)
FARO_FAULTS: list[tuple[str, str]] = [
    ("timzone = 'UTC'", "timzone: unknown key; did you mean 'timezone'?"),
    ("language = 'de'", "language: must be 'it' or 'en', not 'de'"),
    ("data_dir = ''", "data_dir: '' is no path"),
    (r'data_dir = "a\u0000b"', r"data_dir: 'a\x00b' is no path"),
    (
        'notify = { mail = { host = "mail.example.org", security = "none", sender = "a@b.it", '
        'to = ["c@d.it"] } }',
        "notify.mail.security: 'none' is for a server on this machine only, not "
        "'mail.example.org'; write 'starttls' or 'tls'",
    ),
    (
        'notify = { mail = { host = "mail.example.org", user = "u", sender = "a@b.it", '
        'to = ["c@d.it"] } }',
        "notify.mail.user: without password; give both, or neither",
    ),
    (
        'notify = { services = "tgram://token/chat" }',
        "notify.services: write file:<path>, env:<VARIABLE> or credential:<systemd name>",
    ),
    (
        "schedule = { paused_from = 2026-08-10 }",
        "schedule.paused_from: without paused_until; add the pause's last day",
    ),
    ("data_dir = 3", "data_dir: must be text, not 3"),
    (
        "data_dir = './config/var'",
        "data_dir: is inside the config folder; keys and data must lie outside it",
    ),
    (
        "data_dir = 'config'",
        "data_dir: is inside the config folder; keys and data must lie outside it",
    ),
    (
        "data_dir = '.'",
        'data_dir: holds the config folder; name a folder of its own beside it, as "./var"',
    ),
    ("data_dir = '~nobody-here/var'", "~nobody-here/var: no such user on this machine"),
    (
        "keys = { folder = '../config/keys' }",
        "keys.folder: is inside the config folder; keys and data must lie outside it",
    ),
    (
        "keys = { root = 'file:../config/root.key' }",
        "keys.root: is inside the config folder; keys and data must lie outside it",
    ),
    (
        "database_url = 'sqlite:///config/faro.db'",
        "database_url: is inside the config folder; keys and data must lie outside it",
    ),
    *(
        (
            f"database_url = '{url}'",
            "database_url: write sqlite:////path/faro.db or postgresql+psycopg://user@host/name, "
            "or leave it out for SQLite in data_dir",
        )
        for url in (
            "mysql://faro:secret@localhost/faro",
            "sqlite://",
            "sqlite:///:memory:",
            "faro.db",
        )
    ),
    *(
        (
            f"keys = {{ root = '{root}' }}",
            "keys.root: write file:<path>, env:<VARIABLE> or credential:<systemd name>",
        )
        for root in ("root.key", "env:", "env:A B", "credential:../x", "c2VjcmV0IGtleQ==")
    ),
    ("units = 3", "units: must be a list, not 3"),
    ("[units]\nid = 've'", "units: must be a list, not a table; write [[units]]"),
    (UNIT.format("'VE'"), "units[1].provinces: must be a list, not 'VE'"),
    (UNIT.format("[]"), "units[1].provinces: must not be empty"),
    (
        UNIT.format("['VE', 'XX', 'pd', 3]"),
        "units[1].provinces[2]: 'XX' is no province; use a two-letter code, as TV\n"
        "units[1].provinces[3]: 'pd' is no province; use a two-letter code, as TV; "
        "did you mean 'PD'?\n"
        "units[1].provinces[4]: must be text in quotes, not 3",
    ),
    (
        UNIT.format("['VE']") + UNIT.format("['VE', 'TV']"),
        "units[2].id: 've' is the id of units[1]\nunits[2].provinces: 'VE' belongs to units[1]",
    ),
    (
        UNIT.format("'*'") + UNIT.format("'*'").replace("'ve'", "'tv'").replace('"ve"', '"tv"'),
        "units[2].provinces: all provinces belong to units[1]",
    ),
    (
        UNIT.format("'*'") + "list_size = 0\n",
        "units[1].list_size: must be at least 1, not 0",
    ),
    (
        UNIT.format("'*'") + 'list_size = "20"\n',
        "units[1].list_size: must be a whole number, not '20'",
    ),
    (
        "controller = {}",
        "\n".join(
            f"controller.{key}: missing"
            for key in ("name", "dpo", "dpia_reference", "dpia_date", "notice_url")
        ),
    ),
    (
        "crawler = { concurrency = 0, log_level = 'info' }",
        "crawler.concurrency: must be at least 1, not 0\n"
        "crawler.log_level: must be 'DEBUG', 'INFO', 'WARNING' or 'ERROR', not 'info'",
    ),
    *(
        (
            f"crawler = {{ contact = {contact} }}",
            f"crawler.contact: {shown} is no contact; write an https:// address or an e-mail",
        )
        for contact, shown in (
            ("'nobody'", "'nobody'"),
            (r'"a@example.org\r\nX: y"', r"'a@example.org\r\nX: y'"),
            ("'https://example.org (the project)'", "'https://example.org (the project)'"),
            ("'perché@example.org'", "'perché@example.org'"),
        )
    ),
    (
        "schedule = { report_at = '8:00', groups = { a = { at = [] }, b = { days = ['mon'] } } }",
        "schedule.groups.a.at: must not be empty\n"
        "schedule.groups.b.at: missing\n"
        "schedule.report_at: '8:00' is no time; write it as \"06:40\"",
    ),
    (
        "schedule = { groups = { a = { at = ['06:40', '06:40'], days = ['mon', 'mon'] } } }",
        "schedule.groups.a.at[2]: '06:40' is in the list already\n"
        "schedule.groups.a.days[2]: 'mon' is in the list already",
    ),
    (
        "schedule = { groups = { a = { at = ['06:40'], jitter = 1 } } }",
        "schedule.groups.a.jitter: unknown key; did you mean 'jitter_s'?",
    ),
    (
        "matching = { doubt_threshold = 0.96 }",
        "matching.doubt_threshold: 0.96 must be below link_threshold, 0.7",
    ),
    (
        "matching = { link_threshold = 1.0, doubtful_days = -1 }",
        "matching.doubtful_days: must be at least 0, not -1\n"
        "matching.link_threshold: must be less than 1, not 1.0",
    ),
    (
        f"matching = {{ doubtful_days = {10**80} }}",
        f"matching.doubtful_days: must be at most 3650, not 1{'0' * 58}…",
    ),
    (
        "retention = { audit_years = true }",
        "retention.audit_years: must be a whole number, not true",
    ),
]


@pytest.mark.parametrize(("text", "lines"), FARO_FAULTS)
def test_fault_of_faro_toml(folder: Folder, text: str, lines: str) -> None:
    folder.faro(text)
    assert folder.problems() == [f"faro.toml: {line}" for line in lines.split("\n")]


@pytest.mark.parametrize(
    "text",
    [
        "keys = '{}'",
        "keys = {{ root = '{}' }}",
        "keys = {{ root = ['{}'] }}",
        "database_url = '{}'",
        "database_url = ['{}']",
        "database_url = 'mysql://faro:{}@localhost/faro'",
    ],
)
def test_a_secret_in_the_wrong_place_is_not_repeated(folder: Folder, text: str) -> None:
    folder.faro(text.format("QUJDQUJDQUJDQUJD="))
    (line,) = folder.problems()
    assert "QUJD" not in line


def test_all_faults_of_all_files_come_at_once(folder: Folder) -> None:
    folder.change("faro.toml", "language", "langage")
    folder.change("faro.toml", "08:00", "8")
    folder.change("sites/example.toml", "twice-daily", "thrice-daily")
    (folder.path / "sites" / "Bad Name.toml").write_text("name = 'x'")
    (folder.path / "sites" / "empty.toml").write_text("")
    (folder.path / "sites" / "latin.toml").write_bytes(b"name = '\xe8'")
    assert folder.problems() == [
        "faro.toml: schedule.report_at: '8' is no time; write it as \"06:40\"",
        "faro.toml: langage: unknown key; did you mean 'language'?",
        "sites/Bad Name.toml: the file's name is the site's id; "
        "use lower-case letters, digits, - and _",
        "sites/empty.toml: name: missing",
        "sites/empty.toml: list: missing",
        "sites/example.toml: schedule.group: no group 'thrice-daily' in faro.toml; "
        "did you mean 'twice-daily'?",
        "sites/latin.toml: line 1: not UTF-8; save it as UTF-8",
    ]


def test_a_file_name_cannot_forge_a_line(folder: Folder) -> None:
    folder.site("a\nfaro.toml: fine", SITE)
    (line,) = folder.problems()
    assert line.startswith(r"sites/a\nfaro.toml: fine.toml: the file's name is")
