"""The analysts' views: pseudonymised rows without address, ad id, nickname, text or contact.

Ids in them are Faro's own and say nothing outside this database. They are made anew with each
upgrade, so a migration never holds a copy of them.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

VIEWS: dict[str, str] = {
    "v_runs": """
        SELECT r.id AS run, s.name AS site, r.state, r.started_at, r.finished_at,
            count(p.run_id) AS partitions,
            sum(CASE WHEN p.verdict = 'complete' THEN 1 ELSE 0 END) AS complete,
            sum(p.pages) AS pages, sum(p.cards) AS cards, sum(p.stored) AS stored
        FROM site_run r
        JOIN site s ON s.id = r.site_id
        LEFT JOIN partition_run p ON p.run_id = r.id
        GROUP BY r.id, s.name, r.state, r.started_at, r.finished_at
    """,
    "v_partitions": """
        SELECT s.name AS site, t.name AS partition_name, p.run_id AS run, p.verdict, p.reason,
            p.pages, p.cards, p.stored, p.gone, p.baseline, r.started_at, r.finished_at
        FROM partition_run p
        JOIN partition t ON t.id = p.partition_id
        JOIN site s ON s.id = t.site_id
        JOIN site_run r ON r.id = p.run_id
    """,
    "v_adverts": """
        SELECT a.id AS advert, s.name AS site, t.name AS partition_name, v.province, v.city, v.age,
            v.price_cents, v.currency, v.language, v.category, a.state, a.baseline, a.versions,
            a.first_seen, a.last_seen
        FROM advert a
        JOIN site s ON s.id = a.site_id
        JOIN partition t ON t.id = a.partition_id
        JOIN version v ON v.id = a.version_id
    """,
    "v_presence": """
        SELECT p.advert_id AS advert, v.number AS version, s.name AS site,
            t.name AS partition_name, v.province, v.city, p.first_seen, p.last_seen, p.closed_at
        FROM presence p
        JOIN version v ON v.id = p.version_id
        JOIN partition t ON t.id = p.partition_id
        JOIN site s ON s.id = t.site_id
    """,
    "v_absences": """
        SELECT b.advert_id AS advert, b.last_seen, b.declared_at, b.ended_at, b.proof
        FROM absence b
    """,
    "v_profiles": """
        SELECT f.id AS profile, f.created_at, count(m.advert_id) AS adverts,
            min(a.first_seen) AS first_seen, max(a.last_seen) AS last_seen,
            sum(CASE WHEN a.state = 'absent' THEN 0 ELSE 1 END) AS visible
        FROM profile f
        LEFT JOIN profile_advert m ON m.profile_id = f.id
        LEFT JOIN advert a ON a.id = m.advert_id
        WHERE f.merged_into IS NULL
        GROUP BY f.id, f.created_at
    """,
    "v_memberships": """
        SELECT m.profile_id AS profile, m.advert_id AS advert, m.probability, m.joined_at
        FROM profile_advert m
    """,
    "v_networks": """
        SELECT n.id AS network, n.created_at, count(m.profile_id) AS profiles,
            max(m.joined_at) AS grown_at
        FROM network n
        JOIN network_member m ON m.network_id = n.id
        GROUP BY n.id, n.created_at
    """,
    "v_network_members": """
        SELECT m.network_id AS network, m.profile_id AS profile, m.joined_at
        FROM network_member m
    """,
    "v_flags": """
        SELECT g.id AS flag, g.profile_id AS profile, g.kind, g.raised_at, g.proven, g.doubtful,
            g.absent_days, g.probability, g.withdrawn_at
        FROM flag g
    """,
}


def create(connection: Connection) -> None:
    """Make all views."""
    for name, query in VIEWS.items():
        connection.execute(text(f"CREATE VIEW {name} AS {query}"))


def drop(connection: Connection) -> None:
    """Take away all views, so that a migration may change the tables under them."""
    for name in reversed(VIEWS):
        connection.execute(text(f"DROP VIEW IF EXISTS {name}"))
