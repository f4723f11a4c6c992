"""Accuracy and speed of the phone reader, beside libphonenumber's own matcher.

    python benchmarks/phones.py [--seconds S] [--fuzz N] [--long] [FILE.jsonl ...]

Prints the tables of docs/phones.md: accuracy by group on the labelled files (those of tests/phones
when none is named), speed on generated adverts and pages side by side with
`phonenumbers.PhoneNumberMatcher` at leniency VALID in the same run, and hits on text that is no
advert. `--fuzz N` reads N random texts more and fails on the first exception. `--long` reads texts
and pages of a quarter and a whole million characters of one thing over and over.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import importlib.util
import json
import os
import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path

from phonenumbers import Leniency, PhoneNumberMatcher

from pipelines.phones import find_phones, find_phones_html

CASES = Path(__file__).parents[1] / "tests" / "phones"
SENTENCES = (
    "Ciao a tutti, sono appena arrivata in zona, appartamento privato e tranquillo.",
    "Solo persone educate, massima igiene e discrezione, ti aspetto con un sorriso.",
    "Non rispondo a numeri anonimi e a chi fa perdere tempo, grazie.",
    "Ricevo su appuntamento tutti i giorni, anche sabato e domenica.",
    "Foto reali al cento per cento, se non sono io non paghi.",
    "Vicino alla stazione, parcheggio facile, ambiente pulito e climatizzato.",
)
DENSE = (
    "Ho {a} anni, alta 1{b}, {c} kg, taglia 4{d}, misure 9{d}-6{d}-9{d}.",
    "Prezzi: {c} euro mezz'ora, 1{b} euro un'ora, 3{b} la notte.",
    "Ricevo dalle 9:30 alle 22:{c}, sabato e domenica 10.00-20.00.",
    "Disponibile dal {d}/05/2024 al 1{d}/06/2024, via Roma {c}.",
    "Misure 1{b} x {c} cm, peso circa {a} kg, acquistato nel 201{d}.",
    "Annuncio {a}{b}{c}, aggiornato il 1{d}.05.2024 ore 1{d}:{c}.",
)


def number(chance: random.Random) -> str:
    """A random Italian mobile number in one of the usual groupings."""
    digits = f"31{chance.randrange(1, 9)}{chance.randrange(10**7):07}"
    groups = chance.choice(((10,), (3, 7), (3, 3, 4), (3, 2, 2, 3), (3, 3, 2, 2)))
    parts, place = [], 0
    for size in groups:
        parts.append(digits[place : place + size])
        place += size
    prefix = chance.choice(("", "", "", "+39 ", "0039"))
    return prefix + chance.choice((" ", ".", "-", "/")).join(parts)


def advert(chance: random.Random, *, numbers: int, dense: bool, length: int = 600) -> str:
    """An advert of `length` characters with so many phone numbers."""
    parts = [f"Chiamami al {number(chance)}." for _ in range(numbers)]
    while sum(map(len, parts)) + len(parts) < length:
        form = chance.choice(DENSE if dense else SENTENCES)
        values = {name: chance.randrange(20, 60) for name in "abc"}
        parts.append(form.format(**values, d=chance.randrange(1, 9)))
    head, tail = parts[:numbers], parts[numbers:]
    for part in head:
        tail.insert(chance.randrange(max(1, len(tail) - 2)), part)
    return " ".join(tail)[:length]


def noise(chance: random.Random, between: str, length: int = 600) -> str:
    """Twenty phone numbers and next to nothing else."""
    return between.join(number(chance) for _ in range(30))[:length]


def glued(chance: random.Random, length: int = 600) -> str:
    """Labelled strings of the development file, one right behind the other."""
    rows = map(json.loads, (CASES / "phones_dev.jsonl").read_text("utf-8").splitlines())
    inputs = [row["input"] for row in rows if not row["is_html"]]
    return "".join(chance.choice(inputs) for _ in range(40))[:length]


def page(chance: random.Random, size: int = 37_000) -> str:
    """A page of adverts as a listing site writes it."""
    cards = []
    while sum(map(len, cards)) < size:
        serial = chance.randrange(10**9, 4 * 10**9)
        text = advert(chance, numbers=chance.randrange(2), dense=chance.random() < 0.25, length=260)
        cards.append(
            f'<article class="card ad listing__item" id="ad-{serial}" data-id="{serial}" '
            f'data-position="{len(cards)}" style="order:{serial % 9}"><div class="card__media">'
            f'<a class="card__link" href="/annunci/veneto/treviso/{serial}.html" rel="nofollow">'
            f'<img class="card__image lazy" src="/foto/{serial}-300.jpg" loading="lazy" '
            f'srcset="/foto/{serial}-300.jpg 1x, /foto/{serial}-600.jpg 2x" alt="foto" '
            'width="300" height="400"></a></div><div class="card__body"><h2 class="card__title">'
            f'<a class="title" href="/annunci/veneto/treviso/{serial}.html">Luna &amp; Sara</a>'
            f'</h2><p class="card__text">{text}</p><ul class="card__facts"><li class="fact"><b '
            f'class="fact__name">Anni</b> 3{serial % 9}</li><li class="fact">Treviso</li></ul>'
            '<button type="button" class="btn btn--save" aria-pressed="false">Salva</button>'
            "</div></article>\n"
        )
    return (
        "<!DOCTYPE html><html><head><title>Annunci</title><style>.x{display:none}</style>"
        "<script>var config = {page: 1, ads: 40};</script></head><body><main>"
        + "".join(cards)[: size - 200]
        + "</main></body></html>"
    )


def valid_matcher(text: str) -> int:
    """Hits of libphonenumber's matcher."""
    return sum(1 for _ in PhoneNumberMatcher(text, "IT", leniency=Leniency.VALID, max_tries=10**9))


def rate(
    read: Sequence[Callable[[str], object]], texts: Sequence[str], seconds: float
) -> list[float]:
    """Texts a second for each reader, in turns, so that they share the machine's moods."""
    spent = [0.0] * len(read)
    done = 0
    for reader in read:
        reader(texts[0])
    while min(spent) < seconds:
        for index, reader in enumerate(read):
            start = time.process_time()
            for text in texts:
                reader(text)
            spent[index] += time.process_time() - start
        done += len(texts)
    return [done / time_spent for time_spent in spent]


def accuracy(files: Iterable[Path]) -> None:
    """Prints exact share by group, then precision, recall, F1 and clean negatives by file."""
    groups: dict[str, list[bool]] = defaultdict(list)
    lines = []
    for file in files:
        right = wrong = missed = 0
        clean = []
        for line in file.read_text("utf-8").splitlines():
            row = json.loads(line)
            found = (find_phones_html if row["is_html"] else find_phones)(row["input"])
            read, expected = {contact.value for contact in found}, set(row["expected"])
            right += len(read & expected)
            wrong += len(read - expected)
            missed += len(expected - read)
            groups[row["group"]].append(read == expected)
            if not expected:
                clean.append(not read)
        precision = right / (right + wrong) if right + wrong else 1.0
        recall = right / (right + missed) if right + missed else 1.0
        f1 = 2 * right / (2 * right + wrong + missed) if right + wrong + missed else 1.0
        share = f"{sum(clean) / len(clean):.3f} ({len(clean)})" if clean else "–"
        lines.append(f"| {file.stem} | {precision:.3f} | {recall:.3f} | {f1:.3f} | {share} |")
    print("| file | precision | recall | F1 | negatives clean |\n|---|--:|--:|--:|--:|")
    print("\n".join(lines))
    print("\n| group | cases | exact |\n|---|--:|--:|")
    for group, exact in sorted(groups.items()):
        print(f"| {group} | {len(exact)} | {sum(exact) / len(exact):.2f} |")


def _ratio(name: str, texts: Sequence[str], seconds: float) -> None:
    ours, theirs = rate((find_phones, valid_matcher), texts, seconds)
    print(f"| {name} | {ours:,.0f} | {theirs:,.0f} | {ours / theirs:.2f} |")


def speed(seconds: float) -> None:
    """Prints adverts and pages a second, and the ratio to the matcher."""
    chance = random.Random(20240501)
    print("\n| text | Faro, a second | matcher VALID, a second | ratio |\n|---|--:|--:|--:|")
    for name, numbers, dense in (
        ("600 characters, no number", 0, False),
        ("600 characters, one number", 1, False),
        ("600 characters, dense in digits, no number", 0, True),
        ("600 characters, dense in digits, one number", 1, True),
        ("600 characters, dense in digits, three numbers", 3, True),
    ):
        texts = [advert(chance, numbers=numbers, dense=dense) for _ in range(150)]
        _ratio(name, texts, seconds)
    _ratio("twenty numbers, a sentence each", [advert(chance, numbers=20, dense=True)
                                               for _ in range(60)], seconds)  # fmt: skip
    for name, between in (("a word", " oggi "), ("a line end", "\n"), ("a blank", " ")):
        texts = [noise(chance, between) for _ in range(60)]
        _ratio(f"numbers only, {name} between", texts, seconds)
    _ratio("labelled strings glued together", [glued(chance) for _ in range(60)], seconds)
    pages = [page(chance) for _ in range(10)]
    (ours,) = rate((find_phones_html,), pages, seconds)
    print(f"| HTML page of {len(pages[0]) // 1000} kB | {ours:,.0f} | | |")


_KINDS = {
    "licences": ("LICENSE*", "COPYING*", "copyright"),
    "documentation": ("*.md", "*.rst", "README*"),
    "changelogs": ("changelog*", "CHANGELOG*", "NEWS*"),
    "CSV and numeric data": ("*.csv", "*.tsv", "*.dat", "*data*.txt"),
    "source code": ("*.py", "*.h", "*.js"),
    "hashes": ("RECORD", "*.md5sums"),
}
"""Kinds of text that is no advert, by the names of their files."""


def _sample(files: Iterable[Path], limit: int) -> Iterator[str]:
    """Beginnings of files, up to `limit` characters in all: in the order of their paths' digests,
    so that the choice is varied and each run makes the same.
    """
    read = 0
    for file in sorted(files, key=lambda file: hashlib.sha256(str(file).encode()).digest()):
        try:
            with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as stream:
                text = stream.read(30_000).decode("utf-8", "replace")
        except OSError:
            continue
        if len(text) >= 200 and "\0" not in text:
            read += len(text)
            yield text
        if read > limit:
            return


def false_hits(limit: int = 600_000) -> None:
    """Prints hits on text of this machine that is no advert, `limit` characters of each kind."""
    spec = importlib.util.find_spec("phonenumbers")
    assert spec is not None and spec.origin is not None
    roots = (Path(spec.origin).parents[1], *map(Path, ("/usr/share/doc", "/usr/include/linux")))
    kinds: dict[str, list[Path]] = {kind: [] for kind in _KINDS}
    for root in (*roots, Path("/usr/share/common-licenses"), Path("/var/lib/dpkg/info")):
        for folder, _, names in os.walk(root):
            if "phonenumbers" in folder:
                continue
            for name in names:
                plain = "LICENSE" if "common-licenses" in folder else name.removesuffix(".gz")
                for kind, forms in _KINDS.items():
                    if any(fnmatch(plain, form) for form in forms):
                        kinds[kind].append(Path(folder, name))
                        break
    print("\n| no advert: hits per million characters | characters | Faro | matcher VALID |")
    print("|---|--:|--:|--:|")
    for kind, files in kinds.items():
        texts = list(_sample(files, limit))
        million = sum(map(len, texts)) / 1e6
        ours = sum(len(find_phones(text)) for text in texts)
        theirs = sum(map(valid_matcher, texts))
        print(f"| {kind} | {million:.2f} million | "
              f"{ours / million:.1f} | {theirs / million:.1f} |")  # fmt: skip


def fuzz(count: int) -> None:
    """Reads random mixtures of what numbers are made of; an exception ends the run."""
    chance = random.Random()
    pieces = "3 31 347 0039 +39 0 tre uno sette cento e doppio vingt und o O l € x *".split()
    pieces += ["|", ".", "-", "/", " ", "\n", "💋", "3️⃣", "③", "З", "al contrario", "anteponi il"]
    pieces += ["<b>", "<div hidden>", "<!--", "&#51;", "<script>x='3'+", "wa.me/", "tel:"]
    for _ in range(count):
        text = "".join(chance.choice(pieces) for _ in range(chance.randrange(200)))
        for contact in find_phones(text):
            assert contact.span and text[contact.span.start : contact.span.end] == contact.raw, text
        find_phones_html(text)
    print(f"\n{count} random texts read without an exception")


LONG_TEXTS = (
    "3114455667", "3 1 1 4 ", "3114455667 ", "tre uno sette ", "treunosette", "settr quatro ",
    "tre (3) ", "un ", "quatre vingt dix ", "💋", "3💋1💋", "3️⃣1️⃣", "tr3 un0 o0l1 ", "12/03/2024 ",
)  # fmt: skip
LONG_PAGES = (
    "<b>3", "<div>", "<a ", '<a b="3', "<span>3</span>", "<!", "<script>x='3'+", "<style>.a{",
    "&#51;", "<a href='tel:3114455667'>",
)  # fmt: skip


def long_run() -> None:
    """Prints the seconds that a million characters take, and how much more than a quarter."""
    print("\n| over and over | seconds for 1 MB | times 250 kB |\n|---|--:|--:|")
    texts = [(piece, find_phones, "") for piece in LONG_TEXTS]
    pages = [(piece, find_phones_html, "3114455667 ") for piece in LONG_PAGES]
    for piece, read, before in (*texts, *pages):
        spent = []
        for size in (250_000, 1_000_000):
            text = before + piece * (size // len(piece))
            start = time.process_time()
            read(text)
            spent.append(time.process_time() - start)
        print(f"| `{piece}` | {spent[1]:.2f} | {spent[1] / max(spent[0], 0.01):.1f} |")


def main() -> None:
    """Reads the command line and prints what it asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--fuzz", type=int, default=0)
    parser.add_argument("--long", action="store_true")
    options = parser.parse_args()
    accuracy(
        options.files or [*sorted(CASES.glob("*.jsonl")), *sorted(CASES.glob("cases/*.jsonl"))]
    )
    if not options.files:
        speed(options.seconds)
        false_hits()
    if options.long:
        long_run()
    if options.fuzz:
        fuzz(options.fuzz)


if __name__ == "__main__":
    main()
