"""A config folder as a whole: what loads, where files lie, warnings, and what can't be read."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, time
from pathlib import Path

import pytest
from configuring import SITE, Folder

from config import ConfigError, load, site_named, timings, write_starter


def test_starter_loads_clean_and_keeps_data_outside_the_folder(folder: Folder) -> None:
    config = folder.load()
    assert config.warnings == ()
    assert config.folder == folder.path
    assert config.root == folder.path.parent
    assert config.data_dir == config.root / "var"
    assert config.database_url == f"sqlite:///{config.root / 'var' / 'faro.db'}"
    assert config.keys.folder == config.data_dir / "keys"
    assert config.keys.root == f"file:{config.data_dir / 'root.key'}"
    assert config.timezone == "Europe/Rome"
    assert [unit.provinces for unit in config.units] == ["*"]
    assert config.units[0].list_size == 20
    assert timings(config, config.sites["example"]).at == (time(6, 40), time(18, 40))
    assert not config.sites["example"].enabled


def test_starter_shows_every_section_and_every_key_of_a_site_file(folder: Folder) -> None:
    from config.anatomy import keys, sections
    from config.sitefile import SiteFile

    text = (folder.path / "sites" / "example.toml").read_text("utf-8")
    rare = {"robots_override", "robots_approved_by", "html", "volatile"}
    for section in sections(SiteFile):
        if section.heading and "<name>" not in section.heading:
            # [list.paging] excludes `next`, so it is there as a comment.
            assert re.search(rf"^(# )?{re.escape(section.heading)}", text, re.M), section.heading
        for key in keys(section.model).keys() - rare:
            assert key in text, f"{section.heading} {key}"


@pytest.mark.parametrize(
    ("name", "data_dir"), [("config", "var"), ("veneto", "veneto-var"), ('a "b" \\c', None)]
)
def test_starter_in_another_folder_names_its_data_after_it(
    tmp_path: Path, name: str, data_dir: str | None
) -> None:
    made = write_starter(tmp_path / name)
    assert made == [tmp_path / name / "faro.toml", tmp_path / name / "sites" / "example.toml"]
    assert load(tmp_path / name).data_dir == tmp_path / (data_dir or f"{name}-var")


def test_starter_in_this_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "friuli").mkdir()
    monkeypatch.chdir(tmp_path / "friuli")
    assert write_starter(Path())
    assert load(Path()).data_dir == tmp_path / "friuli-var"
    (tmp_path / "friuli" / "below").mkdir()
    monkeypatch.chdir(tmp_path / "friuli" / "below")
    assert load(Path("..")).data_dir == tmp_path / "friuli-var"


@pytest.mark.parametrize("kept", ["faro.toml", "sites/example.toml"])
def test_starter_overwrites_nothing(tmp_path: Path, kept: str) -> None:
    path = tmp_path / "config" / kept
    path.parent.mkdir(parents=True)
    path.write_text("mine")
    with pytest.raises(ConfigError, match="is there already"):
        write_starter(tmp_path / "config")
    assert [each for each in (tmp_path / "config").rglob("*") if each.is_file()] == [path]
    assert path.read_text() == "mine"


def test_starter_says_why_it_cannot_write(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="can't be written: Not a directory"):
        write_starter(tmp_path / "file" / "config")


def test_an_empty_faro_toml_has_all_defaults(folder: Folder) -> None:
    folder.faro("")
    folder.site("board", SITE)
    config = folder.load()
    assert (config.language, config.timezone, config.crawler.concurrency) == (
        "it",
        "Europe/Rome",
        2,
    )
    assert config.matching.model_dump() == {
        "reappear_after_days": 14,
        "outage_days": 30,
        "doubtful_days": 7,
        "link_threshold": 0.7,
        "doubt_threshold": 0.3,
        "proof_gap_days": 3,
        "baseline_cap": 50,
    }
    assert config.retention.model_dump() == {
        "advert_text_days": 90,
        "advert_months": 12,
        "attempt_months": 24,
        "not_pertinent_days": 30,
        "audit_years": 5,
    }
    assert config.schedule.report_at == time(8)
    assert config.controller is None


def test_a_site_file_as_it_is_read(folder: Folder) -> None:
    folder.site("board", SITE)
    site = folder.load().sites["board"]
    assert (site.id, site.name, site.fetch, site.origin) == ("board", "Board", "http", "primary")
    assert site.enabled and not site.images and site.loopback_only
    assert [start.id for start in site.list.start] == ["all"]
    fields = site.list.fields
    assert str(fields["title"].selectors[0]) == "css:a"
    assert [str(selector) for selector in fields["url"].selectors] == [
        "css:a::attr(href)",
        "json:u",
    ]
    assert fields["id"].clean == (r"regex:(\d+)",)
    assert (
        not fields["title"].volatile and fields["posted"].volatile and fields["promoted"].volatile
    )
    assert site.detail.fields["body"].html and not site.detail.fields["nickname"].html
    assert site.detail.fields["phone"].many
    assert site.politeness.delay_s == 2
    assert site.expect.max_drop == 0.6
    assert timings(folder.load(), site).at == ()


def test_a_site_goes_by_its_group_but_for_keys_of_its_own(folder: Folder) -> None:
    folder.change(
        "faro.toml",
        "[schedule.groups.twice-daily]",
        'paused_until = 2026-08-23\nblackouts = [{ from = "12:00", until = "14:00" }]\n'
        "[schedule.groups.twice-daily]",
    )
    folder.site(
        "board",
        SITE.replace(
            "[detail]\n",
            '[schedule]\ngroup = "twice-daily"\ndays = ["mon"]\njitter_s = 0\n'
            'blackouts = [{ from = "23:00", until = "05:00", days = ["sat"] }]\n[detail]\n',
        ),
    )
    config = folder.load()
    found = timings(config, config.sites["board"])
    assert found.at == (time(6, 40), time(18, 40))
    assert (found.days, found.jitter_s) == (("mon",), 0)
    assert [each.start for each in found.blackouts] == [time(12), time(23)]
    assert found.pauses == ((None, date(2026, 8, 23)),)


def test_relative_paths_begin_above_the_config_folder(folder: Folder) -> None:
    folder.faro(
        'data_dir = "data/veneto"\ndatabase_url = "sqlite:///db/faro.db?timeout=5"\n'
        '[keys]\nroot = "file:/etc/faro.key"\nfolder = "../other-keys"\n'
        '[crawler]\nbrowser_path = "bin/chromium"\n'
    )
    config, root = folder.load(), folder.path.parent
    assert config.data_dir == root / "data" / "veneto"
    assert config.database_url == f"sqlite:///{root}/db/faro.db?timeout=5"
    assert config.keys.root == "file:/etc/faro.key"
    assert config.keys.folder == root / "data" / "other-keys"
    assert config.crawler.browser_path == root / "bin" / "chromium"


def test_a_linked_config_folder_has_its_data_beside_the_link(
    folder: Folder, tmp_path: Path
) -> None:
    (tmp_path / "srv").mkdir()
    link = tmp_path / "srv" / "config"
    link.symlink_to(folder.path)
    assert load(link).data_dir == tmp_path / "srv" / "var"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://faro@localhost/faro",
        "postgresql://faro@db.example.org:5433/faro?sslmode=require",
        "sqlite:////srv/faro/faro.db",
    ],
)
def test_other_databases(folder: Folder, url: str) -> None:
    folder.faro(f'database_url = "{url}"')
    assert folder.load().database_url == url


def test_a_site_is_found_by_its_id(folder: Folder) -> None:
    config = folder.load()
    assert site_named(config, "example").name == "Example"
    with pytest.raises(ConfigError) as fault:
        site_named(config, "exmaple")
    assert str(fault.value) == (
        "site exmaple: no such site file; did you mean 'example'? (there are: example)"
    )


def test_the_configuration_cannot_be_changed(folder: Folder) -> None:
    config = folder.load()
    with pytest.raises(ValueError, match="frozen"):
        config.language = "en"  # type: ignore[misc]
    with pytest.raises(TypeError):
        config.sites["x"] = config.sites["example"]  # type: ignore[index]


# What can't be read


def _latin(folder: Folder) -> None:
    (folder.path / "sites" / "board.toml").write_bytes("name = 'x'\ncity = 'è'".encode("latin-1"))


def _utf16(folder: Folder) -> None:
    (folder.path / "sites" / "board.toml").write_bytes("name = 'x'".encode("utf-16"))


def _directory(folder: Folder) -> None:
    (folder.path / "sites" / "board.toml").mkdir()


def _dangling(folder: Folder) -> None:
    (folder.path / "sites" / "board.toml").symlink_to("nowhere.toml")


def _loop(folder: Folder) -> None:
    (folder.path / "sites" / "board.toml").symlink_to("board.toml")


def _large(folder: Folder) -> None:
    folder.site("board", "#" * 1_000_001)


def _sites_is_a_file(folder: Folder) -> None:
    for path in (folder.path / "sites").iterdir():
        path.unlink()
    (folder.path / "sites").rmdir()
    (folder.path / "sites").write_text("")


def _capital(folder: Folder) -> None:
    folder.site("Board One", SITE)


def _long_number(folder: Folder) -> None:
    folder.site("board", "x = " + "9" * 5000)


def _deep(folder: Folder) -> None:
    folder.site("board", "x = " + "[" * 5000)


UNREADABLE: list[tuple[Callable[[Folder], None], str]] = [
    (_latin, "sites/board.toml: line 2: not UTF-8; save it as UTF-8"),
    (_utf16, "sites/board.toml: line 1: not UTF-8; save it as UTF-8"),
    (_directory, "sites/board.toml: can't be read: Is a directory; check its owner and mode"),
    (
        _dangling,
        "sites/board.toml: can't be read: No such file or directory; check its owner and mode",
    ),
    (
        _loop,
        "sites/board.toml: can't be read: Too many levels of symbolic links; "
        "check its owner and mode",
    ),
    (_large, "sites/board.toml: is larger than a megabyte: not a config file"),
    (_sites_is_a_file, "sites: can't be read: Not a directory; check its owner and mode"),
    (
        _capital,
        "sites/Board One.toml: the file's name is the site's id; "
        "use lower-case letters, digits, - and _",
    ),
    (_deep, "sites/board.toml: not TOML: nested too deeply"),
]


@pytest.mark.parametrize(("spoil", "line"), UNREADABLE)
def test_unreadable_files(folder: Folder, spoil: Callable[[Folder], None], line: str) -> None:
    spoil(folder)
    assert folder.problems() == [line]


def test_a_number_too_long_for_python(folder: Folder) -> None:
    _long_number(folder)
    (line,) = folder.problems()
    assert line.startswith("sites/board.toml: not TOML: Exceeds the limit (4300 digits)")


def test_a_byte_order_mark_and_windows_line_ends_are_fine(folder: Folder) -> None:
    path = folder.path / "faro.toml"
    text = path.read_text("utf-8").replace("\n", "\r\n")
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert folder.load().units[0].name == "Unità di strada"


def test_a_missing_folder_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as fault:
        load(tmp_path / "nowhere")
    assert str(fault.value) == (
        f"{tmp_path / 'nowhere'}: no such folder; make a config folder with: faro init DIR"
    )
    with pytest.raises(ConfigError) as fault:
        load(tmp_path)
    assert str(fault.value) == (
        f"{tmp_path / 'faro.toml'}: not found; make a config folder with: faro init DIR"
    )


def test_a_folder_without_sites_loads(folder: Folder) -> None:
    (folder.path / "sites" / "example.toml").unlink()
    (folder.path / "sites").rmdir()
    assert not folder.load().sites


def test_files_are_named_as_a_person_at_the_prompt_types_them(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.site("bakeca", "nome = 'x'\n" + SITE)
    monkeypatch.chdir(folder.path.parent)
    with pytest.raises(ConfigError) as fault:
        load(Path("config"))
    assert str(fault.value) == ("config/sites/bakeca.toml: nome: unknown key; did you mean 'name'?")


# Warnings

SCHEDULED = SITE.replace("[list]", '[schedule]\nat = ["06:40"]\n[list]', 1)
WARNINGS: list[tuple[str, str, list[str]]] = [
    ("board", SCHEDULED, []),
    ("board", SITE, ["schedule: names no group and no times, so it is crawled by hand only"]),
    ("board", "enabled = false\n" + SITE, []),
    *(
        (
            "board",
            SCHEDULED.replace("06:40", moment),
            [
                f"schedule.at: {moment} is skipped or comes twice when the clocks change; "
                "prefer before 01:00 or after 03:30"
            ],
        )
        for moment in ("01:00", "02:30", "03:30")
    ),
    ("board", SCHEDULED.replace("06:40", "00:59"), []),
    ("board", SCHEDULED.replace("06:40", "03:31"), []),
    (
        "board",
        SCHEDULED.replace("posted =", "prize ="),
        [
            "list.fields.prize: no field that Faro understands, so it is kept as text only; "
            "did you mean 'price'?"
        ],
    ),
    ("board", SCHEDULED.replace("posted =", "services ="), []),
    (
        "board",
        SCHEDULED.replace('when = "new"', 'when = "never"'),
        ['detail.fields: never read, for detail.when is "never"'],
    ),
    (
        "board",
        SCHEDULED.replace("page_marker = 'css:ul'", ""),
        [
            "list.page_marker: without it a changed layout can't be told from a refusal; "
            "name what every real list page has"
        ],
    ),
    (
        "board",
        SCHEDULED.replace("promoted = 'css:b'", "promoted = 'xpath://b'"),
        [
            "list.fields.promoted: 'xpath://b' looks at the whole page, so all cards get the "
            "same; begin with .// to look into the card"
        ],
    ),
    (
        "board",
        SCHEDULED.replace("card = 'css:li'", "card = 'json:ads'").replace("'css:a'", "'json:t'"),
        [
            f"list.fields.{name}: '{selector}' finds nothing in a card that is JSON; write json:…"
            for name, selector in (
                ("id", "css:a::attr(href)"),
                ("url", "css:a::attr(href)"),
                ("posted", "css:time"),
                ("promoted", "css:b"),
            )
        ],
    ),
]


@pytest.mark.parametrize(("name", "text", "warnings"), WARNINGS)
def test_warnings_of_a_site(folder: Folder, name: str, text: str, warnings: list[str]) -> None:
    folder.site(name, text)
    assert folder.warnings() == [f"sites/{name}.toml: {line}" for line in warnings]


@pytest.mark.parametrize(
    ("old", "new", "warning"),
    [
        ('"06:40", ', '"02:30", ', "schedule.groups.twice-daily.at: 02:30 is skipped or comes"),
        ('"08:00"', '"03:00"', "schedule.report_at: 03:00 is skipped or comes twice"),
        ("[[units]]", "[unused]", None),
        (
            '# database_url = "postgresql+psycopg://faro@',
            'database_url = "postgresql+psycopg://faro:secret@',
            "database_url: holds a password for every reader of the file; use ~/.pgpass",
        ),
    ],
)
def test_warnings_of_faro_toml(folder: Folder, old: str, new: str, warning: str | None) -> None:
    folder.change("faro.toml", old, new)
    if warning is None:
        text = (folder.path / "faro.toml").read_text("utf-8")
        folder.faro(text[: text.index("[unused]")])
        warning = "units: there are none, so nobody gets a report; add [[units]]"
    (line,) = folder.warnings()
    assert line.startswith(f"faro.toml: {warning}")
    assert "secret" not in line


def test_files_that_are_not_read_are_named(folder: Folder) -> None:
    (folder.path / "board.toml").write_text(SITE)
    (folder.path / "site").mkdir()
    (folder.path / "fixtures").mkdir()  # of `faro site freeze`
    (folder.path / "sites" / "old.tml").write_text(SITE)
    (folder.path / "sites" / "notes.md").write_text("")
    (folder.path / "sites" / "board.toml~").write_text("")
    (folder.path / "sites" / ".hidden.toml").write_text("")
    assert folder.warnings() == [
        "board.toml: not read; site files are in sites/",
        "site: not read; site files are in sites/",
        "sites/board.toml~: not read; a site file's name ends in .toml",
        "sites/old.tml: not read; a site file's name ends in .toml",
    ]


def test_a_list_that_two_enabled_sites_crawl(folder: Folder) -> None:
    folder.site("board", SCHEDULED)
    folder.site("copy", SCHEDULED)
    assert folder.warnings() == [
        "sites/copy.toml: list.start: http://127.0.0.1:8000/ is crawled for site board already"
    ]
