"""What lets a model rank higher besides the words: what people do with it, where it is in its life, how fresh it is.

The weights are one setting, `VITRINE_RANKING`, such as `production=1,fresh=0.5`; what it leaves out has the default.

| weight | counts for | measured by |
|---|---|---|
| followers | each model | ln(1 + followers) |
| ratings | each model | mean of the stars / 5 × ln(1 + ratings) |
| completeness | each model | share of the metadata that is filled in, 0 to 1 |
| production, staging | whose leading version is at that stage | 1 |
| active | what is neither deprecated nor archived, so that those sink | 1 |
| fresh | each model | halves with each year since the last change |

The first three are kept in the documents: after changing them run `manage.py search rebuild`. The others hold at once.
"""

import math
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

HALF_LIFE_DAYS = 365


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each signal counts."""

    followers: float = 1.0
    ratings: float = 1.0
    completeness: float = 0.5
    production: float = 0.5
    staging: float = 0.2
    active: float = 4.0
    fresh: float = 0.3


@cache
def read_weights(words: str) -> Weights:
    """The weights that a setting says.

    Raises:
        ImproperlyConfigured: it names an unknown weight, or no number from 0 to 100.
    """
    known = {field.name for field in fields(Weights)}
    found: dict[str, float] = {}
    for part in filter(None, (part.strip() for part in words.split(","))):
        name, _, value = (word.strip() for word in part.partition("="))
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if name not in known or not 0 <= number <= 100:
            raise ImproperlyConfigured(
                f"VITRINE_RANKING: “{part}” must be one of {', '.join(sorted(known))}, =, and a number from 0 to 100."
            )
        found[name] = number
    return Weights(**found)


def weights() -> Weights:
    return read_weights(settings.VITRINE_RANKING)


def popularity(followers: int, ratings: int, average: float, completeness: int) -> float:
    """The part of a model's rank that stands in its document."""
    w = weights()
    return round(
        w.followers * math.log1p(followers)
        + w.ratings * math.log1p(ratings) * average / 5
        + w.completeness * completeness / 100,
        4,
    )


def engine_functions() -> list[dict[str, Any]]:
    """The whole rank as functions of the engine's `function_score`, to be added up."""
    w = weights()
    # The day is named: the engine keeps no answer to a question with `now` in it.
    fresh = {"origin": timezone.now().date().isoformat(), "scale": f"{HALF_LIFE_DAYS}d", "decay": 0.5}
    return [
        {"field_value_factor": {"field": "popularity", "missing": 0}},
        {"filter": {"term": {"facet.stage": "production"}}, "weight": w.production},
        {"filter": {"term": {"facet.stage": "staging"}}, "weight": w.staging},
        {"filter": {"term": {"facet.status": "active"}}, "weight": w.active},
        {"exp": {"updated_at": fresh}, "weight": w.fresh},
    ]


def sql() -> str:
    """The whole rank of a document `d` as SQL, the same as the engine's."""
    w = weights()
    return (
        "(d.popularity"
        f" + {w.production} * (d.facets @> ARRAY['stage:production']::varchar[])::int"
        f" + {w.staging} * (d.facets @> ARRAY['stage:staging']::varchar[])::int"
        f" + {w.active} * (d.facets @> ARRAY['status:active']::varchar[])::int"
        f" + {w.fresh} * power(0.5, greatest(0, extract(epoch FROM date_trunc('day', now(), 'UTC') - d.updated_at))"
        f" / {HALF_LIFE_DAYS * 86400}.0))"
    )
