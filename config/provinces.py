"""The 107 codes of Italian provinces, for checking; their table is in pipelines/data."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag, WithJsonSchema

from config.wording import quoted

# Source: ISTAT, codes of the administrative units. Pipelines' table has names and capitals.
CODES = frozenset(
    "AG AL AN AO AP AQ AR AT AV BA BG BI BL BN BO BR BS BT BZ CA CB CE CH CL CN CO CR CS CT CZ EN "
    "FC FE FG FI FM FR GE GO GR IM IS KR LC LE LI LO LT LU MB MC ME MI MN MO MS MT NA NO NU OR PA "
    "PC PD PE PG PI PN PO PR PT PU PV PZ RA RC RE RG RI RM RN RO SA SI SO SP SR SS SU SV TA TE TN "
    "TO TP TR TS TV UD VA VB VC VE VI VR VT VV".split()
)

EVERYWHERE = "*"


def check_code(value: str) -> str:
    """Return `value` when it is a province's code. Raises ValueError."""
    if value not in CODES:
        meant = f"; did you mean '{value.upper()}'?" if value.upper() in CODES else ""
        raise ValueError(f"{quoted(value)} is no province; use a two-letter code, as TV{meant}")
    return value


ProvinceCode = Annotated[
    str, AfterValidator(check_code), WithJsonSchema({"type": "string", "enum": sorted(CODES)})
]


def _kind(value: Any) -> str:
    return "all" if value == EVERYWHERE else "codes"


# Told apart by value, so that a wrong code is one fault and not one for each alternative.
Provinces = Annotated[
    Annotated[tuple[ProvinceCode, ...], Field(min_length=1), Tag("codes")]
    | Annotated[Literal["*"], Tag("all")],
    Discriminator(_kind),
]
"""Province codes, or "*" for all of them."""
