"""The demo's faults."""

from records.errors import FaroError


class DemoError(FaroError):
    """The demo cannot run where or as it was asked to."""
