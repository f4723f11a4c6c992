"""`faro link --engine spark`: the same profiles as here, and one clear line when it cannot be."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import ModuleType

import pytest

from cli import main
from demo.corpus import write_corpus
from matching.errors import MatchingError
from matching.spark import NEEDED, check_java


@pytest.fixture
def source(tmp_path: Path) -> Path:
    write_corpus(tmp_path / "in.jsonl", tmp_path / "truth.csv", 3000, seed=8)
    return tmp_path / "in.jsonl"


def linked(source: Path, *options: str) -> str:
    out = source.with_name("out.csv")
    assert main(["link", str(source), "--out", str(out), *options]) == 0
    return out.read_text("utf-8")


def java_home(folder: Path, told: str) -> Path:
    """A Java that says of itself what it is told to."""
    java = folder / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text(f"#!/bin/sh\necho '{told}' >&2\n")
    java.chmod(0o755)
    return folder


@pytest.mark.parametrize(
    ("told", "good"),
    [
        ('openjdk version "17.0.15" 2025-04-15', True),
        ('java version "21" 2023-09-19', True),
        ('openjdk version "11.0.2" 2019-01-15', False),
        ("no such thing", False),
    ],
)
def test_java_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str, good: bool
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(java_home(tmp_path, told)))
    if good:
        check_java()
        return
    with pytest.raises(MatchingError, match="no Java 17 or newer was found; install one"):
        check_java()


def test_no_java_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MatchingError, match="no Java 17"):
        check_java()


@pytest.mark.parametrize("missing", NEEDED)
def test_without_pyspark_one_line_says_what_to_install(
    missing: str, source: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # Whether or not the extra is installed here, all of it is there but the one.
    for name in {*NEEDED, "py4j", "pyspark"}:
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, missing, None)
    out = source.with_name("out.csv")
    assert main(["link", str(source), "--out", str(out), "--engine", "spark"]) == 2
    shown = capsys.readouterr().err
    assert shown == (
        "faro: --engine spark: PySpark, or what it needs, is not installed "
        f"({missing}); run: pip install 'faro[spark]'\n"
    )
    assert not out.exists()


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (("--engine", "ray"), "faro: --engine ray: there is `local` and `spark`\n"),
        (("--master", "local[2]"), "faro: --master: only Spark has one; add --engine spark\n"),
    ],
)
def test_options(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], line: str
) -> None:
    assert main(["link", "in.jsonl", "--out", str(tmp_path / "o.csv"), *options]) == 2
    assert capsys.readouterr().err == line


@pytest.mark.long
def test_two_cores_of_this_machine_give_the_same_profiles(source: Path) -> None:
    assert linked(source, "--engine", "spark", "--master", "local[2]") == linked(source)


@pytest.mark.long
def test_a_cluster_of_two_workers_gives_the_same_profiles(source: Path, tmp_path: Path) -> None:
    with cluster(tmp_path) as master:
        assert linked(source, "--engine", "spark", "--master", master) == linked(source)


@pytest.mark.long
def test_a_cluster_that_is_not_there(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = source.with_name("out.csv")
    words = ["link", str(source), "--out", str(out), "--engine", "spark"]
    assert main([*words, "--master", "spork://127.0.0.1:1"]) == 2
    shown = capsys.readouterr().err
    assert shown.startswith("faro: --engine spark: spork://127.0.0.1:1 failed (")
    assert shown.count("\n") == 1


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """A standalone master and two workers of one core each, on loopback, until the context ends."""
    import pyspark

    spark = Path(pyspark.__file__).parent / "bin" / "spark-class"
    deploy = "org.apache.spark.deploy"
    with ExitStack() as stack:
        words = ["--host", "127.0.0.1", "--port", "0", "--webui-port", "0"]
        told = stack.enter_context(running(spark, f"{deploy}.master.Master", *words))
        address = next(line.split()[-1] for line in told if "Starting Spark master at" in line)
        for number in (1, 2):
            words = ["--host", "127.0.0.1", "--cores", "1", "--memory", "1g", "--webui-port", "0"]
            words += ["--work-dir", str(folder / f"worker{number}"), address]
            worker = stack.enter_context(running(spark, f"{deploy}.worker.Worker", *words))
            assert any("Successfully registered with master" in line for line in worker)
        yield address


@contextmanager
def running(program: Path, *words: str) -> Iterator[Iterator[str]]:
    """A Java program and the lines that it tells, until the context ends."""
    with subprocess.Popen(
        [program, *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        try:
            yield iter(process.stderr)
        finally:
            process.terminate()
