"""Pages of the site over HTTP, as HTML: p50 and p95 in milliseconds, and SQL statements of each.

Against plain SQL for the rows that the page is made of, over psycopg and a connection that is kept.
"""

from collections.abc import Iterator, Sequence

from bench.measure import Context, Figure, Group, alternate, p50_and_p95
from bench.site import Site
from bench.statements import asked_inside, statements_of

NEWEST = "(SELECT id FROM catalog_modelversion WHERE model_id = %(model)s ORDER BY position DESC LIMIT 40)"
LEADING = "(SELECT id FROM catalog_modelversion WHERE model_id = %(model)s ORDER BY position DESC LIMIT 1)"
MODEL_ROWS = (
    "SELECT r.*, p.*, s.* FROM catalog_registeredmodel r JOIN catalog_project p ON p.id = r.project_id"
    " LEFT JOIN catalog_source s ON s.id = r.source_id WHERE r.id = %(model)s",
    "SELECT * FROM catalog_modelversion WHERE model_id = %(model)s ORDER BY position DESC LIMIT 40",
    "SELECT m.*, mv.*, e.*, d.slug, d.name, s.name, s.url FROM catalog_evaluation e"
    " JOIN catalog_metricvalue mv ON mv.evaluation_id = e.id JOIN catalog_metric m ON m.id = mv.metric_id"
    f" LEFT JOIN catalog_dataset d ON d.id = e.dataset_id LEFT JOIN catalog_source s ON s.id = e.source_id"
    f" WHERE e.version_id IN {NEWEST}",
    "SELECT c.version_id, x.slug, x.name, t.slug, t.name, c.words FROM catalog_classification c"
    " JOIN catalog_term t ON t.id = c.term_id JOIN catalog_taxonomy x ON x.id = t.taxonomy_id"
    " WHERE c.model_id = %(model)s",
    "SELECT t.slug, t.name FROM catalog_modeltag mt JOIN catalog_tag t ON t.id = mt.tag_id"
    " WHERE mt.model_id = %(model)s",
    "SELECT o.kind, u.username, u.name, t.slug, t.name FROM catalog_ownership o"
    " LEFT JOIN accounts_user u ON u.id = o.user_id LEFT JOIN accounts_team t ON t.id = o.team_id"
    " WHERE o.model_id = %(model)s",
    f"SELECT name, value FROM catalog_parameter WHERE version_id = {LEADING} ORDER BY name",
    "SELECT d.slug, d.name, t.words FROM catalog_trainingdata t JOIN catalog_dataset d ON d.id = t.dataset_id"
    f" WHERE t.version_id = {LEADING}",
    f"SELECT * FROM catalog_artifact WHERE version_id = {LEADING}",
    "SELECT * FROM catalog_link WHERE model_id = %(model)s",
    "SELECT p.* FROM catalog_paper p JOIN catalog_paper_versions pv ON pv.paper_id = p.id"
    f" WHERE pv.modelversion_id = {LEADING}",
    "SELECT a.*, u.username, u.name FROM catalog_activity a LEFT JOIN accounts_user u ON u.id = a.actor_id"
    " WHERE a.model_id = %(model)s ORDER BY a.at DESC LIMIT 8",
    "SELECT c.*, u.username, u.name FROM social_comment c LEFT JOIN accounts_user u ON u.id = c.author_id"
    " WHERE c.model_id = %(model)s ORDER BY c.id DESC LIMIT 20",
    "SELECT stars, review FROM social_rating WHERE model_id = %(model)s",
)
HOME_ROWS = (
    "SELECT count(*) FROM catalog_registeredmodel",
    "SELECT x.slug, t.slug, t.name, count(DISTINCT c.model_id) FROM catalog_classification c"
    " JOIN catalog_term t ON t.id = c.term_id JOIN catalog_taxonomy x ON x.id = t.taxonomy_id"
    " WHERE x.is_facet GROUP BY x.slug, t.slug, t.name",
    "SELECT v.*, r.*, p.* FROM catalog_modelversion v JOIN catalog_registeredmodel r ON r.id = v.model_id"
    " JOIN catalog_project p ON p.id = r.project_id"
    " ORDER BY v.created_at DESC, v.released_on DESC NULLS LAST LIMIT 8",
    "SELECT r.id, r.name, count(f.id) FROM catalog_registeredmodel r JOIN social_follow f ON f.model_id = r.id"
    " GROUP BY r.id ORDER BY count(f.id) DESC LIMIT 8",
    "SELECT a.*, u.name FROM catalog_activity a LEFT JOIN accounts_user u ON u.id = a.actor_id"
    " ORDER BY a.at DESC LIMIT 8",
)
EVENLY = """
SELECT id, ref FROM (
    SELECT r.id, p.slug || '/' || r.slug AS ref, row_number() OVER (ORDER BY r.id) AS place, count(*) OVER () AS n
    FROM catalog_registeredmodel r JOIN catalog_project p ON p.id = r.project_id
) AS models WHERE place %% greatest(n / %s, 1) = 0 ORDER BY id
"""
HEAVIEST = """
SELECT r.id, p.slug || '/' || r.slug FROM catalog_registeredmodel r JOIN catalog_project p ON p.id = r.project_id
JOIN catalog_modelversion v ON v.model_id = r.id JOIN catalog_evaluation e ON e.version_id = v.id
JOIN catalog_metricvalue mv ON mv.evaluation_id = e.id
GROUP BY r.id, p.slug, r.slug ORDER BY count(*) DESC, r.id LIMIT 1
"""


def measure(context: Context) -> Iterator[Figure]:
    """The page of models spread over the catalog, of the one with the most numbers, and the home page."""
    site = context.site
    everywhere = site.sql(EVENLY, [40])
    yield from model_pages(context, "page.model", everywhere)
    yield from model_pages(context, "page.model_largest", site.sql(HEAVIEST))
    samples = alternate(
        {"ours": lambda number: site.get("/"), "plain": lambda number: read(site, HOME_ROWS)},
        rounds=context.times(80, 15),
        warm_up=context.times(10, 3),
    )
    yield from p50_and_p95("page.home", samples["ours"], samples["plain"], "SQL for its rows and counts")
    count = statements_of(lambda: asked_inside("/"))
    yield Figure("page.home.statements", count, len(HOME_ROWS), "statements of that SQL", "statements")


def model_pages(context: Context, name: str, models: Sequence[tuple[int, str]]) -> Iterator[Figure]:
    """Latency of the pages of these models in turn, and the most statements that one of them takes."""
    site = context.site

    def plain(number: int) -> None:
        read(site, MODEL_ROWS, model=models[number % len(models)][0])

    samples = alternate(
        {"ours": lambda number: site.get(f"/p/{models[number % len(models)][1]}"), "plain": plain},
        rounds=context.times(80, 15),
        warm_up=context.times(10, 3),
    )
    yield from p50_and_p95(name, samples["ours"], samples["plain"], "SQL for its rows")
    count = max(statements_of(lambda ref=ref: asked_inside(f"/p/{ref}")) for _, ref in models[:10])  # type: ignore[misc]
    yield Figure(f"{name}.statements", count, len(MODEL_ROWS), "statements of that SQL", "statements")


def read(site: Site, statements: Sequence[str], **values: object) -> None:
    """All rows of these statements, one after the other."""
    for statement in statements:
        site.raw.execute(statement, values or None).fetchall()  # type: ignore[arg-type]


GROUP = Group(
    "pages",
    "Pages over HTTP as HTML, without images and scripts: models spread over the catalog, the one with the most"
    " numbers, and the home page, against plain SQL for the rows that the page shows.",
    measure,
)
