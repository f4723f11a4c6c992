"""Everything that touches the database: tables, encryption, audit, migrations, analyst views."""

from storage.backups import restore as restore_backup
from storage.errors import AlreadyPublished, Busy, DiskFull, SlotTaken, StorageError
from storage.store import Store, create_store, open_store

__all__ = [
    "AlreadyPublished",
    "Busy",
    "DiskFull",
    "SlotTaken",
    "StorageError",
    "Store",
    "create_store",
    "open_store",
    "restore_backup",
]
