"""Places: the tables, place fields, and places in running text."""

import csv
from importlib.resources import files

import pytest

from pipelines.places import Place, find_place, provinces, read_place

METROPOLITAN = {"TO", "GE", "MI", "VE", "BO", "FI", "RM", "NA", "BA", "RC", "PA", "ME", "CT", "CA"}


def rows(name: str) -> list[dict[str, str]]:
    text = files("pipelines.data").joinpath(name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


def test_there_are_107_provinces_with_their_codes() -> None:
    table = provinces()
    assert len(table) == 107
    # 1 to 111 without the four Sardinian provinces that were merged into Sud Sardegna.
    expected = {f"{n:03d}" for n in range(1, 112)} - {"104", "105", "106", "107"}
    assert {p.istat for p in table.values()} == expected
    for province in table.values():
        difference = int(province.uts) - int(province.istat)
        assert difference == (200 if province.code in METROPOLITAN else 0), province
    assert len({p.region for p in table.values()}) == 20
    assert {c for c, p in table.items() if p.region == "Veneto"} == {
        "VR",
        "VI",
        "BL",
        "TV",
        "VE",
        "PD",
        "RO",
    }


def test_every_province_and_capital_is_read() -> None:
    for province in provinces().values():
        capital = read_place(province.capital)
        assert capital == Place(province.capital, province.code, province.region)
        named = read_place(f"provincia di {province.name}")
        assert named == Place(None, province.code, province.region)


def test_every_town_is_read_with_its_province() -> None:
    for row in rows("towns.csv"):
        for spelling in [row["name"], *filter(None, row["spellings"].split("|"))]:
            found = read_place(f"{spelling} ({row['province']})")
            assert found is not None, spelling
            assert (found.city, found.province) == (row["name"], row["province"]), spelling


def test_everyday_words_are_names_in_the_tables() -> None:
    words = files("pipelines.data").joinpath("place_words.txt").read_text("utf-8").splitlines()
    for word in " ".join(line for line in words if not line.startswith("#")).split():
        assert read_place(word) is not None, word


FIELDS = [
    ("Padova (PD)", "Padova", "PD"),
    ("PADOVA", "Padova", "PD"),
    ("Padova centro", "Padova", "PD"),
    ("zona stazione Mestre", "Mestre", "VE"),
    ("Mestre, Venezia", "Mestre", "VE"),
    ("Veneto - Padova", "Padova", "PD"),
    ("via Roma, Padova", "Padova", "PD"),
    ("Reggio Emilia", "Reggio Emilia", "RE"),
    ("Reggio nell'Emilia", "Reggio Emilia", "RE"),
    ("Reggio Calabria", "Reggio Calabria", "RC"),
    ("Reggio di Calabria", "Reggio Calabria", "RC"),
    ("Reggio (RC)", "Reggio Calabria", "RC"),
    ("Forlì", "Forlì", "FC"),
    ("Forli'", "Forlì", "FC"),
    ("Forlì-Cesena", None, "FC"),
    ("Monza", "Monza", "MB"),
    ("Monza e Brianza", None, "MB"),
    ("MONZA E DELLA BRIANZA", None, "MB"),
    ("Massa-Carrara", None, "MS"),
    ("Pesaro e Urbino", None, "PU"),
    ("BAT", None, "BT"),
    ("Sud Sardegna", None, "SU"),
    ("Valle d’Aosta", None, "AO"),
    ("L' Aquila", "L'Aquila", "AQ"),
    ("Bolzano/Bozen", "Bolzano", "BZ"),
    ("Bozen", "Bolzano", "BZ"),
    ("Südtirol", None, "BZ"),
    ("Meran", "Merano", "BZ"),
    ("Brixen", "Bressanone", "BZ"),
    ("Urtijëi", "Ortisei", "BZ"),
    ("Venice", "Venezia", "VE"),
    ("Padua", "Padova", "PD"),
    ("Milan", "Milano", "MI"),
    ("Rome", "Roma", "RM"),
    ("S. Donà di Piave", "San Donà di Piave", "VE"),
    ("Jesolo Lido", "Jesolo", "VE"),
    ("Abano", "Abano Terme", "PD"),
    ("Galzignano PD", "Galzignano Terme", "PD"),
    ("Castelfranco (MO)", "Castelfranco Emilia", "MO"),
    ("Latina", "Latina", "LT"),
    ("Este", "Este", "PD"),
    ("PD", None, "PD"),
    ("provincia di Padova", None, "PD"),
    ("Padova e provincia", None, "PD"),
    ("Frassinelle (RO)", None, "RO"),
    ("Cavallino (LE)", None, "LE"),
    ("Abano Terme, Montegrotto", None, "PD"),
]


@pytest.mark.parametrize(("text", "city", "province"), FIELDS)
def test_place_field(text: str, city: str | None, province: str) -> None:
    assert read_place(text) == Place(city, province, provinces()[province].region)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Berlin",
        "Veneto",
        "Reggio",
        "Castelfranco",
        "Padova - Vicenza",
        "via Roma 3",
        "San Marino",
    ],
)
def test_no_place_field(text: str) -> None:
    assert read_place(text) is None


@pytest.mark.parametrize(
    ("text", "city", "province"),
    [
        ("RAGAZZA LATINA A PADOVA", "Padova", "PD"),
        ("sono a Latina centro", "Latina", "LT"),
        ("appena arrivata a Mestre da Roma", "Mestre", "VE"),
        ("mora bellissima a padova stazione", "Padova", "PD"),
        ("occhi chiari, a Chiari (BS)", "Chiari", "BS"),
        ("Vittoria a Vicenza, zona stadio", "Vicenza", "VI"),
        ("ti aspetto ad Abano Terme (PD)", "Abano Terme", "PD"),
        ("I am in Venice, Mestre", "Mestre", "VE"),
        ("Vendo bici, zona Torino.", "Torino", "TO"),
    ],
)
def test_place_in_text(text: str, city: str | None, province: str) -> None:
    assert find_place(text) == Place(city, province, provinces()[province].region)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "bella ragazza latina",
        "lecco tutto",
        "occhi chiari",
        "Como estas mi amor",
        "este es mi número",
        "sono di Napoli",
        "vengo da Milano",
        "ricevo in via Venezia 3",
        "Treviso e Padova",
        "anal (NO)",
        "Vittoria, Alba e Paola",
        "lago di Garda",
    ],
)
def test_no_place_in_text(text: str) -> None:
    assert find_place(text) is None
