"""Crawl logs that never hold a contact: what is written per page, and what is masked everywhere."""

from __future__ import annotations

import logging
import re
import traceback
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from scrapy import Spider
from scrapy.http import Request, Response
from scrapy.logformatter import LogFormatter, LogFormatterResult
from twisted.python.failure import Failure

LOG_BYTES = 2_000_000
LOG_FILES = 5
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"

# Six digits or more, in any script, with up to three of anything but letters between them (or an
# encoded blank): a number, or part of one. An address of this machine is none, nor is a date or a
# moment as Faro writes them: nobody is called on 2026-03-04.
_DIGIT_RUN = re.compile(
    r"(\b127(?:\.\d{1,3}){3}\b(?::\d+)?"
    r"|(?<!\d)20\d\d-[01]\d-[0-3]\d(?:[ T][0-2]\d:[0-5]\d(?::[0-5]\d)?)?(?!\d)"
    r"|(?<!\d)20\d\d[01]\d[0-3]\dT[0-2]\d[0-5]\d[0-5]\dZ)"
    r"|\d(?:(?:%20|[^\w\n]|_){0,3}\d){5,}",
)
_MASK = "·······"
# Addresses of pages: ids and slugs name an advert, and some sites put numbers into them.
_ADDRESS = re.compile(r"(https?://[^/?\s<>'\"]+[/?])\S+")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")


def masked(text: str) -> str:
    """`text` with addresses cut after the host, and every run of six or more digits replaced,
    separators between them or not.
    """
    return digits_masked(_MAIL.sub("…@…", _ADDRESS.sub(r"\1…", text)))


def digits_masked(text: str) -> str:
    """`text` with every run of six or more digits replaced, and addresses as they are."""
    return _DIGIT_RUN.sub(lambda found: found[1] or _MASK, text)


class MaskDigits(logging.Filter):
    """Masks digit runs in a record's message and traceback before any handler formats it.

    Faro's own messages are fixed words, so that only what is put into them is masked, piece by
    piece, and its counts stay.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record in place; nothing is dropped."""
        args = record.args
        if record.name.startswith("faro.") and isinstance(args, tuple):
            record.args = tuple(
                each if isinstance(each, (int, float)) else masked(str(each)) for each in args
            )
        else:
            record.msg, record.args = masked(record.getMessage()), None
        if record.exc_info:
            record.exc_text = masked(_discreet_traceback(record.exc_info[1]))
            record.exc_info = None
        if record.stack_info:
            record.stack_info = masked(record.stack_info)
        return True


def _discreet_traceback(error: BaseException | None) -> str:
    """Where an exception came from and its type, without its message: it may quote an advert."""
    lines: list[str] = []
    while error is not None:
        lines += [
            f"  {Path(frame.filename).name}:{frame.lineno} in {frame.name}"
            for frame in traceback.extract_tb(error.__traceback__)
        ]
        lines.append(type(error).__name__)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n".join(lines)


def log_to_file(path: Path, level: str) -> logging.Handler:
    """Send this process's log to `path`, rotated, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    handler = RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8")
    handler.setFormatter(logging.Formatter(_FORMAT))
    handler.setLevel(level)
    handler.addFilter(MaskDigits())
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(level)
    return handler


class DiscreetFormatter(LogFormatter):
    """Scrapy's messages without items and without addresses: a page is named by its kind."""

    def crawled(self, request: Request, response: Response, spider: Spider) -> LogFormatterResult:
        """Status and kind of page."""
        del spider
        return _line(
            logging.DEBUG, "%(status)s %(page)s", status=response.status, page=_page(request)
        )

    # Scrapy drops a message for which None is returned; its own annotation does not say so.
    def scraped(  # type: ignore[override]
        self, item: Any, response: Response | Failure | None, spider: Spider
    ) -> None:
        """Nothing: the item is an advert."""

    def dropped(
        self,
        item: Any,
        exception: BaseException,
        response: Response | Failure | None,
        spider: Spider,
    ) -> LogFormatterResult:
        """The kind of fault, without the advert."""
        del item, response, spider
        return _line(logging.WARNING, "dropped an item: %(kind)s", kind=type(exception).__name__)

    def item_error(
        self,
        item: Any,
        exception: BaseException,
        response: Response | Failure | None,
        spider: Spider,
    ) -> LogFormatterResult:
        """The kind of fault, without the advert."""
        del item, response, spider
        return _line(logging.ERROR, "lost an item: %(kind)s", kind=type(exception).__name__)

    def spider_error(
        self, failure: Failure, request: Request, response: Response | Failure, spider: Spider
    ) -> LogFormatterResult:
        """The kind of page whose callback failed."""
        del response, spider
        return _line(
            logging.ERROR,
            "fault on %(page)s: %(kind)s",
            page=_page(request),
            kind=failure.type.__name__ if failure.type else "?",
        )

    def download_error(
        self, failure: Failure, request: Request, spider: Spider, errmsg: str | None = None
    ) -> LogFormatterResult:
        """The kind of page that did not come, and the kind of fault."""
        del spider, errmsg
        return _line(
            logging.WARNING,
            "no answer for %(page)s: %(kind)s",
            page=_page(request),
            kind=failure.type.__name__ if failure.type else "?",
        )


def _line(level: int, message: str, **args: Any) -> LogFormatterResult:
    return {"level": level, "msg": message, "args": args}


def _page(request: Request) -> str:
    named = request.cb_kwargs
    if "walk" not in named:
        return "robots.txt" if request.url.endswith("/robots.txt") else "a page"
    kind = f"list page {named['page']}" if "page" in named else "a detail page"
    return f"{kind} of {named['walk'].partition}"
