"""The part of a model's page that tells of models like it."""

import logging
from dataclasses import dataclass

from django.urls import reverse
from django.utils.http import urlencode

from access.viewer import Viewer
from catalog.models import RegisteredModel
from search.results import SameNumber, SimilarModel
from search.service import similar

log = logging.getLogger(__name__)

SHOWN = 6
COMPARED = 3


@dataclass(frozen=True, slots=True)
class Section:
    """Models like the one of the page, and the way to compare it with the first of them."""

    models: tuple[SimilarModel, ...]
    compare_url: str
    compared: int
    number: (
        SameNumber | None
    )  # the one number all were measured by, where it is one; its conditions are said once

    @property
    def has_numbers(self) -> bool:
        return any(one.number for one in self.models)


def similar_section(viewer: Viewer, model: RegisteredModel) -> Section | None:
    """What to show of models like this one; nothing where there are none. As many queries as `find.similar`.

    The page stands without it: what goes wrong here is logged, and leaves it out.
    """
    try:
        models = similar(viewer, model.pk, SHOWN).models
    except Exception:
        log.exception("Similar models are left out of the page", extra={"model": model.ref})
        return None
    if not models:
        return None
    refs = [model.ref, *(one.hit.ref for one in models[:COMPARED])]
    numbers = [one.number for one in models if one.number]
    conditions = {(n.metric, n.dataset, n.split, n.slice) for n in numbers}
    return Section(
        models=models,
        compare_url=f"{reverse('catalog:compare')}?{urlencode([('model', ref) for ref in refs])}",
        compared=len(refs) - 1,
        number=numbers[0] if len(conditions) == 1 else None,
    )
