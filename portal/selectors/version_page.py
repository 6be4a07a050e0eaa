"""What the pages of a version show: the version itself, and all its measurements. A constant number of queries."""

from dataclasses import dataclass
from urllib.parse import quote

from django.core.paginator import Page, Paginator

from access.viewer import Viewer
from catalog.models import (
    Artifact,
    Link,
    ModelVersion,
    Package,
    Paper,
    RegisteredModel,
)
from catalog.selectors.facts import Fact, facts_of
from catalog.selectors.leading import in_leading_order
from catalog.selectors.versions import get_version
from core.errors import NotVisible
from evaluations.models import MetricValue
from evaluations.selectors.compare import side_by_side
from evaluations.selectors.comparison import Comparison
from evaluations.selectors.measurements import measured
from evaluations.selectors.statistics import statistics_in_words
from portal.selectors.model_page import (
    EvaluationTable,
    Rights,
    evaluation_table,
    links_of,
    parameters_of,
    rights_on,
)

VALUES_PAGE = 100


@dataclass(frozen=True, slots=True)
class VersionPage:
    """All of a version's page."""

    model: RegisteredModel
    version: ModelVersion
    before: ModelVersion | None
    after: ModelVersion | None
    is_leading: bool
    aliases: tuple[str, ...]
    facts: dict[str, Fact]
    parameters: tuple[tuple[str, str], ...]
    packages: tuple[Package, ...]
    artifacts: tuple[Artifact, ...]
    links: tuple[Link, ...]
    papers: tuple[Paper, ...]
    evaluations: EvaluationTable | None
    changes: Comparison | None
    statistics: tuple[str, ...]
    rights: Rights

    @property
    def label_in_url(self) -> str:
        """The label as a URL's query carries it."""
        return quote(self.version.label)


def version_page(viewer: Viewer, project: str, slug: str, label: str) -> VersionPage:
    """The page of one version, with what changed against the one before. About thirty queries.

    Raises:
        NotVisible: there is no such version for this viewer.
    """
    version = get_version(viewer, project, slug, label)
    model = version.model
    earlier = model.versions.select_related("source").filter(position__lt=version.position)
    before = earlier.order_by("-position").first()
    after = model.versions.filter(position__gt=version.position).order_by("position").first()
    leading = in_leading_order(model.versions.all()).first()
    for neighbour in (before, after):
        if neighbour is not None:
            neighbour.model = model
    numbers = measured([before, version] if before else [version])
    return VersionPage(
        model=model,
        version=version,
        before=before,
        after=after,
        is_leading=leading == version,
        aliases=tuple(version.aliases.values_list("name", flat=True)),
        facts=facts_of([(model, version)])[0],
        parameters=parameters_of(version),
        packages=tuple(version.packages.all()),
        artifacts=tuple(version.artifacts.all()),
        links=links_of(model, version),
        papers=tuple(version.papers.all()),
        evaluations=evaluation_table(numbers, version),
        changes=side_by_side(viewer, [(model, before), (model, version)], numbers) if before else None,
        statistics=statistics_in_words(version),
        rights=rights_on(viewer, model),
    )


@dataclass(frozen=True, slots=True)
class ValuesPage:
    """One page of the measurements of a version, with the choices of the filters."""

    version: ModelVersion | None
    labels: tuple[str, ...]
    page: Page
    metrics: tuple[tuple[str, str], ...]


def values_page(
    viewer: Viewer,
    model: RegisteredModel,
    *,
    label: str = "",
    metric: str = "",
    text: str = "",
    number: int = 1,
) -> ValuesPage:
    """Measurements of one version (the leading one unless named), filtered, a hundred a page. Six queries.

    Raises:
        NotVisible: the model has no version of that label.
    """
    version = (
        model.versions.filter(label=label).first()
        if label
        else in_leading_order(model.versions.all()).first()
    )
    if version is None and label:
        raise NotVisible
    values = (
        MetricValue.objects.filter(evaluation__version=version) if version else MetricValue.objects.none()
    )
    metrics = values.values_list("metric__slug", "metric__name").distinct().order_by("metric__name")
    if metric:
        values = values.filter(metric__slug=metric)
    if text:
        values = values.filter(evaluation__dataset__name__icontains=text.replace("\x00", ""))
    rows = values.select_related("metric", "evaluation__dataset", "evaluation__source").order_by(
        "-metric__importance",
        "metric__name",
        "evaluation__dataset__name",
        "evaluation__split",
        "evaluation__slice",
        "id",
    )
    labels = tuple(model.versions.order_by("-position").values_list("label", flat=True)[:200])
    return ValuesPage(version, labels, Paginator(rows, VALUES_PAGE).get_page(number), tuple(metrics))
