"""What may be meant while typing, besides models: people, teams, projects, tags and terms.

A word that stands only on models the viewer can't see is not suggested: it does not exist for them.
"""

from collections.abc import Iterable
from typing import Any

from django.db import connection

from access.viewer import Viewer
from access.visibility import sql_condition
from catalog.access import visible_models
from search.results import Suggestion

SEEN = sql_condition("d.visibility", "d.project_id")
# A value exists for the viewer when a document they may see has it; the index on facets answers that.
HAS = f"EXISTS (SELECT FROM search_searchdocument d WHERE d.facets @> ARRAY[{{token}}]::varchar[] AND {SEEN})"

OTHERS = f"""
(SELECT 1, 'project', p.name, '/p/' || p.slug, '' FROM catalog_project p
    WHERE {sql_condition("p.visibility", "p.id")}
    AND (lower(p.name) LIKE %(start)s OR lower(p.name) LIKE %(word)s) ORDER BY length(p.name), p.name LIMIT 3)
UNION ALL
(SELECT 2, 'person', coalesce(nullif(u.name, ''), u.username), '/people/' || u.username, u.username
    FROM accounts_user u
    WHERE (lower(u.username) LIKE %(start)s OR lower(u.name) LIKE %(start)s OR lower(u.name) LIKE %(word)s)
    AND u.is_active AND {HAS.format(token="'owner:' || u.username")} ORDER BY u.username LIMIT 3)
UNION ALL
(SELECT 3, 'team', t.name, '/teams/' || t.slug, '' FROM accounts_team t
    WHERE (lower(t.name) LIKE %(start)s OR lower(t.name) LIKE %(word)s)
    AND {HAS.format(token="'owner:team:' || t.slug")} ORDER BY t.name LIMIT 3)
UNION ALL
(SELECT 4, 'term', t.name, '/terms/' || x.slug || '/' || t.slug, x.name
    FROM catalog_term t JOIN catalog_taxonomy x ON x.id = t.taxonomy_id
    WHERE (lower(t.name) LIKE %(start)s OR lower(t.name) LIKE %(word)s)
    AND {HAS.format(token="x.slug || ':' || t.slug")} ORDER BY x.position, length(t.name), t.name LIMIT 4)
UNION ALL
(SELECT 5, 'tag', t.name, '/tags/' || t.slug, '' FROM catalog_tag t
    WHERE lower(t.name) LIKE %(start)s AND {HAS.format(token="'tag:' || t.slug")}
    ORDER BY length(t.name), t.name LIMIT 3)
"""  # nosec B608 - our own fragments


def from_catalog(
    viewer: Viewer, prefix: str, models: Iterable[tuple[Any, ...]], limit: int
) -> list[Suggestion]:
    """Suggestions for `prefix`: `models` (name, url, project, id) as a back end found them, and the others.

    Two queries: models are looked up again among what the viewer sees now; all the others in one.
    """
    found = list(models)
    seen = set(visible_models(viewer).filter(pk__in=[row[3] for row in found]).values_list("pk", flat=True))
    first = [Suggestion("model", name, url, project) for name, url, project, pk in found if pk in seen]
    like = prefix.strip().lower()[:100].replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    parameters: dict[str, Any] = {
        **viewer.scopes.sql_parameters,
        "start": f"{like}%",
        "word": f"% {like}%",
    }
    with connection.cursor() as cursor:
        cursor.execute(OTHERS, parameters)
        others = [
            Suggestion(kind, label, url, hint) for _, kind, label, url, hint in sorted(cursor.fetchall())
        ]
    room = max(1, limit - len(others)) if len(others) < limit else limit // 2
    first = first[: max(room, limit // 2)]
    return [*first, *others[: limit - len(first)]]
