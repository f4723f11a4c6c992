"""How often the people of a corpus do what: the shares of every behaviour, as one value.

The defaults are set so that what is simple does as well, and as badly, on a corpus as in the
project's notes (guide: matching): exact phone alone reaches a B-cubed F1 of .80, a shared number
alone a pairwise precision of about .5, near-identical text alone .26 to .5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace

_MOST = 0.9


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares are from 0 to 1; the mappings hold weights, of any sum.

    Of people: `heavy` post 8 to 40 adverts more; `couples` are two behind one advert; `travels`
    work in several cities; `recycled` got a number that was somebody else's; `boards` stand behind
    a switchboard, `flats` share a flat and its number; `templated` of these networks give their
    members one text; `copies` took a stranger's text, `templates` one that circulates.
    Of adverts: `renumbers`, `renames`, `moves` by how long she was away; `aggregated` are copied
    by an aggregator; `hides_number`, `varies_name` are what people are drawn from.
    """

    languages: Mapping[str, float] = field(
        default_factory=lambda: {"it": 78.0, "en": 12.0, "es": 10.0}
    )
    vocabulary: int = 3000
    """Invented words for every slot of the grammar, beside its real ones."""
    heavy: float = 0.02
    couples: float = 0.03
    travels: float = 0.22
    second_name: float = 0.18
    second_number: float = 0.10
    handle: float = 0.22
    recycled: float = 0.04
    boards: float = 0.11
    flats: float = 0.12
    templated: float = 0.6
    copies: float = 0.13
    templates: float = 0.10
    # How she comes back: at once, after days, after weeks, after months.
    gaps: Mapping[str, float] = field(
        default_factory=lambda: {"overlap": 32.0, "days": 38.0, "weeks": 20.0, "months": 10.0}
    )
    renumbers: float = 0.07
    renumbers_away: float = 0.28
    renames_away: float = 0.08
    moves: float = 0.12
    moves_away: float = 0.40
    # What becomes of the text; away: after an absence.
    texts: Mapping[str, float] = field(
        default_factory=lambda: {
            "same": 50.0,
            "edited": 24.0,
            "re-ordered": 9.0,
            "rewritten": 8.0,
            "fresh": 4.0,
            "short": 5.0,
        }
    )
    texts_away: Mapping[str, float] = field(
        default_factory=lambda: {
            "same": 38.0,
            "edited": 20.0,
            "re-ordered": 9.0,
            "rewritten": 18.0,
            "fresh": 10.0,
            "short": 5.0,
        }
    )
    aggregated: float = 0.07
    hides_number: tuple[float, ...] = (0.0, 0.05, 0.15, 0.35)
    varies_name: tuple[float, ...] = (0.0, 0.1, 0.3, 0.6)
    # Fields that an advert does not give.
    no_name: float = 0.12
    no_age: float = 0.15
    no_price: float = 0.35
    no_city: float = 0.05

    def harder(self, by: float) -> Shares:
        """The same people with every difficult behaviour `by` times as frequent."""
        hard = (
            "heavy couples second_name recycled boards flats copies templates renumbers "
            "renumbers_away renames_away moves moves_away aggregated"
        ).split()
        more = {name: min(_MOST, getattr(self, name) * by) for name in hard}
        return replace(self, **more)

    @classmethod
    def named(cls, changes: Mapping[str, float]) -> Shares:
        """The defaults with single shares changed by name, as a command line gives them.

        Raises KeyError, naming it, for what is no share.
        """
        known = {each.name: each.type for each in fields(cls)}
        for name in changes:
            if known.get(name) not in {"float", "int"}:
                raise KeyError(name)
        typed = {n: int(v) if known[n] == "int" else float(v) for n, v in changes.items()}
        return replace(cls(), **typed)  # type: ignore[arg-type]
