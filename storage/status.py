"""Facts about the database, for `faro status`."""

from __future__ import annotations

from sqlalchemy import func, select

from records.stored import StoreStatus
from storage import audit
from storage.tables import advert, meta, site_run
from storage.tables_matching import match_pass
from storage.tables_queue import do_not_contact, entry, flag, profile, report
from storage.vault import Vault, count, tally


def status(vault: Vault) -> StoreStatus:
    """See `Store.status`."""
    audit_count, audit_head = audit.head(vault)
    with vault.reading() as connection:
        simulated, created_at, last_now = connection.execute(
            select(meta.c.simulated, meta.c.created_at, meta.c.last_now)
        ).one()
        passes = select(match_pass).where(match_pass.c.whole).order_by(match_pass.c.id.desc())
        relinked = connection.execute(passes.limit(1)).first()
        days = select(report.c.unit, func.max(report.c.day)).group_by(report.c.unit)
        return StoreStatus(
            location=vault.database.location,
            simulated=simulated,
            created_at=created_at,
            last_now=last_now,
            runs=count(connection, site_run),
            adverts=tally(connection, advert.c.state),
            pending=count(connection, advert, advert.c.pending != 0),
            profiles=count(connection, profile, profile.c.merged_into.is_(None)),
            flags=count(connection, flag, flag.c.withdrawn_at.is_(None)),
            entries=tally(connection, entry.c.state, entry.c.merged_into.is_(None)),
            do_not_contact=count(connection, do_not_contact, do_not_contact.c.lifted_at.is_(None)),
            reports={row[0]: row[1] for row in connection.execute(days.order_by(report.c.unit))},
            text_months=vault.sealer.keys.months("text"),
            audit_count=audit_count,
            audit_head=audit_head,
            relinked=relinked.at if relinked else None,
            moved=relinked.moved if relinked else 0,
            relinked_profiles=relinked.profiles if relinked else 0,
        )
