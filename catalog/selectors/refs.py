"""Finding models and versions by the ways people and programs write them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from access.viewer import Viewer
from catalog.access import visible_models
from catalog.models import ModelVersion, RegisteredModel
from catalog.selectors.leading import in_leading_order

URN = re.compile(r"^urn:vitrine:model:(?P<project>[^:]+):(?P<model>[^@]+)(?:@(?P<label>.+))?$")
LONGEST = 1000


@dataclass(frozen=True, slots=True)
class Ref:
    """A way to name a model, perhaps one version of it. Exactly one of `pk`, `external_id`, `slugs` is set."""

    words: str
    pk: int | None = None
    external_id: str = ""
    slugs: tuple[str, str] | None = None
    label: str = ""

    @property
    def condition(self) -> Q:
        if self.pk is not None:
            return Q(pk=self.pk)
        if self.external_id:
            return Q(external_id=self.external_id)
        assert self.slugs is not None  # nosec B101
        return Q(project__slug=self.slugs[0], slug=self.slugs[1])

    def names(self, model: RegisteredModel) -> bool:
        """Whether this names `model` (whose project is at hand)."""
        if self.pk is not None:
            return model.pk == self.pk
        if self.external_id:
            return model.external_id == self.external_id
        return (model.project.slug, model.slug) == self.slugs


class UnknownRef(Exception):
    """No such model or version for this viewer; `words` is what was asked for."""

    def __init__(self, words: str) -> None:
        self.words = words
        super().__init__(f"There is no model “{words[:200]}”. Write project/model, or project/model@version.")


def parse_ref(words: str) -> Ref:
    """Read `project/model[@version]`, a URN, a number (id) or `source/namespace/model` (external id).

    Raises:
        UnknownRef: it is none of these.
    """
    text = words.strip()
    if not text or len(text) > LONGEST or "\x00" in text:
        raise UnknownRef(words)
    if found := URN.match(text):
        return Ref(words, slugs=(found["project"], found["model"]), label=found["label"] or "")
    name, _, label = text.partition("@")
    if name.isascii() and name.isdigit():
        if int(name) >= 2**63:
            raise UnknownRef(words)
        return Ref(words, pk=int(name), label=label)
    if name.count("/") == 1:
        project, model = name.split("/")
        return Ref(words, slugs=(project, model), label=label)
    if name.count("/") > 1:
        return Ref(words, external_id=name, label=label)
    raise UnknownRef(words)


def resolve_versions(
    viewer: Viewer, refs: Sequence[str]
) -> list[tuple[RegisteredModel, ModelVersion | None]]:
    """The model and version each reference names, in order; without a label, the leading version.

    The version is None for a model that has none yet. The same version named twice stands once.
    Three queries, whatever the number of references.

    Raises:
        UnknownRef: the first reference that names nothing this viewer may see.
    """
    parsed = [parse_ref(words) for words in refs]
    if not parsed:
        return []
    wanted = Q()
    for ref in parsed:
        wanted |= ref.condition
    models = list(visible_models(viewer).filter(wanted).select_related("source"))
    found: list[tuple[Ref, RegisteredModel]] = []
    for ref in parsed:
        model = next((model for model in models if ref.names(model)), None)
        if model is None:
            raise UnknownRef(ref.words)
        found.append((ref, model))
    leading = {
        version.model_id: version
        for version in in_leading_order(
            ModelVersion.objects.filter(model__in=[model for ref, model in found if not ref.label])
        ).distinct("model_id")
    }
    named = Q(pk__in=[])
    for ref, model in found:
        if ref.label:
            named |= Q(model=model) & (Q(label=ref.label) | Q(aliases__name=ref.label))
    labelled = {}
    for version in ModelVersion.objects.filter(named).select_related("source").prefetch_related("aliases"):
        labelled[version.model_id, version.label] = version
        for alias in version.aliases.all():
            labelled.setdefault((version.model_id, alias.name), version)
    chosen: dict[tuple[int, int | None], tuple[RegisteredModel, ModelVersion | None]] = {}
    for ref, model in found:
        picked = labelled.get((model.pk, ref.label)) if ref.label else leading.get(model.pk)
        if ref.label and picked is None:
            raise UnknownRef(ref.words)
        if picked is not None:
            picked.model = model
        chosen.setdefault((model.pk, picked.pk if picked else None), (model, picked))
    return list(chosen.values())
