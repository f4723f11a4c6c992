"""The page docs/data-classes.md, made of the tables: `python -m storage.classes`."""

from __future__ import annotations

import sys

from storage import tables, tables_matching, tables_queue, tables_service

_HEAD = """\
# Data classes

Every column of the database, and why it may stand there as it does. This page is made by
`python -m storage.classes > docs/data-classes.md`; a test compares it with the tables.

- **clear**: anyone who can read the file reads it. Nothing here is a person's word, number, name or
  address, or leads to one.
- **derived**: made by Faro: ids, counts, states, references. It says nothing without the rest.
- **blind**: HMAC-SHA-256 under a key that is not in the database, 32 bytes. It tells whether two
  values are equal, to who has the key. An unkeyed hash of a number is worthless: all of them can be
  tried in minutes.
- **encrypted**: an AES-256-GCM envelope: version (1 byte), key id (4), nonce (12), ciphertext, tag
  (16). Table, column and row id are its associated data, so rows can't be swapped.

## Keys

The root key (`keys.root` in faro.toml; by default `root.key` in `data_dir`, mode 0400) wraps the
data keys in the key folder (`keys.folder`). Neither is in the database. `faro init` writes an
escrow copy of the root key to `ESCROW-root-key.txt` in `data_dir`, to be put away and deleted
there: without the root key nothing can be read again.

| key | for |
|---|---|
| `index` | blind indexes of contacts and of ad ids |
| `content` | content hashes of versions, fingerprints of cards |
| `dnc` | the do-not-contact list; it never rotates |
| `audit` | the chain of the audit trail and its anchors (`audit-anchors.txt` in `data_dir`) |
| `contact`, `advert`, `flag`, `report` | the encrypted columns of these tables |
| `text-2026-03`, ... | advert text, by the month in which it was last seen |
| `note-2026-03`, ... | notes of attempts, by month |
| `sample-2026-03`, ... | the last bad page of a partition (`samples/`), for 7 days |

Text whose last sighting is in a new month is encrypted anew under that month's key; destroying a
month's key erases the text that was last seen in it, in old backups too.

## Retention

`faro purge` keeps to `[retention]` in faro.toml. When only some texts of a month are due, the
others get a new key and the old one is destroyed: a backup then keeps none of that month's text,
which the database itself still has. What stays of an advert without its text is what flags need:
when it was seen and absent, its contacts by their blind index, its place. An advert that is seen
again is read anew.

- Texts of a profile found not pertinent go after 30 days from the database; from backups only when
  their month does, for with the key would go what the backups hold of everybody else.
- What says for ever that somebody must not be called stays as long as her adverts do; when they go,
  her contacts go onto the do-not-contact list.
- An overwritten key file may live on in a disk's spare blocks or in a copy of the key folder:
  copies of that folder must be short-lived.

## What remains

Who reads the database without keys learns how many adverts, contacts and profiles there are, which
adverts share a contact, when and in which town they were listed, their price and stated age, and
how long an encrypted value is. Who controls the running host reads all.

## Columns
"""


def page() -> str:
    """The page as Markdown."""
    lines = [_HEAD]
    for table in sorted(tables.metadata.tables.values(), key=lambda each: each.name):
        lines += [f"### {table.name}", "", "| column | class | why |", "|---|---|---|"]
        lines += [
            f"| `{column.name}` | {column.info['class']} | {column.info['why']} |"
            for column in table.columns
        ]
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    # imported for their tables
    for room in (tables_queue.audit, tables_service.notice, tables_matching.judgement):
        assert room.metadata is tables.metadata
    sys.stdout.write(page())
