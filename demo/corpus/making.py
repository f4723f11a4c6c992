"""Corpora of adverts with known truth, from a thousand to millions: streamed, kept or written."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from demo.corpus.adverts import Advertising, Made
from demo.corpus.people import Population
from demo.corpus.shares import Shares
from records.linking import LinkRecord

# Adverts are scattered over files of about this many lines, then each file is shuffled in memory.
_SHUFFLED = 50_000
_TOLD_EVERY = 10_000


@dataclass(frozen=True, slots=True)
class Corpus:
    """Adverts in random order, by id who is behind each and which behaviours it shows."""

    records: list[LinkRecord]
    person: dict[str, int]
    behaviours: dict[str, tuple[str, ...]]


def stream(adverts: int, seed: int = 1, shares: Shares | None = None) -> Iterator[Made]:
    """`adverts` adverts, those of one person after another; the same for the same arguments."""
    population = Population(Random(f"corpus:{seed}"), shares or Shares())
    advertising = Advertising(population)
    given = 0
    for person in population.people():
        for made in advertising.of(person):
            if given == adverts:
                return
            given += 1
            yield made


def corpus(adverts: int, seed: int = 1, shares: Shares | None = None) -> Corpus:
    """The same adverts in memory, in random order."""
    made = list(stream(adverts, seed, shares))
    Random(f"order:{seed}").shuffle(made)
    return Corpus(
        [each.record for each in made],
        {each.record.id: each.person for each in made},
        {each.record.id: each.behaviours for each in made},
    )


def line_of(record: LinkRecord) -> dict[str, Any]:
    """The record as `faro link` reads it (DESIGN.md); what an advert does not say is left out."""
    assert record.seen_from is not None
    fields: dict[str, Any] = {
        "id": record.id,
        "site": record.site,
        "url": f"https://{record.site}.invalid/{record.id}",
        "seen_at": record.seen_from.isoformat(),
        "title": record.title,
        "text": record.text,
        "nickname": record.nickname,
        "age": record.age,
        "price": record.price_cents // 100 if record.price_cents else None,
        "city": record.city,
        "province": record.province,
        "phones": record.phones,
        "handles": record.handles,
    }
    return {name: value for name, value in fields.items() if value}


def write_corpus(
    out: Path,
    truth: Path,
    adverts: int,
    seed: int = 1,
    shares: Shares | None = None,
    told: Callable[[int], None] = lambda _: None,
) -> None:
    """Write the corpus as JSON lines for `faro link`, and the truth beside it, both shuffled.

    `truth` is a CSV `id,person,behaviours` (behaviours separated by `;`). `told` hears now and
    then how many adverts have been made. Memory stays small at any size.
    """
    encode = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode
    scatter = Random(f"scatter:{seed}")
    count = max(1, -(-adverts // _SHUFFLED))
    with TemporaryDirectory(dir=out.parent) as folder, ExitStack() as stack:
        parts = [Path(folder) / str(number) for number in range(count)]
        files = [stack.enter_context(part.open("w", encoding="utf-8")) for part in parts]
        for number, made in enumerate(stream(adverts, seed, shares), 1):
            row = f"{made.record.id},{made.person},{';'.join(made.behaviours)}"
            files[int(scatter.random() * count)].write(f"{row}\t{encode(line_of(made.record))}\n")
            if number % _TOLD_EVERY == 0 or number == adverts:
                told(number)
        for file in files:
            file.close()
        lines = stack.enter_context(out.open("w", encoding="utf-8"))
        answers = stack.enter_context(truth.open("w", encoding="utf-8"))
        answers.write("id,person,behaviours\n")
        for part in parts:
            rows = part.read_text("utf-8").split("\n")[:-1]
            scatter.shuffle(rows)
            pairs = [row.split("\t", 1) for row in rows]
            answers.writelines(f"{row}\n" for row, _ in pairs)
            lines.writelines(f"{line}\n" for _, line in pairs)


def read_truth(path: Path) -> tuple[dict[str, int], dict[str, tuple[str, ...]]]:
    """The persons and the behaviours of a truth file, by advert."""
    persons, behaviours = {}, {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            persons[row["id"]] = int(row["person"])
            behaviours[row["id"]] = tuple(row["behaviours"].split(";")) if row["behaviours"] else ()
    return persons, behaviours
