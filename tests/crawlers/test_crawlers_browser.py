"""A site that renders by script, read with a real Chromium; and what happens without one."""

import json
import os
import shutil
import signal
import tempfile
import threading
import time
from pathlib import Path

import pytest
from noticeboard import Answer

from config import load
from crawlers.browser import MISSING_BROWSER, find_chromium
from crawlers.memory import descendants
from crawlers.process import CrawlProcess

needs_chromium = pytest.mark.skipif(
    not any(Path(folder, "chromium").exists() for folder in os.environ["PATH"].split(":")),
    reason="no Chromium on this machine: .ci/need chromium",
)


@pytest.fixture
def chromiums(monkeypatch):
    """The browser processes that this test's crawls started, known by their TMPDIR: they get
    little else of Faro's environment, and no secret.
    """
    # Chromium puts a socket there: the path must be short.
    folder = tempfile.mkdtemp(prefix="faro-", dir="/tmp")
    mark = Path(folder).name
    monkeypatch.setenv("TMPDIR", folder)
    monkeypatch.setenv("FARO_SECRET", "not for the browser")

    def running():
        found = set()
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                environ = path.with_name("environ").read_bytes()
                if mark.encode() in environ and b"--no-pings" in path.read_bytes():
                    assert b"FARO_SECRET" not in environ
                    found.add(int(path.parent.name))
            except OSError:
                continue
        return found

    yield running
    shutil.rmtree(folder, ignore_errors=True)


@needs_chromium
def test_a_rendered_site_is_read_without_its_pictures(watch, board, chromiums):
    board.rendered_by_script = True
    board.fill("torino", range(1, 8))
    assert watch.crawl(day=0).partitions[0].verdict == "failed"  # nothing there without script
    watch.describe(fetch="browser")
    result = watch.crawl(day=1)
    assert result.complete, result.sentence()
    adverts = watch.adverts(day=1)
    assert len(adverts) == 7
    assert [each.value for each in adverts["3"].contacts] == ["+393110003333"]
    assert board.count("other /foto.jpg") == 0
    assert board.agents == {"Faro/0.1 (test)"}
    assert not chromiums()
    board.notices["torino"].pop(0)
    assert watch.crawl(day=2).partitions[0].gone == {"7"}


@needs_chromium
def test_a_marker_that_never_comes_is_judged_like_any_page(watch, board):
    board.fill("torino", range(1, 3))
    watch.describe(fetch="browser")
    board.before = lambda path, query: (
        Answer("<p>Accesso negato</p>", 403) if path.startswith("/annunci") else None
    )
    [part] = watch.crawl().partitions
    assert str(part.verdict) == "blocked"


@needs_chromium
def test_a_consent_page_is_clicked_away(watch, board):
    board.fill("torino", range(1, 4))
    content = board.answer("/annunci/torino", {}).body
    consent = f"<button id=ok onclick='document.body.innerHTML={json.dumps(content)}'>Ok</button>"
    board.before = lambda path, query: Answer(consent) if path.startswith("/annunci") else None
    watch.describe(fetch="browser", when="never", access='click = "css:#ok"')
    result = watch.crawl()
    assert result.complete, result.sentence()
    assert len(watch.adverts()) == 3


@needs_chromium
@pytest.mark.parametrize(
    ("number", "reason"),
    [(signal.SIGKILL, "the crawl process died"), (signal.SIGTERM, "the crawl was told to stop")],
)
def test_a_stopped_crawl_ends_at_once_and_leaves_no_browser_behind(
    watch, board, chromiums, number, reason
):
    """The signal comes while a page loads, to all processes of the crawl as a system sends it."""
    board.rendered_by_script = True
    board.fill("torino", range(1, 8))
    watch.describe(fetch="browser")
    crawls, seen, told = [], set(), []

    def kill():
        seen.update(chromiums())
        told.append(time.monotonic())
        os.killpg(crawls[0].pid, number)

    board.before = lambda path, query: kill() if query.get("page") == "2" else None
    config = load(watch.folder)
    crawls.append(CrawlProcess(config, config.sites["board"], watch.clock(0), None))
    while not crawls[0].ended():
        crawls[0].updates()
    assert seen
    # A crawl that does not listen is killed after 20 s.
    assert time.monotonic() - told[0] < 15
    [part] = crawls[0].result().partitions
    assert (str(part.verdict), reason in part.reason) == ("failed", True)
    pause = threading.Event()
    for _ in range(200):
        if all(ended(pid) for pid in seen):
            break
        pause.wait(0.05)
    assert [pid for pid in seen if not ended(pid)] == []


def ended(pid):
    """Whether a process is gone, or only waits to be collected."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_without_a_browser_the_remedy_is_named(watch, board):
    path = watch.folder / "faro.toml"
    path.write_text(path.read_text() + '[crawler]\nbrowser_path = "/nowhere/chromium"\n')
    watch.describe(fetch="browser")
    assert find_chromium(load(watch.folder)) is None
    result = watch.crawl()
    assert MISSING_BROWSER in result.sentence()
    assert "\n" not in result.sentence()
    assert not board.requests


def test_descendants_are_found():
    assert os.getpid() in descendants(os.getppid())
