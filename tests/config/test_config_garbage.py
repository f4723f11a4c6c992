"""Whatever stands in a config folder, loading gives a Config or a ConfigError of clean lines."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from configuring import SITE, Folder
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from config import Config, ConfigError, load, write_starter
from config.anatomy import keys, sections
from config.cleaners import CLEANERS, check_cleaner
from config.models import FaroFile
from config.selectors import Selector, parse_selector
from config.sitefile import SiteFile

# As text() has it, but text() tries to encode every character there is: three seconds.
ANY = st.characters(exclude_categories=["Cs"])

KEYS = sorted(
    {key for model in (FaroFile, SiteFile) for s in sections(model) for key in keys(s.model)}
)
scalars = st.one_of(
    st.integers(),
    st.floats(),
    st.booleans(),
    st.dates(),
    st.times(),
    st.datetimes(),
    st.text(ANY, max_size=12),
    st.sampled_from(
        ["css:a", "xpath://a", "json:a", "*", "TV", "mon", "06:40", "new", "http://127.0.0.1/"]
    ),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(KEYS) | st.text(ANY, max_size=5), inner, max_size=4),
    ),
    max_leaves=12,
)
tables = st.dictionaries(st.sampled_from(KEYS), values, max_size=6)


def toml(value: Any) -> str:
    """`value` in TOML, in one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{toml(k)} = {toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, (bool, str)):
        return json.dumps(value).replace("\x7f", "\\u007f")
    return str(value) if isinstance(value, (int, float)) else value.isoformat()


def document(table: dict[str, Any]) -> str:
    """A TOML document of these keys."""
    return "".join(f"{key} = {toml(value)}\n" for key, value in table.items())


def loaded(folder: Path) -> Config | None:
    """What loading gives; None for a ConfigError, whose lines are checked."""
    try:
        return load(folder)
    except ConfigError as error:
        assert error.problems
        assert str(error).split("\n") == list(error.problems)
        for line in error.problems:
            assert line.startswith(str(folder))
            assert line.isprintable()
            assert len(set(error.problems)) == len(error.problems)
        return None


def written(tmp: pytest.TempPathFactory, file: str, content: bytes) -> Path:
    folder = tmp.mktemp("garbage") / "config"
    write_starter(folder)
    (folder / file).write_bytes(content)
    return folder


few = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@given(st.sampled_from(["faro.toml", "sites/board.toml"]), st.binary(max_size=200))
@few
def test_bytes(tmp_path_factory: pytest.TempPathFactory, file: str, content: bytes) -> None:
    loaded(written(tmp_path_factory, file, content))


@given(st.sampled_from(["faro.toml", "sites/board.toml"]), st.text(ANY, max_size=200))
@few
def test_text(tmp_path_factory: pytest.TempPathFactory, file: str, content: str) -> None:
    loaded(written(tmp_path_factory, file, content.encode("utf-8", "surrogatepass")))


@given(st.sampled_from(["faro.toml", "sites/board.toml"]), tables)
@settings(few, max_examples=300)
def test_tables_of_known_keys(
    tmp_path_factory: pytest.TempPathFactory, file: str, table: dict[str, Any]
) -> None:
    loaded(written(tmp_path_factory, file, document(table).encode("utf-8", "surrogatepass")))


LINES = SITE.splitlines()


@given(st.integers(0, len(LINES) - 1), values)
@settings(few, max_examples=150)
def test_a_site_file_with_one_value_spoilt(
    tmp_path_factory: pytest.TempPathFactory, number: int, value: Any
) -> None:
    lines = list(LINES)
    key = lines[number].partition(" = ")[0]
    lines[number] = f"{key} = {toml(value)}"
    text = "\n".join(lines).encode("utf-8", "surrogatepass")
    loaded(written(tmp_path_factory, "sites/board.toml", text))


@given(st.permutations(LINES))
@few
def test_a_site_file_in_disorder(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str]
) -> None:
    loaded(written(tmp_path_factory, "sites/board.toml", "\n".join(lines).encode()))


@given(st.integers(0, len(SITE)))
@few
def test_a_site_file_cut_off(tmp_path_factory: pytest.TempPathFactory, length: int) -> None:
    loaded(written(tmp_path_factory, "sites/board.toml", SITE[:length].encode()))


def only_value_errors(function: Callable[[str], object], text: str) -> None:
    try:
        function(text)
    except ValueError as error:
        assert str(error)


css = st.text(alphabet="ab.#>:+~*[]()='\"\\ -nthchild,|^$\n\x00é", max_size=20)
xpath = st.text(alphabet="ab./@[]()='\" -$:|*&<>!{}\n\x00é", max_size=20)
jmes = st.text(alphabet="ab.[]*@&|`'\"\\{}(),:?<>=!0-9\n", max_size=20)


@given(
    st.one_of(css.map("css:{}".format), xpath.map("xpath:{}".format), jmes.map("json:{}".format))
)
@settings(max_examples=1500, deadline=None)
@example("css:" + ":not(" * 3000)
@example("css:" + "a " * 3000)
@example("xpath:" + "(" * 3000)
@example("xpath:" + "/a" * 5000)
@example("json:" + "[" * 3000)
@example("json:" + "a." * 3000 + "a")
@example("json:`{`")
@example("xpath://a[. = '\x00']")
@example("css:a:contains('\ud800')")
def test_selectors(text: str) -> None:
    only_value_errors(parse_selector, text)


@given(st.text(alphabet="a(?P<n>)[]{},0-9*+\\dwsbuNx^$|:=!é#i", max_size=20))
@settings(max_examples=1500, deadline=None)
@example("(a{99999999999999999999})")
@example("(" * 3000 + ")" * 3000)
@example("(?i)(a)(?x)")
@example("[[a]&&(b)]")
def test_patterns(pattern: str) -> None:
    only_value_errors(check_cleaner, f"regex:{pattern}")


@pytest.mark.parametrize("name", CLEANERS)
def test_every_cleaner_of_the_registry_is_accepted(name: str) -> None:
    assert check_cleaner(name) == name


@pytest.mark.parametrize(
    ("text", "selector"),
    [
        ("css:a.title::attr(href)", Selector("css", "a.title::attr(href)")),
        ("css: li:has(a) > b", Selector("css", "li:has(a) > b")),
        ("xpath:.//a[re:test(@href, '\\d')]", Selector("xpath", ".//a[re:test(@href, '\\d')]")),
        ("xpath:count(.//li)", Selector("xpath", "count(.//li)")),
        ("json:offers[0].price", Selector("json", "offers[0].price")),
        ('json:"@graph"[?"@type"==\'Product\']', None),
    ],
)
def test_selectors_that_compile(text: str, selector: Selector | None) -> None:
    found = parse_selector(text)
    assert selector is None or found == selector
    assert re.sub(r":\s+", ":", text, count=1) == str(found)


def test_a_line_of_a_fault_is_never_two(folder: Folder) -> None:
    folder.site(
        "board", 'name = "a"\n"fe\\ntch\\u202e" = "x\\r\\ny"\n' + SITE[SITE.index("[legal]") :]
    )
    assert folder.problems() == [
        r"sites/board.toml: 'fe\ntch\u202e': unknown key; did you mean 'fetch'?"
    ]
