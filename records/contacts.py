"""Contact details: how they are written, how sure the reading is, and where they stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ContactKind = Literal[
    "phone", "email", "telegram", "instagram", "onlyfans", "twitter", "facebook", "other_handle"
]
Tier = Literal["confirmed", "candidate"]
"""`confirmed` numbers may be called; a `candidate` only after a person has confirmed it on the
desk.
"""
LineKind = Literal["mobile", "fixed", "tollfree", "premium", "foreign"]
Channel = Literal["call", "whatsapp", "telegram", "viber"]
Where = Literal["title", "text", "field", "link", "input"]
"""`title` and `text` carry a span; `field` (a field of its own) and `link` (an address) do not;
`input` is the string given to `faro phones`.
"""


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open range of code points, as in `text[start:end]`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class FoundContact:
    """One reading of one contact detail.

    `value` is E.164 for phones, else the handle or address in lower case without `@` or URL.
    `line` is None for anything but a phone. `rule` names the rule that read it; `confidence` is
    between 0 and 1. `span` is in the text that `where` names, None when it does not stand in a
    text.
    """

    kind: ContactKind
    value: str
    tier: Tier
    channel: Channel
    where: Where
    raw: str
    rule: str
    confidence: float
    line: LineKind | None = None
    span: Span | None = None
