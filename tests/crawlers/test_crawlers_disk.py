"""A crawl on a disk that is full: failed, told in one line, and nothing lost that was stored."""

import re
import subprocess
import sys
from pathlib import Path

# No file may grow beyond so much, the nearest to a full disk without root: from here on, for what
# is loaded before (models) may write larger ones.
CRAWL = """
import resource, sys
from datetime import datetime
from pathlib import Path
import crawlers.preload
from config import load
from config.clock import Clock
from crawlers.run import crawl
from records.errors import FaroError
config = load(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (48 * 1024, 48 * 1024))
try:
    _, outcome = crawl(config, config.sites["board"], Clock(datetime.fromisoformat(sys.argv[2])))
    print(outcome.partitions[0].verdict, outcome.partitions[0].reason)
except FaroError as fault:
    print("failed", fault)  # no room for the final record either: the next run writes it
"""


def test_a_full_disk_fails_the_crawl_in_one_line(watch):
    watch.board.fill("torino", range(1, 6))
    watch.crawl(0)
    before = watch.states(0)
    watch.board.fill("torino", range(1, 51))
    done = subprocess.run(
        [sys.executable, "-c", CRAWL, watch.folder, watch.at(1).isoformat()],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert done.stderr == ""
    [line] = done.stdout.splitlines()
    assert line.startswith("failed ")
    assert re.search(r"the disk( \(or its quota\))? is full", line)
    with watch.store(1) as store:
        assert store.verify_audit() is None
    kept = watch.states(1)
    assert {name: kept[name] for name in before} == before
    assert len(kept) < 50
    assert watch.verdicts(2)["torino"] == "complete"
    assert len(watch.states(2)) == 50
