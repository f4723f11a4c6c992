"""Prices in every writing."""

import pytest

from pipelines.prices import Price, read_price

EUROS = [
    ("1.026,00 €", 1026),
    ("1.026,00\u00a0€", 1026),
    ("1 026,00 €", 1026),
    ("1,500.50 €", 1500.50),
    ("€ 1.250.000", 1_250_000),
    ("€ 80", 80),
    ("€80", 80),
    ("80€", 80),
    ("80 euro", 80),
    ("80euro", 80),
    ("EUR 80", 80),
    ("80", 80),
    ("80,50", 80.50),
    ("1.500", 1500),
    ("120.-", 120),
    ("€. 50", 50),
    ("Prezzo: 100", 100),
    ("da 60", 60),
    ("150 rose", 150),
    ("150 roses", 150),
    ("200 rosas", 200),
    ("100💋", 100),
    ("💋 100", 100),
    ("70 🌹", 70),
    ("100 baci", 100),
    ("１００ €", 100),
    ("1️⃣0️⃣0️⃣ €", 100),
    # the lowest
    ("80-100 €", 80),
    ("da 80 a 100 euro", 80),
    ("dai 50 ai 150 euro", 50),
    ("50/100/150 rose", 50),
    ("€80/100", 80),
    ("100 e 150 euro", 100),
    ("1h 150€, 20 min 50€", 50),
    ("70/80/100", 70),
    ("rates 100-150-200 eur", 100),
    # by duration
    ("100 x 30 min", 100),
    ("150/h", 150),
    ("100 all'ora", 100),
    ("100 mezz'ora", 100),
    ("30 min: 80", 80),
    # beside other numbers
    ("25 anni, 100 rose", 100),
    ("ricevo dalle 10 alle 20, 100€", 100),
    ("50.000 km, 4.500 €", 4500),
    ("chiama 311 4455667 80 euro", 80),
    ("3114455667 50 rose", 50),
    # not the price
    ("acconto 20 euro, 100 mezz'ora", 100),
    ("100 € + taxi 20 €", 100),
    ("100 euro, extra 30 euro", 100),
]


@pytest.mark.parametrize(("text", "euros"), EUROS)
def test_euros(text: str, euros: float) -> None:
    assert read_price(text) == Price(round(euros * 100), "EUR")


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("CHF 120", Price(12_000, "CHF")),
        ("£50", Price(5_000, "GBP")),
        ("100 dollari", Price(10_000, "USD")),
        ("R$ 200", Price(20_000, "BRL")),
        ("200 lei", Price(20_000, "RON")),
        ("100 € (CHF 95)", Price(10_000, "EUR")),
    ],
)
def test_other_currencies(text: str, price: Price) -> None:
    assert read_price(text) == price


@pytest.mark.parametrize(
    "text",
    [
        "",
        "gratis",
        "trattabile",
        "€€€",
        "0 €",
        "0",
        "3114455667",
        "3114455667 €",
        "311 445 56 67 euro",
        "311.445.5667€",
        "311/4455667 euro",
        "3 1 1 4 4 5 5 6 6 7 euro",
        "tel 3114455667",
        "24h su 24",
        "24/24",
        "ore 10-12",
        "25 anni",
        "12.345.678",
        "99999999 €",
        "50.000.000 €",
        "quarta misura, 170 cm",
    ],
)
def test_no_price(text: str) -> None:
    assert read_price(text) is None
