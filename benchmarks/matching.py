"""Linking against the peer that everybody starts from, on the same invented people in one run.

    python benchmarks/matching.py [--sizes 1000,10000] [--seeds 201,202] [--hard 1.0]

Prints B-cubed and pairwise figures, the largest cluster beside the largest true one, and seconds.
The people are those of demo/corpus; the weights were fitted on other seeds.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Mapping, Sequence

# Not this folder, in which `matching` is this file.
sys.path.pop(0)


from demo.corpus import Shares, corpus
from demo.evaluation.scores import exact_number, scores
from matching.columns import columns
from matching.link import link_columns
from records.linking import LinkRecord

Linker = Callable[[Sequence[LinkRecord]], Mapping[str, object]]


def faro(records: Sequence[LinkRecord]) -> Mapping[str, object]:
    """What `faro link` does, without the files."""
    found = link_columns(columns(records))
    return dict(zip(found.columns.ids, found.cluster.tolist(), strict=True))


LINKERS: dict[str, Linker] = {"faro": faro, "exact number": exact_number}


def main() -> None:
    """Print one line for every size, seed and linker."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="1000,10000")
    parser.add_argument("--seeds", default="201,202")
    parser.add_argument("--hard", type=float, default=1.0, help="scales the difficult behaviours")
    options = parser.parse_args()
    for size in map(int, options.sizes.split(",")):
        for seed in map(int, options.seeds.split(",")):
            made = corpus(size, seed, Shares().harder(options.hard))
            for name, linker in LINKERS.items():
                start = time.perf_counter()
                found = linker(made.records)
                seconds = time.perf_counter() - start
                print(
                    f"{len(made.records):>9,} adverts  seed {seed}  {name:13} {seconds:6.2f} s  "
                    f"{scores(found, made.person)}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
