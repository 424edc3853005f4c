"""The statements that nearly every command runs: one row by its key, its change, a new one.

Django builds the text of a query anew each time, which takes ten times as long as the
database needs to answer it. Here the text is built once for each table and set of columns.
Everything that is asked less often is asked through Django's own querysets.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

M = TypeVar("M", bound=models.Model)
# A column's position, the column, and the steps from the database's value to Python's.
Converter = tuple[int, Any, list[Any]]
PLAIN = (str, int, type(None))
MOST_ROWS = 50  # of one statement
MOST_CHANGED = 500


def rows(model: type[M], where: str = "", **key: Any) -> list[M]:
    """The rows whose columns equal `key` (never None), in order of their own key.

    `where` is one more condition in plain SQL, in the words of a partial index.
    """
    database = connections[DEFAULT_DB_ALIAS]
    with database.cursor() as cursor:
        cursor.execute(_select(model, tuple(key), where), _values(model, key, database))
        found = cursor.fetchall()
    return _made(model, found, database) if found else []


def row(model: type[M], where: str = "", **key: Any) -> M | None:
    """The one row with this key, or None."""
    found = rows(model, where, **key)
    return found[0] if found else None


def newest(model: type[M]) -> M | None:
    """The row with the highest key, or None while there is none."""
    database = connections[DEFAULT_DB_ALIAS]
    with database.cursor() as cursor:
        cursor.execute(_newest(model))
        found = cursor.fetchall()
    return _made(model, found, database)[0] if found else None


def write(changed: models.Model, *names: str) -> None:
    """Write these fields of a row that is in the database."""
    fields = [changed._meta.get_field(name) for name in names]
    pk = changed._meta.pk
    database = connections[DEFAULT_DB_ALIAS]
    values = [_stored(f, changed, database) for f in (*fields, pk)]
    with database.cursor() as cursor:
        cursor.execute(_update(type(changed), names), values)
        if cursor.rowcount != 1:
            raise DatabaseError(f"{changed._meta.model_name} {changed.pk} is not there")


def write_all(changed: Sequence[models.Model], *names: str) -> None:
    """The same for many rows of one table: one statement for a few hundred of them."""
    model = type(changed[0])
    fields = [model._meta.get_field(name) for name in names]
    pk = model._meta.pk
    database = connections[DEFAULT_DB_ALIAS]
    with database.cursor() as cursor:
        for start in range(0, len(changed), MOST_CHANGED):
            some = changed[start : start + MOST_CHANGED]
            cursor.execute(
                _update_all(model, names, len(some), database.vendor),
                [_stored(f, one, database) for one in some for f in (pk, *fields)],
            )


def reserve(model: type[models.Model]) -> int:
    """The number of the next new row, for rows of other tables that are to name it first. Part
    of an action: on SQLite nobody else may put one in meanwhile."""
    database = connections[DEFAULT_DB_ALIAS]
    with database.cursor() as cursor:
        cursor.execute(_reserve(model, database.vendor))
        return int(cursor.fetchall()[0][0])


def insert(fresh: models.Model) -> None:
    """Put a new row into its table; the database gives it its number."""
    fields = fresh._meta.local_concrete_fields[1:]
    database = connections[DEFAULT_DB_ALIAS]
    with database.cursor() as cursor:
        cursor.execute(
            _insert(type(fresh), numbered=False, asked=True),
            [_stored(f, fresh, database) for f in fields],
        )
        (fresh.pk,) = cursor.fetchone() or (None,)
    fresh._state.adding, fresh._state.db = False, database.alias


def insert_all(fresh: Sequence[models.Model]) -> None:
    """The same for several new rows of one table, at once."""
    model, fields = type(fresh[0]), fresh[0]._meta.local_concrete_fields[1:]
    database = connections[DEFAULT_DB_ALIAS]
    with database.cursor() as cursor:
        cursor.execute(
            _insert(model, numbered=False, asked=True, count=len(fresh)),
            [_stored(f, one, database) for one in fresh for f in fields],
        )
        # Both databases give the numbers back in the order of the rows.
        for one, (number,) in zip(fresh, cursor.fetchall(), strict=True):
            one.pk = number
            one._state.adding, one._state.db = False, database.alias


def upsert(fresh: M, by: str, *, later: str, again: tuple[str, ...] = ()) -> M:
    """Put a new row into its table. Where one has the same `by` already, it gets these fields
    `again` and the time in `later`, if that is later than its own. The row as it is then."""
    model, fields = type(fresh), fresh._meta.local_concrete_fields[1:]
    database = connections[DEFAULT_DB_ALIAS]
    with database.cursor() as cursor:
        cursor.execute(
            _upsert(model, by, later, again), [_stored(f, fresh, database) for f in fields]
        )
        return _made(model, cursor.fetchall(), database)[0]


def append(fresh: Sequence[models.Model], channel: str = "") -> None:
    """Put new rows of one table into it. Either all have their numbers already, or none has
    and nobody asks what they will be. A database that can tell others tells them the last
    number on `channel` after the commit."""
    model, numbered = type(fresh[0]), fresh[0].pk is not None
    fields = model._meta.local_concrete_fields[0 if numbered else 1 :]
    database = connections[DEFAULT_DB_ALIAS]
    tells = channel and database.vendor == "postgresql"
    with database.cursor() as cursor:
        for start in range(0, len(fresh), MOST_ROWS):
            some = fresh[start : start + MOST_ROWS]
            statement = _insert(model, numbered=numbered, asked=False, count=len(some))
            values = [_stored(f, one, database) for one in some for f in fields]
            if tells and some[-1] is fresh[-1]:
                statement = f"WITH done AS ({statement}) SELECT pg_notify(%s, %s)"  # noqa: S608
                values += [channel, str(fresh[-1].pk)]
            cursor.execute(statement, values)
    for one in fresh:
        one._state.adding, one._state.db = False, database.alias


def _stored(field: Any, one: models.Model, database: BaseDatabaseWrapper) -> Any:
    value = getattr(one, field.attname)
    if type(value) in PLAIN and not isinstance(field, models.JSONField):
        return value  # as it is for every database
    return field.get_db_prep_save(value, database)


def _values(
    model: type[models.Model], key: dict[str, Any], database: BaseDatabaseWrapper
) -> list[Any]:
    values = []
    for name, value in key.items():
        if isinstance(value, int) and not -(2**63) <= value < 2**63:
            raise OverflowError(name)
        values.append(_field(model, name).get_db_prep_value(value, database))
    return values


def _made(model: type[M], found: list[Any], database: BaseDatabaseWrapper) -> list[M]:
    names, converters = _columns(model, database.vendor)
    return [
        model.from_db(database.alias, names, _converted(values, converters, database))
        for values in found
    ]


def _converted(
    found: Sequence[Any], converters: list[Converter], database: BaseDatabaseWrapper
) -> list[Any]:
    values = list(found)
    for position, column, steps in converters:
        for convert in steps:
            values[position] = convert(values[position], column, database)
    return values


@cache
def _columns(model: type[models.Model], _vendor: str) -> tuple[list[str], list[Converter]]:
    """The columns' names, and what turns the database's values into Python's."""
    database = connections[DEFAULT_DB_ALIAS]
    names, converters = [], []
    for position, field in enumerate(model._meta.local_concrete_fields):
        column = field.get_col(model._meta.db_table)
        steps = [
            *database.ops.get_db_converters(column),
            *column.get_db_converters(database),
        ]
        names.append(field.attname)
        if steps:
            converters.append((position, column, steps))
    return names, converters


@cache
def _select(model: type[models.Model], names: tuple[str, ...], where: str) -> str:
    columns = ", ".join(_name(f) for f in model._meta.local_concrete_fields)
    conditions = [f"{_name(_field(model, n))} = %s" for n in names] + ([where] if where else [])
    return (
        f"SELECT {columns} FROM {_table(model)} "  # noqa: S608 - names come from the models
        f"WHERE {' AND '.join(conditions)} ORDER BY {_name(model._meta.pk)}"
    )


@cache
def _newest(model: type[models.Model]) -> str:
    columns = ", ".join(_name(f) for f in model._meta.local_concrete_fields)
    key = _name(model._meta.pk)
    return f"SELECT {columns} FROM {_table(model)} ORDER BY {key} DESC LIMIT 1"  # noqa: S608


@cache
def _reserve(model: type[models.Model], vendor: str) -> str:
    key, table = _name(model._meta.pk), _table(model)
    if vendor == "postgresql":
        return f"SELECT nextval(pg_get_serial_sequence('{table}', {key.replace(chr(34), chr(39))}))"
    return f"SELECT coalesce(max({key}), 0) + 1 FROM {table}"  # noqa: S608


@cache
def _update(model: type[models.Model], names: tuple[str, ...]) -> str:
    changes = ", ".join(f"{_name(_field(model, n))} = %s" for n in names)
    return f"UPDATE {_table(model)} SET {changes} WHERE {_name(model._meta.pk)} = %s"  # noqa: S608


def _update_all(model: type[models.Model], names: tuple[str, ...], count: int, vendor: str) -> str:
    """Not kept: there would be one for each number of rows."""
    fields = [model._meta.pk, *(_field(model, n) for n in names)]
    columns = [_name(f) for f in fields]
    places = ", ".join(["%s"] * len(fields))
    first = places
    if vendor == "postgresql":  # which has to be told of what kind a NULL is
        database = connections[DEFAULT_DB_ALIAS]
        first = ", ".join(f"CAST(%s AS {f.cast_db_type(database)})" for f in fields)
    rows = ", ".join([f"({first})", *[f"({places})"] * (count - 1)])
    changes = ", ".join(f"{column} = told.{column}" for column in columns[1:])
    return (
        f"WITH told ({', '.join(columns)}) AS (VALUES {rows}) "  # noqa: S608
        f"UPDATE {_table(model)} SET {changes} FROM told "
        f"WHERE {_table(model)}.{columns[0]} = told.{columns[0]}"
    )


@cache
def _insert(model: type[models.Model], *, numbered: bool, asked: bool, count: int = 1) -> str:
    fields = model._meta.local_concrete_fields[0 if numbered else 1 :]
    columns, places = ", ".join(_name(f) for f in fields), ", ".join(["%s"] * len(fields))
    values = ", ".join([f"({places})"] * count)
    returning = f" RETURNING {_name(model._meta.pk)}" if asked else ""
    return f"INSERT INTO {_table(model)} ({columns}) VALUES {values}{returning}"  # noqa: S608


@cache
def _upsert(model: type[models.Model], by: str, later: str, again: tuple[str, ...]) -> str:
    time, table = _name(_field(model, later)), _table(model)
    new, old = f"excluded.{time}", f"{table}.{time}"
    changes = [f"{time} = CASE WHEN {new} > {old} THEN {new} ELSE {old} END"]
    changes += [f"{name} = excluded.{name}" for name in (_name(_field(model, n)) for n in again)]
    columns = ", ".join(_name(f) for f in model._meta.local_concrete_fields)
    return (
        f"{_insert(model, numbered=False, asked=False)} "
        f"ON CONFLICT ({_name(_field(model, by))}) DO UPDATE SET {', '.join(changes)} "
        f"RETURNING {columns}"
    )


def _field(model: type[models.Model], name: str) -> Any:
    return model._meta.pk if name == "pk" else model._meta.get_field(name)


def _name(field: Any) -> str:
    return connections[DEFAULT_DB_ALIAS].ops.quote_name(field.column)


def _table(model: type[models.Model]) -> str:
    return connections[DEFAULT_DB_ALIAS].ops.quote_name(model._meta.db_table)
