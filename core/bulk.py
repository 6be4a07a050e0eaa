"""Writing many rows of a table at once, past the ORM: the database's own rules and triggers hold all the same."""

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import JSONField, Model
from psycopg import sql
from psycopg.types.json import Jsonb

COPY_FROM = 100  # rows; fewer are written by one INSERT
PARAMETERS = 30_000  # of one statement: Postgres takes 65,535


def reserve_ids(table: type[Model], count: int) -> list[int]:
    """Take `count` ids of the table's sequence, for rows that others refer to. One query, none for no rows."""
    if not count:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [table._meta.db_table, table._meta.pk.column, count],
        )
        return [pk for (pk,) in cursor.fetchall()]


def insert_rows(table: type[Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows of plain values, in the order of `columns`: by one INSERT for few, by COPY for many.

    Raises:
        IntegrityError, DataError: the database refuses a row; none of them is written then.
    """
    if not rows:
        return
    name = sql.Identifier(table._meta.db_table)
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    with connection.cursor() as cursor:
        if len(rows) < COPY_FROM:
            at_once = max(1, PARAMETERS // len(columns))
            line = sql.SQL("({})").format(sql.SQL(", ").join([sql.Placeholder()] * len(columns)))
            for start in range(0, len(rows), at_once):
                part = rows[start : start + at_once]
                lines = sql.SQL(", ").join([line] * len(part))
                cursor.execute(
                    sql.SQL("INSERT INTO {} ({}) VALUES {}").format(name, names, lines),
                    [value for row in part for value in row],
                )
            return
        with (
            connection.wrap_database_errors,
            cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN").format(name, names)) as copy,
        ):
            for row in rows:
                copy.write_row(row)


def insert_instances(table: type[Model], instances: Sequence[Any]) -> None:
    """Insert unsaved rows of one table, without giving them ids; like `bulk_create`, but quicker for many."""
    if len(instances) < COPY_FROM:
        table._default_manager.bulk_create(instances)
        return
    fields = [field for field in table._meta.concrete_fields if not field.primary_key]
    for field in fields:
        if field.remote_field is not None:
            for instance in instances:
                instance._prepare_related_fields_for_save(operation_name="insert", fields=[field])
    plans = [(field, isinstance(field, JSONField), hasattr(field, "auto_now")) for field in fields]
    rows = [
        [
            field.pre_save(instance, add=True)
            if is_time
            else _json(getattr(instance, field.attname))
            if is_json
            else getattr(instance, field.attname)
            for field, is_json, is_time in plans
        ]
        for instance in instances
    ]
    insert_rows(table, [str(field.column) for field in fields], rows)


def _json(value: object) -> Jsonb | None:
    return None if value is None else Jsonb(value)
