"""Many models made from the demo's: `python -m bench.synthetic --models N`, into a database of the bench's own.

Every one is marked: its source is `synthetic`, its project's name says so. The same seed gives the same models, and
the first of them whatever their number. Names, terms, tags, sizes, dates and numbers vary about those of a real model;
of its versions the newest few are kept, and some of their numbers. Never part of the demo.
"""

import argparse
import os
import random
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, LiteralString, TypeAlias, cast
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg.rows import dict_row

ROOT = Path(__file__).resolve().parent.parent
SEED = 2026
SOURCE = "synthetic"
MOST_VERSIONS = 2
MOST_EVALUATIONS = 8
MODELS_IN_PROJECT = 40
CHUNK = 2000
LATEST = date(2026, 11, 1)
VARIANTS = ("", *"-tiny -small -base -large -xl -v2 -v3 -ft -distilled -int8 -384 -e300".split())
VOCABULARY = (
    "catalog_source",
    "catalog_taxonomy",
    "catalog_term",
    "catalog_termalias",
    "catalog_metric",
    "catalog_metricalias",
    "catalog_dataset",
    "catalog_datasetalias",
    "catalog_tag",
)
MADE = (
    "catalog_project",
    "catalog_registeredmodel",
    "catalog_modelversion",
    "catalog_classification",
    "catalog_modeltag",
    "catalog_trainingdata",
    "catalog_evaluation",
    "catalog_metricvalue",
)

Row: TypeAlias = dict[str, Any]
Connection: TypeAlias = "psycopg.Connection[Any]"
Progress: TypeAlias = Callable[[int, int], None]


@dataclass(slots=True)
class Pattern:
    """A real model with what is kept of it."""

    model: Row
    versions: list[Row] = field(default_factory=list)
    classifications: dict[int | None, list[Row]] = field(default_factory=lambda: defaultdict(list))
    tags: list[Row] = field(default_factory=list)
    training: dict[int, list[Row]] = field(default_factory=lambda: defaultdict(list))
    evaluations: dict[int, list[Row]] = field(default_factory=lambda: defaultdict(list))
    values: dict[int, list[Row]] = field(default_factory=lambda: defaultdict(list))


@dataclass(slots=True)
class Patterns:
    """The real models, and what their variations draw from."""

    models: list[Pattern]
    terms_beside: dict[int, list[int]]  # other terms of the same taxonomy, under the same one
    tags: list[int]
    limits: dict[int, tuple[float | None, float | None]]
    project: Row


def read_patterns(source: Connection) -> Patterns:
    """The demo's models, read over a connection to a database that holds them.

    Raises:
        ValueError: there are none.
    """
    found: dict[int, Pattern] = {}
    owner: dict[int, Pattern] = {}
    evaluated: dict[int, Pattern] = {}
    for row in _rows(source, "SELECT * FROM catalog_registeredmodel ORDER BY id"):
        found[row["id"]] = Pattern(row)
    if not found:
        raise ValueError("There are no models to make others from: load the demo first.")
    newest = (
        "SELECT * FROM (SELECT v.*, row_number() OVER (PARTITION BY model_id ORDER BY position DESC) AS place"
        " FROM catalog_modelversion v) AS v WHERE place <= %s ORDER BY model_id, position"
    )
    for row in _rows(source, newest, [MOST_VERSIONS]):
        del row["place"]
        pattern = owner[row["id"]] = found[row["model_id"]]
        pattern.versions.append(row)
    for row in _rows(source, "SELECT * FROM catalog_classification ORDER BY id"):
        if row["version_id"] is None or row["version_id"] in owner:
            found[row["model_id"]].classifications[row["version_id"]].append(row)
    for row in _rows(source, "SELECT * FROM catalog_modeltag ORDER BY id"):
        found[row["model_id"]].tags.append(row)
    for row in _rows(source, "SELECT * FROM catalog_trainingdata ORDER BY id"):
        if row["version_id"] in owner:
            owner[row["version_id"]].training[row["version_id"]].append(row)
    for row in _rows(source, "SELECT * FROM catalog_evaluation ORDER BY id"):
        kept = owner.get(row["version_id"])
        if kept is not None and len(kept.evaluations[row["version_id"]]) < MOST_EVALUATIONS:
            kept.evaluations[row["version_id"]].append(row)
            evaluated[row["id"]] = kept
    for row in _rows(source, "SELECT * FROM catalog_metricvalue ORDER BY id"):
        if row["evaluation_id"] in evaluated:
            evaluated[row["evaluation_id"]].values[row["evaluation_id"]].append(row)
    beside: dict[tuple[int, int | None], list[int]] = defaultdict(list)
    terms = _rows(source, "SELECT id, taxonomy_id, parent_id FROM catalog_term ORDER BY id")
    for row in terms:
        beside[row["taxonomy_id"], row["parent_id"]].append(row["id"])
    limits = _rows(source, "SELECT id, minimum, maximum FROM catalog_metric")
    return Patterns(
        models=[pattern for pattern in found.values() if pattern.versions],
        terms_beside={row["id"]: beside[row["taxonomy_id"], row["parent_id"]] for row in terms},
        tags=[row["id"] for row in _rows(source, "SELECT id FROM catalog_tag ORDER BY id")],
        limits={row["id"]: (row["minimum"], row["maximum"]) for row in limits},
        project=_rows(source, "SELECT * FROM catalog_project ORDER BY id LIMIT 1")[0],
    )


class Maker:
    """Makes rows of synthetic models, numbered through for each table."""

    def __init__(self, patterns: Patterns, source_id: int, seed: int = SEED) -> None:
        self.patterns = patterns
        self.source_id = source_id
        self.seed = seed
        self.last: dict[str, int] = dict.fromkeys(MADE, 0)
        self.rows: dict[str, list[Row]] = {table: [] for table in MADE}

    def add(self, table: str, row: Row, **changes: Any) -> int:
        self.last[table] += 1
        self.rows[table].append({**row, **changes, "id": self.last[table]})
        return self.last[table]

    def model(self, number: int) -> None:
        """Add the rows of the model of this number, from 0."""
        chance = random.Random(f"{self.seed}:{number}")  # nosec B311 - for variety, not for secrets
        if number % MODELS_IN_PROJECT == 0:
            self.project(number // MODELS_IN_PROJECT)
        pattern = self.patterns.models[chance.randrange(len(self.patterns.models))]
        name = varied_name(pattern.model["name"], chance)
        scale = chance.lognormvariate(0, 0.6)
        model_id = self.add(
            "catalog_registeredmodel",
            pattern.model,
            name=name,
            slug=f"{_slug(name)}-{number}",
            external_id=f"{SOURCE}/{number}/{name}",
            project_id=self.last["catalog_project"],
            source_id=self.source_id,
            created_at=pattern.model["created_at"] - timedelta(minutes=chance.randrange(500_000)),
        )
        for version in pattern.versions:
            self.version(pattern, version, model_id, f"{SOURCE}/{number}/{name}", scale, chance)
        for row in pattern.classifications[None]:
            self.add("catalog_classification", row, model_id=model_id)
        tags = {row["tag_id"] for row in pattern.tags}
        if chance.random() < 0.3 and self.patterns.tags:
            tags.add(chance.choice(self.patterns.tags))
        for tag in sorted(tags):
            created = pattern.model["created_at"]
            row = {"created_at": created, "added_by_id": None}
            self.add("catalog_modeltag", row, model_id=model_id, tag_id=tag)

    def project(self, number: int) -> None:
        self.add(
            "catalog_project",
            self.patterns.project,
            slug=f"synthetic-{number:05}",
            name=f"Synthetic {number:05}",
            namespace=f"synthetic/{number:05}",
            description="Made by the bench from the demo's models. Nothing in it is real.",
            visibility="restricted" if number % 20 == 19 else "public",
            url="",
            team_id=None,
            source_id=self.source_id,
            domain_id=None,
        )

    def version(
        self, pattern: Pattern, row: Row, model_id: int, ref: str, scale: float, chance: random.Random
    ) -> None:
        released = row["released_on"] and min(
            LATEST, row["released_on"] + timedelta(days=chance.randint(-400, 400))
        )
        sizes = {
            name: row[name] and max(1, round(row[name] * scale))
            for name in ("parameter_count", "flops", "size_bytes")
        }
        version_id = self.add(
            "catalog_modelversion",
            row,
            model_id=model_id,
            source_id=self.source_id,
            external_id=f"{ref}@{row['label']}",
            released_on=released,
            **sizes,
        )
        seen: set[int] = set()
        for one in pattern.classifications[row["id"]]:
            beside = self.patterns.terms_beside[one["term_id"]]
            term = chance.choice(beside) if chance.random() < 0.1 else one["term_id"]
            if term not in seen:
                seen.add(term)
                self.add(
                    "catalog_classification", one, model_id=model_id, version_id=version_id, term_id=term
                )
        for one in pattern.training[row["id"]]:
            self.add("catalog_trainingdata", one, version_id=version_id)
        for one in pattern.evaluations[row["id"]]:
            evaluation_id = self.add(
                "catalog_evaluation", one, version_id=version_id, source_id=self.source_id
            )
            for value in pattern.values[one["id"]]:
                number = within(
                    value["value"] * chance.gauss(1, 0.02), self.patterns.limits[value["metric_id"]]
                )
                changes = {"value": number, "raw_value": None, "raw_unit": ""}
                self.add("catalog_metricvalue", value, evaluation_id=evaluation_id, **changes)


def varied_name(name: str, chance: random.Random) -> str:
    """A name like this one: another number in it, another size or version at its end."""
    numbers = list(re.finditer(r"\d+", name))
    if numbers and chance.random() < 0.5:
        found = chance.choice(numbers)
        other = max(1, round(int(found[0][:9]) * chance.uniform(0.5, 2)))
        name = f"{name[: found.start()]}{other}{name[found.end() :]}"
    return f"{name[:180]}{chance.choice(VARIANTS)}"


def within(value: float, ends: tuple[float | None, float | None]) -> float:
    """The value, or the end of what the metric can be that it is beyond; to six digits."""
    low, high = ends
    value = float(f"{value:.6g}")
    value = value if low is None else max(low, value)
    return value if high is None else min(high, value)


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:120] or "model"


def _sql(words: str) -> LiteralString:
    """Our own table names make it; nothing of a stranger's is in it."""
    return cast(LiteralString, words)


def _rows(connection: Connection, statement: str, values: Sequence[Any] = ()) -> list[Row]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_sql(statement), values or None).fetchall()


def fill(
    source: Connection,
    target: Connection,
    models: int,
    seed: int = SEED,
    progress: Progress = lambda done, of: None,
) -> dict[str, int]:
    """Copy the vocabulary of `source` into the empty catalog of `target`, and so many models; the rows of each table.

    Without triggers and foreign keys: documents are built afterwards (`search.indexing.backfill.index_all`).

    Raises:
        ValueError: `source` holds no models, or `target` does.
    """
    taken = target.execute(_sql("SELECT EXISTS (SELECT FROM catalog_registeredmodel)")).fetchone()
    if taken and taken[0]:
        raise ValueError("There are models in that database already; it must be an empty one.")
    patterns = read_patterns(source)
    with target.transaction():
        target.execute(_sql("SET LOCAL session_replication_role = replica"))
        for table in VOCABULARY:
            _copy(target, table, _rows(source, f"SELECT * FROM {table} ORDER BY id"))  # nosec B608
        (source_id,) = target.execute(
            _sql(
                "INSERT INTO catalog_source (id, slug, name, url, revision, license)"
                " SELECT coalesce(max(id), 0) + 1, 'synthetic', 'Synthetic, made by the bench', '', '', ''"
                " FROM catalog_source"
                " RETURNING id"
            )
        ).fetchone() or (0,)
        maker = Maker(patterns, source_id, seed)
        for number in range(models):
            maker.model(number)
            if (number + 1) % CHUNK == 0 or number + 1 == models:
                for table, rows in maker.rows.items():
                    _copy(target, table, rows)
                    rows.clear()
                progress(number + 1, models)
        for table in (*VOCABULARY, *MADE):
            target.execute(
                _sql(
                    f"SELECT setval(pg_get_serial_sequence('{table}', 'id'),"
                    f" greatest((SELECT max(id) FROM {table}), 1))"  # nosec B608
                )
            )
    target.execute(_sql("ANALYZE"))
    return dict(maker.last)


def _copy(target: Connection, table: str, rows: Sequence[Row]) -> None:
    if not rows:
        return
    names = list(rows[0])
    quoted = ", ".join(f'"{name}"' for name in names)
    with (
        target.cursor() as cursor,
        cursor.copy(_sql(f"COPY {table} ({quoted}) FROM STDIN")) as writing,
    ):
        for row in rows:
            writing.write_row([row[name] for name in names])


# Documents that differ from one that was really built only in their model's number and name. The vector of words and
# the facets are the pattern's: what a search does with them costs the same.
VARY = """
WITH made AS (
    INSERT INTO catalog_registeredmodel ({columns})
    SELECT {values} FROM catalog_registeredmodel m WHERE m.id <= %(base)s RETURNING id, name, slug
)
INSERT INTO search_searchdocument ({document_columns})
SELECT {document_values} FROM made n JOIN search_searchdocument d ON d.model_id = n.id - %(shift)s
"""


def multiply(target: Connection, base: int, models: int, progress: Progress = lambda done, of: None) -> None:
    """Make `models` of a filled database's first `base` ones, whose documents are built: the others' are varied from
    those and their rows hold no versions, so such a catalog is good for searching and for nothing else.
    """
    changed = {
        "id": "m.id + %(shift)s",
        "name": "left(m.name, 190) || '-' || %(round)s",
        "slug": "left(m.slug, 140) || '-r' || %(round)s",
        "external_id": "m.external_id || '-r' || %(round)s",
    }
    columns = _columns(target, "catalog_registeredmodel")
    of_document = {
        "model_id": "n.id",
        "name": "n.name",
        "body": "jsonb_set(d.body, '{hit}', (d.body -> 'hit')"
        " || jsonb_build_object('id', n.id, 'name', n.name, 'external_id', 'synthetic'))",
    }
    document_columns = _columns(target, "search_searchdocument")
    statement = VARY.format(
        columns=", ".join(columns),
        values=", ".join(changed.get(name, f"m.{name}") for name in columns),
        document_columns=", ".join(document_columns),
        document_values=", ".join(of_document.get(name, f"d.{name}") for name in document_columns),
    )
    done = base
    with target.transaction():
        target.execute(_sql("SET LOCAL session_replication_role = replica"))
        while done < models:
            part = min(base, models - done)
            target.execute(
                _sql(statement), {"base": part, "shift": done, "round": str(done // base)}, prepare=False
            )
            done += part
            progress(done, models)
    target.execute(_sql("ANALYZE"))


def _columns(target: Connection, table: str) -> list[str]:
    found = target.execute(
        _sql(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
            " ORDER BY attnum"
        ),
        [table],
    )
    return [row[0] for row in found]


# ── The command ───────────────────────────────────────────────────────────────────────────────────


def main(arguments: Iterable[str] | None = None) -> int:
    """0 when the database is there and filled, 1 when it can't be."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.synthetic",
        description="Fill a new database with synthetic models, made from the demo that DATABASE_URL holds.",
    )
    parser.add_argument("--models", type=int, required=True, metavar="N")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument(
        "--database", default="bench_synthetic", help="its name on the same server; begins with bench_"
    )
    given = parser.parse_args(None if arguments is None else list(arguments))
    url = os.environ.get("DATABASE_URL", "")
    if given.models < 1 or not re.fullmatch(r"bench_[a-z0-9_]+", given.database) or not url:
        parser.error(
            "--models must be 1 or more, --database begin with bench_, and DATABASE_URL name the demo."
        )
    there = urlunsplit(urlsplit(url)._replace(path=f"/{given.database}"))
    try:
        with psycopg.connect(url, autocommit=True) as source:
            source.execute(_sql(f"CREATE DATABASE {given.database}"))
            manage("migrate", "--verbosity", "0", url=there)
            with psycopg.connect(there, autocommit=True) as target:
                counts = fill(source, target, given.models, given.seed, _line("models"))
        print(f"\n{sum(counts.values()):,} rows. Building documents …", flush=True)
        manage("shell", "-c", "from search.indexing.backfill import index_all; index_all()", url=there)
    except (psycopg.Error, ValueError, subprocess.CalledProcessError) as error:
        print(f"bench.synthetic: {error}", file=sys.stderr)
        return 1
    print(f"{given.models:,} synthetic models are in the database {given.database}.")
    return 0


def manage(*words: str, url: str) -> None:
    """A command of Django's on this database, without an engine."""
    environment = {**os.environ, "DATABASE_URL": url, "OPENSEARCH_URL": ""}
    subprocess.run([sys.executable, "manage.py", *words], cwd=ROOT, env=environment, check=True)


def _line(what: str) -> Progress:
    def shown(done: int, of: int) -> None:
        print(f"\r{done:>10,} of {of:,} {what}", end="", flush=True)

    return shown


if __name__ == "__main__":
    sys.exit(main())
