"""Models beyond measure: a version with 12,000 numbers, and a model with 200,000 versions. p50 and p95 in milliseconds.

Their pages against the same page of a model with one version and a number or two. Both are made by plain SQL from rows
of real ones, and removed again; no search document is built of them meanwhile, for the worker rests.
"""

from collections.abc import Iterator
from typing import Any, LiteralString, cast

from bench.measure import Context, Figure, Group, alternate, p50_and_p95
from bench.site import Site
from bench.statements import asked_inside, statements_of

NUMBERS, VERSIONS = 12_000, 200_000
OTHER = "the same page of a small model"
NAMES = {"numbers": "bench-numbers", "versions": "bench-versions"}
MODEL = """
INSERT INTO catalog_registeredmodel (project_id, slug, name, summary, description, purpose, business_goal, intended_use,
    unintended_use, status, external_id, created_at, updated_at, revision)
SELECT project_id, %(slug)s, %(slug)s, '', '', '', '', '', '', 'active', '', now(), now(), 1
FROM catalog_registeredmodel ORDER BY id LIMIT 1 RETURNING id
"""
# Columns of a version are taken as they are: from the first one there is, under labels and places of their own.
COPIES = """
INSERT INTO catalog_modelversion ({columns})
SELECT {values} FROM (SELECT * FROM catalog_modelversion ORDER BY id LIMIT 1) AS v
CROSS JOIN generate_series(1, %(count)s) AS n
"""
COLUMNS = "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
EVALUATIONS = """
INSERT INTO catalog_evaluation (version_id, dataset_id, dataset_words, split, split_is_assumed, slice, created_at)
SELECT v.id, d.id, '', 'test', FALSE, 'part ' || n, now()
FROM catalog_modelversion v CROSS JOIN generate_series(1, %(count)s) AS n
CROSS JOIN (SELECT id FROM catalog_dataset ORDER BY id LIMIT 1) AS d WHERE v.model_id = %(model)s
"""
VALUES = """
INSERT INTO catalog_metricvalue (evaluation_id, metric_id, value, words, raw_unit, occurrence, interval)
SELECT e.id, m.id, e.id %% 97, '', '', 1, '' FROM catalog_evaluation e
JOIN catalog_modelversion v ON v.id = e.version_id
CROSS JOIN (SELECT id FROM catalog_metric ORDER BY importance DESC, id LIMIT 10) AS m WHERE v.model_id = %(model)s
"""


def measure(context: Context) -> Iterator[Figure]:
    """The pages of both, and the comparison of two versions with 12,000 numbers each."""
    site = context.site
    site.vitrine.stop_worker()
    numbers, versions = context.times(NUMBERS, 1200), context.times(VERSIONS, 2000)
    try:
        fill(site, numbers, versions)
        project = str(
            site.sql(
                "SELECT p.slug FROM catalog_project p JOIN catalog_registeredmodel r ON r.project_id = p.id"
                " WHERE r.slug = %s",
                [NAMES["numbers"]],
            )[0][0]
        )
        much, many = (f"/p/{project}/{name}" for name in NAMES.values())
        small = "/p/" + str(site.sql(SMALL)[0][0])
        label = str(
            site.sql(
                "SELECT label FROM catalog_modelversion v JOIN catalog_registeredmodel r ON r.id = v.model_id"
                " JOIN catalog_project p ON p.id = r.project_id WHERE p.slug || '/' || r.slug = %s",
                [small[3:]],
            )[0][0]
        )
        compared = f"/compare?model={much[3:]}@copy-1&model={much[3:]}@copy-2"
        usual = "/compare?" + "&".join(f"model={row[0]}" for row in site.sql(PAIR))
        pages = {
            "numbers.model": (much, small),
            "numbers.version": (f"{much}/v/copy-2", f"{small}/v/{label}"),
            "numbers.evaluations": (f"{much}/evaluations", f"{small}/evaluations"),
            "numbers.compare": (compared, usual),
            "versions.model": (many, small),
            "versions.versions": (f"{many}/versions?page={versions // 50}", f"{small}/versions"),
            "versions.version": (f"{many}/v/copy-{versions // 2}", f"{small}/v/{label}"),
            "versions.progress": (f"{many}/progress", f"{small}/progress"),
        }
        for name, (ours, other) in pages.items():
            samples = alternate(
                {"ours": lambda n, a=ours: site.get(a), "other": lambda n, a=other: site.get(a)},  # type: ignore[misc]
                rounds=context.times(25, 5),
                warm_up=3,
            )
            yield from p50_and_p95(f"giants.{name}", samples["ours"], samples["other"], OTHER)
            few, usual_count = (statements_of(lambda a=a: asked_inside(a)) for a in (ours, other))  # type: ignore[misc]
            yield Figure(f"giants.{name}.statements", few, usual_count, OTHER, "statements")
    finally:
        remove(site)


SMALL = """
SELECT p.slug || '/' || r.slug FROM catalog_registeredmodel r JOIN catalog_project p ON p.id = r.project_id
JOIN catalog_modelversion v ON v.model_id = r.id JOIN catalog_evaluation e ON e.version_id = v.id
WHERE v.label !~ '[^a-z0-9.]' GROUP BY r.id, p.slug, r.slug HAVING count(*) = 1 ORDER BY r.id LIMIT 1
"""
PAIR = """
SELECT p.slug || '/' || r.slug FROM catalog_registeredmodel r JOIN catalog_project p ON p.id = r.project_id
WHERE r.slug NOT LIKE 'bench-%%' ORDER BY r.id LIMIT 2
"""


def fill(site: Site, numbers: int, versions: int) -> None:
    """Make both models; triggers rest meanwhile."""
    made = {}
    with site.raw.transaction():
        site.raw.execute("SET LOCAL session_replication_role = replica")
        for key, count in (("numbers", 2), ("versions", versions)):
            made[key] = site.sql(MODEL.replace("%(slug)s", "%s"), [NAMES[key]] * 2)[0][0]
            columns = [row[0] for row in site.sql(COLUMNS, ["catalog_modelversion"]) if row[0] != "id"]
            own = {
                "model_id": "%(model)s",
                "label": "'copy-' || n",
                "position": "n",
                "stage": "''",
                "external_id": "''",
            }
            values = ", ".join(own.get(column, f"v.{column}") for column in columns)
            statement = COPIES.format(columns=", ".join(columns), values=values)
            _run(site, statement, {"model": made[key], "count": count})
        _run(site, EVALUATIONS, {"model": made["numbers"], "count": numbers // 10})
        _run(site, VALUES, {"model": made["numbers"]})
        _run(site, EVALUATIONS, {"model": made["versions"], "count": 1})
    site.raw.execute("ANALYZE catalog_modelversion, catalog_evaluation, catalog_metricvalue")


def _run(site: Site, statement: str, values: Any) -> None:
    site.raw.execute(cast(LiteralString, statement), values)


VERSION_IDS = """
SELECT v.id FROM catalog_modelversion v JOIN catalog_registeredmodel r ON r.id = v.model_id WHERE r.slug = ANY(%s)
"""
REMOVALS = (
    "DELETE FROM catalog_metricvalue WHERE evaluation_id IN"
    f" (SELECT id FROM catalog_evaluation WHERE version_id IN ({VERSION_IDS}))",
    f"DELETE FROM catalog_evaluation WHERE version_id IN ({VERSION_IDS})",
    f"DELETE FROM catalog_modelversion WHERE id IN ({VERSION_IDS})",
    "DELETE FROM catalog_registeredmodel WHERE slug = ANY(%s)",
)


def remove(site: Site) -> None:
    """Take both away again."""
    with site.raw.transaction():
        site.raw.execute("SET LOCAL session_replication_role = replica")
        for statement in REMOVALS:
            _run(site, statement, [list(NAMES.values())])


GROUP = Group(
    "giants",
    "Pages over HTTP of a model whose two versions have 12,000 numbers each, and of one with 200,000 versions, against"
    " the same pages of a model with one version; statements alike.",
    measure,
)
