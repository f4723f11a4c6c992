"""The language of short adverts."""

import subprocess
import sys

import pytest

from pipelines.language import detect_language

ADVERTS = [
    ("it", "Bellissima ragazza mora appena arrivata in città, ti aspetto per momenti di relax"),
    ("it", "NOVITÀ a Padova, prima volta, corpo da favola, chiamami"),
    ("it", "Nuova ragazza cinese massaggi"),
    ("it", "bella bionda giovane 24h"),
    ("it", "Vendo divano letto, come nuovo. Zona Torino."),
    ("it", "Ciao amore, chiamami"),
    ("it", "Mulatta brasiliana, fisico mozzafiato, ricevo a Mestre, tel 311 4455667 ❤️❤️"),
    ("en", "Hi guys, I am a sweet and sexy girl, new in town, call me anytime"),
    ("en", "Beautiful blonde, discreet apartment, no rush"),
    ("es", "Hola mi amor, soy una chica muy cariñosa, recién llegada a la ciudad, te espero"),
    ("es", "Latina caliente y complaciente, todo lo que quieras, llámame"),
    ("pt", "Oi amor, sou uma morena carinhosa, acabei de chegar na cidade, me liga"),
    ("pt", "Brasileira linda e safada, atendo em local discreto, venha me conhecer"),
    ("ro", "Bună, sunt o fată drăguță și caldă, te aștept la mine pentru relaxare"),
    ("ro", "Buna dragilor, sunt noua in oras, va astept cu drag, sunati-ma"),
    ("fr", "Bonjour, je suis une jeune femme douce et sensuelle, je vous reçois chez moi"),
    ("de", "Hallo, ich bin eine nette junge Frau und freue mich auf deinen Anruf"),
    ("ru", "Привет, я милая и нежная девушка, жду тебя в гости, звони"),
    ("uk", "Привіт, я мила дівчина, щойно приїхала до міста, чекаю на твій дзвінок"),
    ("sq", "Përshëndetje, jam një vajzë e bukur dhe e ëmbël, të pres sonte"),
    ("zh", "你好，我是新来的中国女孩，按摩很好，欢迎来电"),
    ("hu", "Szia, csinos és kedves lány vagyok, várlak szeretettel a lakásomon"),
    ("pl", "Cześć, jestem miłą i zmysłową dziewczyną, zapraszam do siebie"),
    ("bg", "Здравей, аз съм красиво момиче, току-що пристигнах в града, обади ми се"),
    ("sr", "Zdravo, ja sam slatka devojka, čekam te u svom stanu, pozovi me"),
    ("hr", "Bok, ja sam slatka djevojka, čekam te u svom stanu, nazovi me"),
]


@pytest.mark.parametrize(("language", "text"), ADVERTS)
def test_language(language: str, text: str) -> None:
    assert detect_language(text) == language


def test_a_long_advert_in_two_languages_is_judged_by_all_of_it() -> None:
    first = "Bellissima ragazza mora appena arrivata in città, ti aspetto per momenti di relax. "
    other = "Hi guys, I am a sweet girl, new in town, call me anytime, no rush, discreet flat. "
    assert detect_language(first + other * 8) == "en"
    assert detect_language(first * 8 + other) == "it"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("pt", "Oi amor, sou uma morena linda e carinhosa, atendo com local discreto. Che bella"),
        ("ru", "Ricevo anche senza impegno. Привет, я милая и нежная девушка, жду тебя в гости"),
        ("es", "Hola, soy Lola, muy cariñosa, te espero en mi piso hoy. Ricevo anche di notte"),
    ],
)
def test_a_few_italian_words_do_not_make_an_italian_advert(language: str, text: str) -> None:
    assert detect_language(text) == language


@pytest.mark.parametrize(
    "text",
    ["", "ANNA", "3114455667", "top top top", "❤️❤️❤️ 24/24", "Lady Sexy VIP", "xqz wkj vvb qqq"],
)
def test_too_short_or_not_clear(text: str) -> None:
    assert detect_language(text) is None


def test_importing_does_not_load_the_model() -> None:
    probe = "import sys, pipelines.language; print('py3langid' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
