"""The room's fault: what is wrong with a file or a pass, in one line."""

from records.errors import FaroError


class MatchingError(FaroError):
    """Linking or flagging can't go on: the line says what is wrong and what to do."""
