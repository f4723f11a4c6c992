"""The subcommands of `faro`, by who asks for them: each is a few lines that call a room.

Importing a module registers its commands in `commands.app.app`, in the order of `faro --help`.
"""

from commands import first, sites, daily, screens, files, deciding, measuring, keeping, later  # noqa: I001

__all__ = [
    "daily",
    "deciding",
    "files",
    "first",
    "keeping",
    "later",
    "measuring",
    "screens",
    "sites",
]
