"""Config files are validated whole: every fault is one line with file, key and remedy."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import ConfigError, crawl_obstacle, load, site_named, timings, write_starter
from config.load import _key_path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_starter(tmp_path / "config")
    return tmp_path / "config"


def broken(folder: Path, file: str, old: str, new: str) -> list[str]:
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(ConfigError) as fault:
        load(folder)
    return [line.removeprefix(f"{path}: ") for line in fault.value.problems]


def test_starter_loads_clean_and_keeps_data_outside_the_folder(folder: Path) -> None:
    config = load(folder)
    assert config.data_dir == folder.parent / "var"
    assert config.database_url == f"sqlite:///{folder.parent / 'var' / 'faro.db'}"
    assert config.warnings == ()
    assert timings(config, config.sites["example"]).at[0].hour == 6


def test_starter_in_another_folder_names_its_data_after_it(tmp_path: Path) -> None:
    write_starter(tmp_path / "veneto")
    assert load(tmp_path / "veneto").data_dir == tmp_path / "veneto-var"


def test_starter_overwrites_nothing(folder: Path) -> None:
    with pytest.raises(ConfigError, match="is there already"):
        write_starter(folder)


FAULTS = [
    ("faro.toml", "timezone", "timzone", "timzone: unknown key; did you mean 'timezone'?"),
    (
        "faro.toml",
        '"Europe/Rome"',
        '"Europe/Roma"',
        "timezone: unknown time zone 'Europe/Roma'; did you mean 'Europe/Rome'?",
    ),
    (
        "faro.toml",
        '"08:00"',
        '"8:00"',
        "schedule.report_at: '8:00' is no time; write it as \"06:40\"",
    ),
    ("faro.toml", '"it" ', '"de" ', "language: must be 'it' or 'en', not 'de'"),
    (
        "faro.toml",
        'provinces = "*"',
        'provinces = ["VE", "VX"]',
        "units[1].provinces[2]: 'VX' is no province; use a two-letter code, as TV",
    ),
    ("faro.toml", "list_size = 20", 'list_size = "many"', None),
    ("faro.toml", "[schedule]", "[schedule", None),
    (
        "faro.toml",
        '"./var" ',
        '"./config/var" ',
        "data_dir: 'config/var' is inside the config folder; keys and data must lie outside it",
    ),
    (
        "sites/example.toml",
        "delay_s",
        "dellay_s",
        "politeness.dellay_s: unknown key; did you mean 'delay_s'?",
    ),
    (
        "sites/example.toml",
        "delay_s = 3.0",
        "delay_s = 0",
        "politeness.delay_s: below 1 second is for sites on this machine only",
    ),
    (
        "sites/example.toml",
        '"twice-daily"',
        '"twice-dayly"',
        "schedule.group: no group 'twice-dayly' in faro.toml; did you mean 'twice-daily'?",
    ),
    (
        "sites/example.toml",
        "card = 'css:ul.results > li.ad'",
        "card = 'css:ul..results'",
        "list.card: 'css:ul..results': Expected ident, got <DELIM '.' at 3>",
    ),
    (
        "sites/example.toml",
        "card = 'css:ul.results > li.ad'",
        "card = 'ul.results'",
        "list.card: 'ul.results' is no selector; write css:…, xpath:… or json:…",
    ),
    (
        "sites/example.toml",
        "xpath://a[normalize",
        "xpath://a[[normalize",
        None,
    ),
    (
        "sites/example.toml",
        r"regex:-(\d+)$",
        r"regex:-(\d+$",
        None,
    ),
    ("sites/example.toml", '"card_changed" ', '"sometimes" ', None),
    (
        "sites/example.toml",
        'id = "padova"',
        'id = "treviso"',
        "list: start: two partitions have the id 'treviso'",
    ),
    ("sites/example.toml", 'province = "TV"', 'province = "tv"', None),
    ("sites/example.toml", "https://example.org/annunci/treviso", "example.org/x", None),
    (
        "sites/example.toml",
        "title = 'css:a.title'",
        "name = 'css:a.title'",
        "list: fields needs title",
    ),
    (
        "sites/example.toml",
        "title = 0.95",
        "titel = 0.95",
        "expect.fill: no field is called 'titel'",
    ),
    (
        "sites/example.toml",
        'group = "twice-daily"',
        'at = ["06:40"]\ndays = [0]\n#',
        "schedule.days[1]: '0' is no weekday; use mon, tue, wed, thu, fri, sat, sun "
        "(names, not numbers)",
    ),
]


@pytest.mark.parametrize(("file", "old", "new", "line"), FAULTS)
def test_fault_is_one_line(folder: Path, file: str, old: str, new: str, line: str | None) -> None:
    lines = broken(folder, file, old, new)
    assert len(lines) == 1
    assert "\n" not in lines[0]
    if line is not None:
        assert lines == [line]


def test_a_root_key_pasted_into_the_file_is_not_repeated(folder: Path) -> None:
    (line,) = broken(folder, "faro.toml", '"file:root.key"', '"QUJDQUJDQUJDQUJD="')
    assert line.startswith("keys.root: the value does not match")
    assert "QUJD" not in line


def test_all_faults_of_all_files_come_at_once(folder: Path) -> None:
    faro = folder / "faro.toml"
    faro.write_text(faro.read_text().replace("language", "langage"))
    (folder / "sites" / "Bad Name.toml").write_text("name = 'x'")
    (folder / "sites" / "latin.toml").write_bytes(b"name = '\xe8'")
    (folder / "sites" / "empty.toml").write_text("")
    with pytest.raises(ConfigError) as fault:
        load(folder)
    text = str(fault.value)
    assert "langage: unknown key; did you mean 'language'?" in text
    assert "the file's name is the site's id" in text
    assert "latin.toml: not UTF-8 at byte 8" in text
    assert "empty.toml: name: missing" in text
    assert "empty.toml: list: missing" in text


def test_missing_folder_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="faro init"):
        load(tmp_path / "nowhere")


def test_unknown_site_names_the_nearest(folder: Path) -> None:
    with pytest.raises(ConfigError, match="did you mean 'example'"):
        site_named(load(folder), "exmaple")


def test_times_that_a_clock_change_repeats_are_a_warning(folder: Path) -> None:
    path = folder / "faro.toml"
    path.write_text(path.read_text().replace('"06:40"', '"02:30"'))
    (warning,) = load(folder).warnings
    assert "schedule.groups.twice-daily.at: 02:30" in warning


@given(
    st.one_of(
        st.binary(max_size=200),
        st.text(max_size=200).map(str.encode),
        st.dictionaries(
            st.sampled_from(["name", "list", "detail", "fetch", "x", "timezone"]),
            st.one_of(st.integers(), st.booleans(), st.just("[[1, 'a'], {b = 2}]")),
        ).map(lambda d: "\n".join(f"{k} = {str(v).lower()}" for k, v in d.items()).encode()),
    )
)
def test_garbage_is_never_anything_but_a_config_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    folder = tmp_path_factory.mktemp("garbage") / "config"
    write_starter(folder)
    (folder / "sites" / "garbage.toml").write_bytes(content)
    with pytest.raises(ConfigError):
        load(folder)


def test_key_paths_count_from_one() -> None:
    assert _key_path(("list", "start", 1, "url")) == "list.start[2].url"


LEGAL = """
purpose = "x"
basis = "y"
terms_read = 2026-01-01
approved_by = "z"
review_by = 2026-06-30
"""
CONTROLLER = """
[controller]
name = "n"
dpo = "d"
dpia_reference = "r"
dpia_date = 2026-01-01
notice_url = "https://example.org"
"""


def test_only_loopback_is_crawled_without_controller_and_legal(folder: Path) -> None:
    def obstacle(day: date) -> str | None:
        config = load(folder)
        return crawl_obstacle(config, config.sites["example"], day)

    assert "no [controller]" in (obstacle(date(2026, 5, 1)) or "")
    faro = folder / "faro.toml"
    faro.write_text(faro.read_text() + CONTROLLER)
    assert "crawler.contact is missing" in (obstacle(date(2026, 5, 1)) or "")
    faro.write_text(faro.read_text().replace("[crawler]", '[crawler]\ncontact = "a@example.org"'))
    assert obstacle(date(2026, 5, 1)) == "[legal] lacks terms_read, approved_by, review_by"
    example = folder / "sites" / "example.toml"
    text = example.read_text()
    start, end = text.index("[legal]"), text.index("[schedule]")
    example.write_text(text[:start] + "[legal]" + LEGAL + text[end:])
    assert obstacle(date(2026, 6, 30)) is None
    assert "is past" in (obstacle(date(2026, 7, 1)) or "")
    example.write_text(example.read_text().replace("https://example.org/", "http://127.0.0.1:8/"))
    assert "allow_loopback" in (obstacle(date(2026, 5, 1)) or "")
