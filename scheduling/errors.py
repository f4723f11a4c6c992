"""The scheduler's exception class."""

from records.errors import FaroError


class SchedulerError(FaroError):
    """The scheduler cannot start, or a job of it cannot be done."""
