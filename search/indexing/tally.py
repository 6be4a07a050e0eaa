"""Counts what the workers do, in Postgres, so that whichever process Prometheus asks can tell of all of them."""

from collections.abc import Sequence

from django.db import connection

# Names are always locked in the same order, so that two workers never wait for each other in a ring.
ADD = """
INSERT INTO search_tally (name, total)
SELECT name, amount FROM unnest(%s::text[], %s::bigint[]) AS t (name, amount) ORDER BY name
ON CONFLICT (name) DO UPDATE SET total = search_tally.total + excluded.total
"""


def add(**amounts: int) -> None:
    """Add to tallies, in the transaction at hand: to be called at its end, for others wait. One statement."""
    given: Sequence[tuple[str, int]] = [(name, amount) for name, amount in amounts.items() if amount]
    if given:
        with connection.cursor() as cursor:
            cursor.execute(ADD, [[name for name, _ in given], [amount for _, amount in given]])
