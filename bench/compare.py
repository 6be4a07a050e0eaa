"""The comparison API over HTTP: p50 and p95 in milliseconds, for few and for many models.

Against plain SQL that reads the same metric rows, over psycopg and a connection that is kept.
"""

from collections.abc import Iterator, Sequence

from bench.measure import Context, Figure, Group, alternate, p50_and_p95
from bench.site import Site
from bench.statements import asked_inside, statements_of

RESNETS = (
    "timm/huggingface/timm/resnet50",
    "mmpretrain/open-mmlab/mmpretrain/resnet50_8xb32_in1k",
    "paddleclas/PaddlePaddle/PaddleClas/ResNet50",
)
# Versions as the comparison picks them, then their numbers with everything it shows of each.
METRIC_ROWS = """
SELECT v.model_id, m.slug, m.name, m.unit, m.direction, m.importance, d.slug, d.name, e.split, e.slice,
    mv.value, mv.words, mv.raw_value, mv.raw_unit, e.split_is_assumed, s.name, s.url, e.evaluated_at
FROM catalog_modelversion v
JOIN catalog_evaluation e ON e.version_id = v.id
JOIN catalog_metricvalue mv ON mv.evaluation_id = e.id
JOIN catalog_metric m ON m.id = mv.metric_id
LEFT JOIN catalog_dataset d ON d.id = e.dataset_id
LEFT JOIN catalog_source s ON s.id = e.source_id
WHERE v.id = ANY(%s)
ORDER BY e.evaluated_at DESC NULLS LAST, e.id, mv.occurrence
"""
MOST_MEASURED = """
SELECT r.external_id FROM catalog_registeredmodel r JOIN catalog_source s ON s.id = r.source_id
JOIN catalog_modelversion v ON v.model_id = r.id
JOIN catalog_evaluation e ON e.version_id = v.id JOIN catalog_metricvalue mv ON mv.evaluation_id = e.id
WHERE s.slug = %s GROUP BY r.id ORDER BY count(*) DESC, r.id LIMIT %s
"""


def measure(context: Context) -> Iterator[Figure]:
    """Latencies and statements of three comparisons."""
    site = context.site
    sets = {
        "compare.3": RESNETS,
        "compare.12": most_measured(site, "timm", 12),
        "compare.12_mteb": most_measured(site, "mteb", 12),
    }
    for name, models in sets.items():
        versions = version_ids(site, models)

        def ours(number: int, models: Sequence[str] = models) -> None:
            site.get("/api/v1/compare", model=list(models)).json()

        def plain(number: int, versions: Sequence[int] = versions) -> None:
            site.sql(METRIC_ROWS, [list(versions)])

        samples = alternate(
            {"ours": ours, "plain": plain}, rounds=context.times(50, 15), warm_up=context.times(8, 3)
        )
        rows = len(site.sql(METRIC_ROWS, [versions]))
        yield from p50_and_p95(name, samples["ours"], samples["plain"], f"SQL for the {rows:,} metric rows")
        count = statements_of(lambda models=models: asked_inside("/api/v1/compare", model=list(models)))  # type: ignore[misc]
        yield Figure(f"{name}.statements", count, 1, "one SQL statement", "statements")

        def page(number: int, models: Sequence[str] = models) -> None:
            site.get("/compare", model=list(models))

        samples = alternate(
            {"ours": page, "plain": plain}, rounds=context.times(50, 15), warm_up=context.times(8, 3)
        )
        yield from p50_and_p95(
            f"{name}.page", samples["ours"], samples["plain"], f"SQL for the {rows:,} metric rows"
        )


def most_measured(site: Site, source: str, count: int) -> list[str]:
    """The external ids of the models of a source that have the most metric values."""
    return [row[0] for row in site.sql(MOST_MEASURED, [source, count])]


def version_ids(site: Site, models: Sequence[str]) -> list[int]:
    """The versions that the comparison picks for these models."""
    refs = [m["ref"] for m in site.get("/api/v1/compare", model=list(models)).json()["models"]]
    found = site.sql(
        "SELECT v.id FROM catalog_modelversion v JOIN catalog_registeredmodel r ON r.id = v.model_id"
        " JOIN catalog_project p ON p.id = r.project_id"
        " WHERE p.slug || '/' || r.slug || '@' || v.label = ANY(%s)",
        [refs],
    )
    if len(found) != len(models):
        raise RuntimeError(f"{len(found)} versions were found of {len(models)} models")
    return [row[0] for row in found]


GROUP = Group(
    "compare",
    "The comparison over HTTP, as JSON and as the page, with 3 models, 12 of timm and the 12 MTEB models with the"
    " most numbers, against one SQL statement for the same metric rows.",
    measure,
)
