"""What can go wrong in storage, in one line that names the thing, the fault and the remedy."""

from pathlib import Path

from records.errors import FaroError


class StorageError(FaroError):
    """The database, its keys or a request to it. Its message never holds a contact detail."""


class DiskFull(StorageError):  # noqa: N818 - named for what it says
    """There is no room to write, or a quota is used up; nothing half-written was kept."""


class SlotTaken(StorageError):  # noqa: N818
    """The (site, slot) was claimed already: somebody else runs, or ran, this crawl."""


class Busy(StorageError):  # noqa: N818
    """Another process holds the lock asked for."""


class AlreadyPublished(StorageError):  # noqa: N818
    """The report of this (unit, day) exists; it can be rendered again, not made again."""


def unwritable(path: Path, error: OSError) -> StorageError:
    """The fault of a file that cannot be written."""
    why = (error.strerror or type(error).__name__).lower()
    return StorageError(f"{path}: cannot be written ({why}); make room, or check its owner")
