"""Scoring beyond one machine: candidate pairs go to Spark's executors, all else stays here.

The pairs are scored by the very code of `matching.score`, so that the profiles are those of one
machine. What travels are codes and unkeyed hashes, stage names and cities: no number, no handle,
no id and no text. PySpark is an optional extra (`faro[spark]`) and needs Java 17.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from tempfile import mkstemp
from typing import TYPE_CHECKING, Any

import numpy as np

from matching.columns import Columns, Uses
from matching.comparisons import Rows
from matching.errors import MatchingError
from matching.model import Model
from matching.score import Scored, Scorer, Told, score

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

NEEDED = ("pandas", "pyarrow", "py4j.protocol", "pyspark.errors")
OLDEST_JAVA = 17
BATCH = 250_000
"""Pairs that an executor scores at a time."""
_TASKS_PER_CORE = 3
_HERE = re.compile(r"local(\[.*\])?|spark://(127\.0\.0\.1|localhost|\[::1\]):\d+")


@contextmanager
def spark_scorer(master: str) -> Iterator[Scorer]:
    """A scorer on the Spark cluster at `master` (`local[2]`, `spark://host:7077`, ...).

    The session begins with the first pairs. Executors run the Python of PYSPARK_PYTHON, by default
    this one, and need this version of Faro there. Raises MatchingError when PySpark or Java is
    missing, or the cluster fails.
    """
    try:
        for needed in NEEDED:
            import_module(needed)
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException
    except ImportError as fault:
        raise MatchingError(
            "--engine spark: PySpark, or what it needs, is not installed ("
            f"{fault.name}); run: pip install 'faro[spark]'"
        ) from fault
    check_java()
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    file, name = mkstemp(prefix="faro-spark-", suffix=".log")
    log = Path(name)
    scoring = _Scoring(master, file)
    try:
        yield scoring
    except (PySparkException, Py4JError) as fault:
        reason = next((line.strip() for line in str(fault).splitlines() if line.strip()), "")
        raise MatchingError(
            f"--engine spark: {master} failed ({reason[:200]}); see {log}, or use --engine local"
        ) from fault
    else:
        log.unlink()
    finally:
        os.close(file)
        scoring.stop()


def check_java() -> None:
    """Raises MatchingError unless there is a Java that Spark can run on."""
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    if java is not None and Path(java).exists():
        told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
        version = re.search(r'version "(\d+)', told.stderr)
        if version is not None and int(version[1]) >= OLDEST_JAVA:
            return
    raise MatchingError(
        f"--engine spark: no Java {OLDEST_JAVA} or newer was found; install one (Debian: "
        "apt-get install openjdk-17-jre-headless), or point JAVA_HOME at it"
    )


def _session(master: str, log: int) -> SparkSession:
    """A session; what Spark's Java process tells goes to the open file `log`."""
    from pyspark.sql import SparkSession

    builder: Any = SparkSession.builder
    settings = {
        "spark.app.name": "faro link",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
        "spark.driver.maxResultSize": "0",
        "spark.sql.execution.arrow.maxRecordsPerBatch": str(BATCH),
    }
    if _HERE.fullmatch(master):
        settings |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    for name, value in settings.items():
        builder = builder.config(name, value)
    stderr = os.dup(2)
    os.dup2(log, 2)
    try:
        session: SparkSession = builder.master(master).getOrCreate()
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
    return session


class _Scoring:
    """Scores pairs in a session; a `Scorer`."""

    def __init__(self, master: str, log: int) -> None:
        self._master, self._log = master, log
        self._session: SparkSession | None = None

    def stop(self) -> None:
        if self._session is not None:
            self._session.stop()

    def __call__(
        self,
        columns: Columns,
        a: Rows,
        b: Rows,
        model: Model,
        *,
        floor: float = 0.0,
        told: Told = lambda *_: None,
    ) -> Scored:
        import pyarrow as pa

        if not len(a):
            return score(columns, a, b, model, floor=floor)
        told(0, len(a))
        if self._session is None:
            self._session = _session(self._master, self._log)
        context = self._session.sparkContext
        shared = context.broadcast((_bare(columns), model, floor))
        pairs = self._session.createDataFrame(pa.table({"a": a, "b": b}))
        tasks = max(1, min(context.defaultParallelism * _TASKS_PER_CORE, len(a) // 10_000))
        found = (
            pairs.repartition(tasks)
            .mapInArrow(_executor(shared), "a int, b int, probability double, levels binary")
            .toArrow()
        )
        shared.destroy()
        return _gathered(found, len(model.comparisons))


def _bare(columns: Columns) -> Columns:
    """The columns without what names anybody: scoring needs codes only."""

    def nameless(uses: Uses) -> Uses:
        return replace(uses, names=[""] * uses.count)

    return replace(
        columns,
        ids=[""] * len(columns),
        numbers=nameless(columns.numbers),
        weak_numbers=nameless(columns.weak_numbers),
        handles=nameless(columns.handles),
    )


def _executor(shared: Any) -> Any:
    """What an executor does with its pairs, batch by batch."""

    def scored(batches: Iterator[Any]) -> Iterator[Any]:
        import pyarrow as pa

        columns, model, floor = shared.value
        for batch in batches:
            a, b = (batch.column(name).to_numpy() for name in ("a", "b"))
            found = score(columns, a, b, model, floor=floor)
            rows = np.ascontiguousarray(found.levels.T)
            yield pa.RecordBatch.from_pydict(
                {
                    "a": found.a,
                    "b": found.b,
                    "probability": found.probability,
                    "levels": pa.array([row.tobytes() for row in rows], pa.binary()),
                }
            )

    return scored


def _gathered(found: Any, comparisons: int) -> Scored:
    """The executors' answers in the order in which pairs are scored here."""
    a, b = (found.column(name).to_numpy().astype(np.int32) for name in ("a", "b"))
    levels = np.frombuffer(b"".join(found.column("levels").to_pylist()), dtype=np.int8)
    order = np.lexsort((b, a))
    return Scored(
        a[order],
        b[order],
        found.column("probability").to_numpy()[order],
        np.ascontiguousarray(levels.reshape(-1, comparisons)[order].T),
    )
