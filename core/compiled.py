"""Queries whose SQL is made once, for making it takes longer than asking."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL


def array_of(ids: Iterable[int]) -> str:
    """Ids as Postgres writes an array of them: the driver would quote each by itself."""
    return "{" + ",".join(map(str, ids)) + "}"


class Compiled:
    """A query of the ORM in which nothing changes but the ids it asks for.

    `rows` makes it from an expression that stands for the ids. It is to give plain values, as `values_list` does, and
    gets them as the driver makes them: no field's own conversion is done.
    """

    def __init__(self, rows: Callable[[RawSQL], QuerySet[Any, Any]]) -> None:
        self.rows = rows
        self.sql = ""
        self.values: list[Any] = []
        self.ids: list[Any] = []  # stands among the values where ids are to be

    def __call__(self, ids: Iterable[int]) -> list[tuple[Any, ...]]:
        """The rows for these ids. One statement."""
        if not self.sql:
            self._compile()
        asked = array_of(ids)
        with connection.cursor() as cursor:
            cursor.execute(self.sql, [asked if value is self.ids else value for value in self.values])
            return cursor.fetchall()

    def _compile(self) -> None:
        # One parameter, however many: hundreds of parameters cost more than the rows they ask for.
        query = self.rows(RawSQL("SELECT unnest(%s::bigint[])", [self.ids])).query
        compiler = query.get_compiler(connection=connection)
        sql, values = compiler.as_sql()
        self.values = list(values)
        self.sql = sql
