"""Linking against its peers, on the same invented people in one run.

    python benchmarks/matching.py [--sizes 10000,100000] [--seed 201] [--without splink]

Prints B-cubed F1, pairwise precision and recall, seconds, and how many times longer than Faro each
took. The peers (extra `bench`):

- Splink 5 on DuckDB, weights by expectation maximisation, with its own comparisons for names,
  numbers and dates, shared words as an array, and blocking on what its guides would choose; its
  clusters are taken at whichever of several thresholds suits it best, known only with the truth.
- datasketch: MinHash LSH over word trigrams, joined with equal numbers and handles.
- equal numbers alone.

Faro reads the corpus as JSON lines and writes its CSV, and is timed with both; its peers begin with
records in memory. The corpora are those of demo/corpus; Faro's weights were fitted on other seeds.
"""

from __future__ import annotations

import argparse
import csv
import logging
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# Not this folder, in which `matching` is this file.
sys.path.pop(0)

from demo.corpus import Corpus, Shares, corpus, write_corpus
from demo.evaluation.scores import Scores, exact_number, scores
from matching.files import link_file
from records.linking import LinkRecord

Clusters = Mapping[str, object]
Timed = tuple[Clusters, float]


@dataclass(frozen=True)
class Task:
    """A corpus in memory, and the same as a file for `faro link`."""

    made: Corpus
    source: Path


THRESHOLDS = (0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999)
PERMUTATIONS, SIMILAR = 64, 0.6


def faro(task: Task) -> Timed:
    """`faro link`, file to file."""
    out = task.source.with_suffix(".csv")
    begun = time.perf_counter()
    link_file(task.source, out)
    seconds = time.perf_counter() - begun
    with out.open(encoding="utf-8", newline="") as file:
        return {row["id"]: row["profile"] for row in csv.DictReader(file)}, seconds


def exact(task: Task) -> Timed:
    """Components by equal number."""
    begun = time.perf_counter()
    found = exact_number(task.made.records)
    return found, time.perf_counter() - begun


def minhash(task: Task) -> Timed:
    """MinHash LSH over word trigrams, and equal numbers and handles."""
    from datasketch import MinHash, MinHashLSH

    begun = time.perf_counter()
    index = MinHashLSH(threshold=SIMILAR, num_perm=PERMUTATIONS)
    sets = _Sets()
    texts = [_trigrams(record) for record in task.made.records]
    hashes = MinHash.bulk(texts, num_perm=PERMUTATIONS)
    for record, text, found in zip(task.made.records, texts, hashes, strict=True):
        if text:
            for other in index.query(found):
                sets.join(record.id, str(other))
            index.insert(record.id, found)
        for contact in (*record.phones, *record.handles):
            sets.join(record.id, contact)
    clusters = {record.id: sets.root(record.id) for record in task.made.records}
    return clusters, time.perf_counter() - begun


def _trigrams(record: LinkRecord) -> list[bytes]:
    words = record.text.lower().split()
    return [" ".join(words[at : at + 3]).encode() for at in range(len(words) - 2)]


class _Sets:
    """Disjoint sets."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}

    def root(self, node: str) -> str:
        while self._parent.setdefault(node, node) != node:
            self._parent[node] = self._parent[self._parent[node]]
            node = self._parent[node]
        return node

    def join(self, one: str, other: str) -> None:
        self._parent[self.root(one)] = self.root(other)


def splink(task: Task) -> Timed:
    """Splink: prior, u and m estimated from the corpus itself, prediction, clustering."""
    import pyarrow as pa
    from splink import Linker, block_on
    from splink.backends.duckdb import DuckDBAPI

    logging.getLogger("splink").setLevel(logging.ERROR)
    begun = time.perf_counter()
    database = DuckDBAPI()
    table = database.register(pa.table(_splink_columns(task.made.records)))
    linker = Linker(table, _splink_settings(), log_level=None)
    linker.training.estimate_probability_two_random_records_match(
        [block_on("phone", "name"), block_on("handle", "name")], recall=0.6
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=2e6, seed=1)
    for rule in (block_on("phone"), block_on("name", "city"), block_on("text")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    pairs = linker.inference.predict(threshold_match_probability=min(THRESHOLDS))
    seconds = time.perf_counter() - begun
    best: tuple[float, Clusters, float] = (-1.0, {}, 0.0)
    for threshold in THRESHOLDS:
        begun = time.perf_counter()
        linked = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, threshold)
        rows = linked.as_record_list()
        found = {row["unique_id"]: row["cluster_id"] for row in rows}
        best = max(
            best,
            (scores(found, task.made.person).b3, found, time.perf_counter() - begun),
            key=lambda each: each[0],
        )
    return best[1], seconds + best[2]


def _splink_columns(records: Sequence[LinkRecord]) -> dict[str, list[object]]:
    """What Splink is given: one number and handle, a bare name, the set of longer words."""
    return {
        "unique_id": [each.id for each in records],
        "name": [_letters(each.nickname) for each in records],
        "phone": [each.phones[0] if each.phones else None for each in records],
        "handle": [each.handles[0] if each.handles else None for each in records],
        "age": [each.age for each in records],
        "price": [each.price_cents and each.price_cents // 100 for each in records],
        "city": [each.city for each in records],
        "text": [each.text for each in records],
        "words": [sorted(_long_words(each.text)) for each in records],
    }


def _letters(name: str | None) -> str | None:
    return "".join(letter for letter in (name or "").lower() if letter.isalpha()) or None


def _long_words(text: str) -> Iterable[str]:
    return {word for word in text.lower().replace(".", " ").split() if len(word) > 4}


def _splink_settings() -> object:
    import splink.comparison_level_library as levels
    import splink.comparison_library as library
    from splink import SettingsCreator, block_on

    def differences(column: str, *steps: int) -> object:
        return library.CustomComparison(
            output_column_name=column,
            comparison_levels=[
                levels.NullLevel(column),
                levels.ExactMatchLevel(column),
                *(levels.AbsoluteDifferenceLevel(column, step) for step in steps),
                levels.ElseLevel(),
            ],
        )

    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            library.NameComparison("name").configure(term_frequency_adjustments=True),
            library.ExactMatch("phone").configure(term_frequency_adjustments=True),
            library.ExactMatch("handle").configure(term_frequency_adjustments=True),
            library.ExactMatch("city").configure(term_frequency_adjustments=True),
            library.ArrayIntersectAtSizes("words", [14, 9, 5, 3]),
            differences("age", 1, 3, 5),
            differences("price", 10, 30),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("phone"),
            block_on("handle"),
            block_on("name", "city"),
            block_on("name", "age"),
            block_on("text"),
            block_on("city", "age", "price"),
        ],
    )


LINKERS: dict[str, Callable[[Task], Timed]] = {
    "faro": faro,
    "splink": splink,
    "minhash": minhash,
    "number": exact,
}


def line(name: str, size: int, scored: Scores, seconds: float, ours: float) -> str:
    """One row of the table."""
    return (
        f"{size:>9,}  {name:8} {scored.b3:.4f}  {scored.pair_precision:.4f}  "
        f"{scored.pair_recall:.4f}  {scored.largest:>5} of {scored.largest_true:<4} "
        f"{seconds:8.1f} s  {seconds / ours:6.1f}"
    )


def main() -> None:
    """Print one line for every size and linker."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="10000,100000")
    parser.add_argument("--seed", type=int, default=201)
    parser.add_argument("--hard", type=float, default=1.0, help="scales the difficult behaviours")
    parser.add_argument("--without", default="", help="peers to leave out, as splink,minhash")
    options = parser.parse_args()
    warnings.filterwarnings("ignore", module="splink")
    shares = Shares().harder(options.hard)
    print(
        "  adverts  linker   B3 F1   pair P  pair R  largest          time    times Faro",
        flush=True,
    )
    for size in map(int, options.sizes.split(",")):
        made = corpus(size, options.seed, shares)
        with tempfile.TemporaryDirectory() as folder:
            source, truth = Path(folder) / "in.jsonl", Path(folder) / "truth.csv"
            write_corpus(source, truth, size, options.seed, shares)
            ours = 0.0
            for name, linker in LINKERS.items():
                if name in options.without.split(","):
                    continue
                found, seconds = linker(Task(made, source))
                ours = ours or seconds
                print(line(name, size, scores(found, made.person), seconds, ours), flush=True)


if __name__ == "__main__":
    main()
