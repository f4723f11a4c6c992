"""What a site's list pages showed when they were last read: one sealed document per site."""

from __future__ import annotations

from sqlalchemy import delete, insert, select

from storage.tables import list_memory, site
from storage.vault import Vault

_PLACE = "list_memory.pages"


def load(vault: Vault, name: str) -> str:
    """See `Store.list_memory`."""
    query = (
        select(list_memory.c.site_id, list_memory.c.pages)
        .join(site, site.c.id == list_memory.c.site_id)
        .where(site.c.name == name)
    )
    with vault.reading() as connection:
        row = connection.execute(query).first()
    return vault.sealer.open(_PLACE, row[0], row[1]) if row is not None else ""


def save(vault: Vault, name: str, pages: str) -> None:
    """See `Store.keep_list_memory`."""
    with vault.writing() as connection:
        query = select(site.c.id).where(site.c.name == name)
        site_id = connection.execute(query).scalar_one()
        connection.execute(delete(list_memory).where(list_memory.c.site_id == site_id))
        if pages:
            sealed = vault.sealer.seal_for("advert", _PLACE, site_id, pages)
            connection.execute(insert(list_memory).values(site_id=site_id, pages=sealed))
