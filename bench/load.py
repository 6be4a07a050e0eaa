"""Loading the demo catalog, in rows a second, against Postgres's COPY of the same rows.

Ours reads the records, maps every word by the vocabulary, and writes with all rules and triggers on. The plain side
gets the finished rows of the same tables, in memory, and copies them into tables of the same definition (with
indexes and checks, without foreign keys and triggers).
"""

from collections.abc import Iterator
from typing import LiteralString, cast

from bench.measure import Context, Figure, Group, percentile, seconds_of
from bench.site import EMPTY, Connection, Site, with_database

LOADED, COPIED = "bench_loaded", "bench_copied"
FEWEST_ROWS = 1000
TIMED = (
    "import time; from ingestion.connectors.demo.load import load_demo; began = time.perf_counter(); load_demo();"
    " print('seconds', time.perf_counter() - began)"
)


def measure(context: Context) -> Iterator[Figure]:
    """Rows a second, of the tables with a thousand rows or more."""
    site = context.site
    ours, plain = [], []
    rows = 0
    for _ in range(context.times(2, 1)):
        site.server_sql(f"DROP DATABASE IF EXISTS {LOADED} WITH (FORCE)")
        site.copy_database(EMPTY, LOADED)
        url = with_database(site.postgres.url, LOADED)
        ours.append(float(site.vitrine.manage("shell", "-c", TIMED, DATABASE_URL=url).split()[-1]))
        rows, seconds = copy_plainly(site)
        plain.append(seconds)
    other = rows / percentile(plain, 0.5)
    yield Figure("load.rows", rows / percentile(ours, 0.5), other, "COPY of the same rows", "rows/s")
    site.server_sql(f"DROP DATABASE {LOADED} WITH (FORCE)")


def copy_plainly(site: Site) -> tuple[int, float]:
    """The number of rows, and the seconds it takes to COPY them into fresh tables in one transaction."""
    with site.connect(LOADED) as source:
        source.execute("ANALYZE")
        names = [
            row[0]
            for row in source.execute(
                "SELECT relname FROM pg_class WHERE relkind = 'r'"
                " AND relname LIKE 'catalog\\_%' AND reltuples >= 1"
                " ORDER BY reltuples DESC"
            )
        ]
        counts = {name: _count(source, name) for name in names}
        tables = [name for name, count in counts.items() if count >= FEWEST_ROWS]
        content = {name: _read(source, name) for name in tables}
        site.server_sql(f"DROP DATABASE IF EXISTS {COPIED} WITH (FORCE)")
    site.copy_database(EMPTY, COPIED)
    with site.connect(COPIED) as target:
        target.execute("CREATE SCHEMA plain")
        for name in tables:
            target.execute(_sql(f"CREATE TABLE plain.{name} (LIKE public.{name} INCLUDING ALL)"))

        def copy() -> None:
            with target.transaction(), target.cursor() as cursor:
                for name in tables:
                    with cursor.copy(_sql(f"COPY plain.{name} FROM STDIN")) as writing:
                        for block in content[name]:
                            writing.write(block)

        seconds = seconds_of(copy)
    site.server_sql(f"DROP DATABASE {COPIED} WITH (FORCE)")
    return sum(counts[name] for name in tables), seconds


def _sql(words: str) -> LiteralString:
    """Our own table names make it; nothing of a stranger's is in it."""
    return cast(LiteralString, words)


def _count(connection: Connection, name: str) -> int:
    row = connection.execute(_sql(f"SELECT count(*) FROM {name}")).fetchone()
    return int(row[0]) if row else 0


def _read(connection: Connection, name: str) -> list[bytes]:
    with connection.cursor() as cursor, cursor.copy(_sql(f"COPY {name} TO STDOUT")) as reading:
        return [bytes(block) for block in reading]


GROUP = Group(
    "load",
    "The demo catalog into an empty database (reading, mapping by the vocabulary, writing with every rule and trigger;"
    " without search documents) against COPY of the finished rows into tables with the same columns, indexes and checks"
    " but no foreign keys or triggers.",
    measure,
    needs_catalog=False,
)
