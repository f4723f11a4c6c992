"""Commands of later waves: they exist, so that nobody guesses, and they say so plainly."""

from __future__ import annotations

from commands.app import UseError, app

LATER = {
    "desk": "the web desk",
    "export": "pseudonymised exports",
    "trends": "charts",
    "user": "users and roles",
    "unit": "units and their calendars",
    "dnc": "the do-not-contact list",
    "erase": "erasure on request",
    "key": "key rotation and backup",
    "audit": "reading and verifying the audit trail",
    "upgrade": "schema upgrades",
    "import": "importing contacts",
    "legal": "the record of processing",
}


def _later(name: str, what: str) -> None:
    @app.command(
        name,
        help=f"Not there yet: {what}.",
        context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    )
    def not_there() -> None:
        raise UseError(f"faro {name}: {what} is not there yet; CHANGELOG.md says what is")


for _name, _what in LATER.items():
    _later(_name, _what)
