"""What the page of a model shows, gathered in a constant number of queries."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import nsmallest

from access.viewer import Viewer
from catalog.access import can_read_sensitive, get_model
from catalog.models import (
    Activity,
    Artifact,
    AttributeValue,
    Link,
    ModelVersion,
    Ownership,
    Paper,
    Parameter,
    RegisteredModel,
)
from catalog.selectors.completeness import Completeness, completeness_of
from catalog.selectors.facts import Fact, facts_of
from catalog.selectors.leading import in_leading_order
from catalog.selectors.rights import Rights, rights_on
from evaluations.models import MetricValue
from evaluations.selectors.comparison import plain
from evaluations.selectors.measurements import VALUE, Conditions, Measured, Measurement, measured
from evaluations.selectors.versions import (
    KeyNumber,
    VersionLine,
    key_conditions,
    key_numbers,
    version_lines,
)

SHOWN_VERSIONS = 8
PROGRESS_VERSIONS = 40
MULTIPLES = 6
TABLE_ROWS = 10
TABLE_METRICS = 3
FEED = 8


@dataclass(frozen=True, slots=True)
class TableRow:
    """Measurements under one set of conditions: for each metric of the table the number, and what its source wrote."""

    dataset: str
    dataset_slug: str
    split: str
    split_is_assumed: bool
    slice: str
    cells: tuple[tuple[Measurement, MetricValue] | None, ...]


@dataclass(frozen=True, slots=True)
class EvaluationTable:
    """The most telling measurements of one version: conditions down, metrics across."""

    metrics: tuple
    rows: tuple[TableRow, ...]
    total: int
    source: str = ""
    source_url: str = ""


@dataclass(frozen=True, slots=True)
class ProgressPoint:
    """A version's number on the metric shown over versions."""

    label: str
    value: float
    stage: str
    url: str


@dataclass(frozen=True, slots=True)
class Multiple:
    """A small line of one number over versions, oldest first, with its newest value in words."""

    metric: str
    where: str
    values: tuple[float, ...]
    latest: str

    @property
    def summary(self) -> str:
        return f"{self.metric}, {self.where}: {len(self.values)} versions, now {self.latest}"


@dataclass(frozen=True, slots=True)
class ModelPage:
    """All of a model's page that the inventory knows."""

    model: RegisteredModel
    version: ModelVersion | None
    facts: dict[str, Fact]
    key: KeyNumber | None
    evaluations: EvaluationTable | None
    versions: tuple[VersionLine, ...]
    version_count: int
    progress_of: KeyNumber | None
    progress: tuple[ProgressPoint, ...]
    owners: tuple[Ownership, ...]
    links: tuple[Link, ...]
    artifacts: tuple[Artifact, ...]
    papers: tuple[Paper, ...]
    parameters: tuple[tuple[str, str], ...]
    attributes: tuple[AttributeValue, ...]
    activities: tuple[Activity, ...]
    rights: Rights
    completeness: Completeness
    multiples: tuple[Multiple, ...] = ()

    @property
    def contextual(self) -> tuple[tuple[str, str], ...]:
        """What people wrote about the model's place in the organisation: label and words, empty where missing."""
        m = self.model
        times = " to ".join(day.isoformat() for day in (m.starts_on, m.retires_on) if day)
        return (
            ("Purpose", m.purpose),
            ("Business goal", m.business_goal),
            ("Intended use", m.intended_use),
            ("Not for", m.unintended_use),
            ("Timeline", times),
        )

    @property
    def has_words(self) -> bool:
        """Whether anything contextual was written down."""
        return bool(self.model.description) or any(words for _, words in self.contextual)

    @property
    def missing_facts(self) -> tuple[str, ...]:
        """Labels of facts that readers look for and that nobody recorded."""
        keys = ("task", "license", "framework", "parameters", "training_data")
        return tuple(
            self.facts[key].label.lower() for key in keys if key in self.facts and not self.facts[key].text
        )

    @property
    def alias_names(self) -> tuple[str, ...]:
        """Aliases of the versions shown."""
        return tuple(alias for line in self.versions for alias in line.aliases)

    @property
    def progress_points(self) -> list[dict[str, object]]:
        """The points of the chart over versions, as the chart takes them."""
        return [
            {"label": point.label, "value": point.value, "note": point.stage, "url": point.url}
            for point in self.progress
        ]

    @property
    def progress_conditions(self) -> str:
        """What the chart's numbers were measured on, in words."""
        if self.progress_of is None:
            return ""
        where = self.progress_of.conditions
        return ", ".join(part for part in (self.progress_of.dataset, where.split, where.slice) if part)


def model_page(viewer: Viewer, project: str, slug: str) -> ModelPage:
    """The page of one model. About twenty queries, whatever the number of versions and values.

    Raises:
        NotVisible: there is no such model for this viewer.
    """
    model = get_model(viewer, project, slug)
    newest = list(model.versions.order_by("-position")[:PROGRESS_VERSIONS])
    leading = in_leading_order(model.versions.all()).first()
    if leading is not None and leading not in newest:
        newest.append(leading)
    for version in newest:
        version.model = model
    numbers = measured(newest)
    keys = key_numbers(numbers)
    facts = facts_of([(model, leading)])[0]
    owners = tuple(Ownership.objects.filter(model=model).select_related("user", "team"))
    rights = rights_on(viewer, model)
    shared = key_conditions(numbers)
    shown = _with_shared(newest, numbers, keys, shared)
    count = model.versions.count()
    return ModelPage(
        model=model,
        version=leading,
        facts=facts,
        key=keys.get(leading.pk) if leading else None,
        evaluations=evaluation_table(numbers, leading) if leading else None,
        versions=tuple(version_lines(newest[:SHOWN_VERSIONS], numbers.of(newest[:SHOWN_VERSIONS]))),
        version_count=count,
        progress_of=next((key for key in keys.values() if key.conditions == shared), None),
        progress=shown,
        owners=owners,
        links=links_of(model, leading),
        artifacts=tuple(leading.artifacts.all()) if leading else (),
        papers=tuple(leading.papers.all()) if leading else (),
        parameters=parameters_of(leading),
        attributes=_attributes(model, can_read_sensitive(viewer, model)),
        activities=feed_of(model),
        rights=rights,
        multiples=_multiples(newest, numbers, shared),
        completeness=completeness_of(
            model, facts, owners, numbers.by_version[leading.pk] if leading else None
        ),
    )


def _with_shared(
    versions: Sequence[ModelVersion], numbers: Measured, keys: dict[int, KeyNumber], shared: Conditions | None
) -> tuple[ProgressPoint, ...]:
    """Points for versions measured under the shared conditions, oldest first; empty with fewer than two."""
    if shared is None:
        return ()
    points = []
    for version in sorted(versions, key=lambda v: v.position):
        row = numbers.by_version[version.pk].get(shared)
        if row is not None and row[VALUE] is not None:
            points.append(ProgressPoint(version.label, row[VALUE], version.stage, version.get_absolute_url()))
    return tuple(points) if len(points) > 1 else ()


def _multiples(
    versions: Sequence[ModelVersion], numbers: Measured, but: Conditions | None
) -> tuple[Multiple, ...]:
    """The most important other numbers that several versions have, as small lines."""
    ordered = sorted(versions, key=lambda version: version.position)
    lines: dict[Conditions, list[float]] = defaultdict(list)
    for version in ordered:
        for conditions, row in numbers.by_version[version.pk].items():
            if row[VALUE] is not None:
                lines[conditions].append(row[VALUE])
    several = [conditions for conditions, values in lines.items() if len(values) > 1 and conditions != but]
    importance = {slug: metric.importance for slug, metric in numbers.metrics.items()}
    found = []
    for conditions in nsmallest(
        MULTIPLES, several, key=lambda c: (c.slice != "", -importance[c.metric], -len(lines[c]), c)
    ):
        metric = numbers.metrics[conditions.metric]
        where = (numbers.datasets[conditions.dataset], conditions.split, conditions.slice)
        latest = f"{lines[conditions][-1]:.{metric.precision}f} {metric.unit}".strip()
        found.append(
            Multiple(metric.name, ", ".join(part for part in where if part), tuple(lines[conditions]), latest)
        )
    return tuple(found)


def evaluation_table(numbers: Measured, version: ModelVersion) -> EvaluationTable | None:
    """The measurements worth showing first, on the most important metrics; None when there are none. One query."""
    column = numbers.by_version[version.pk]
    if not column:
        return None
    slugs = sorted(
        {conditions.metric for conditions in column},
        key=lambda slug: (-numbers.metrics[slug].importance, numbers.metrics[slug].name),
    )
    # Metrics measured under the conditions of the first one share its table; the rest is a click away.
    first = slugs[0]
    where = {conditions[1:] for conditions in column if conditions.metric == first}
    together = {conditions.metric for conditions in column if conditions[1:] in where}
    metrics = [slug for slug in slugs if slug in together][:TABLE_METRICS]
    counts = Counter(conditions.dataset for conditions in column)
    ordered = sorted(
        where,
        key=lambda w: (-counts[w[0]], w[0] == "", w[1] == "", numbers.datasets[w[0]].casefold(), w[2], w[1]),
    )
    shown = [
        (where, [column.get(Conditions(slug, *where)) for slug in metrics]) for where in ordered[:TABLE_ROWS]
    ]
    newest = Measurement(*next(iter(column.values())))
    wanted = [Measurement(*row).pk for _, found in shown for row in found if row]
    written = MetricValue.objects.select_related("evaluation__source").in_bulk([newest.pk, *wanted])
    rows = []
    for (dataset, split, slice_), found in shown:
        known = [Measurement(*row) if row else None for row in found]
        # One that was removed since it was read is shown no more.
        cells = tuple(
            (number, written[number.pk]) if number and number.pk in written else None for number in known
        )
        assumed = any(number is not None and number.split_is_assumed for number in known)
        rows.append(TableRow(numbers.datasets[dataset], dataset, split, assumed, slice_, cells))
    source = written[newest.pk].evaluation.source if newest.pk in written else None
    return EvaluationTable(
        metrics=tuple(numbers.metrics[slug] for slug in metrics),
        rows=tuple(rows),
        total=len(column),
        source=source.name if source else "",
        source_url=source.url if source else "",
    )


def links_of(model: RegisteredModel, version: ModelVersion | None) -> tuple[Link, ...]:
    rows = Link.objects.filter(model=model)
    return tuple(link for link in rows if link.version_id in (None, version.pk if version else None))


def parameters_of(version: ModelVersion | None) -> tuple[tuple[str, str], ...]:
    if version is None:
        return ()
    return tuple((row.name, plain(row.value)) for row in Parameter.objects.filter(version=version))


def _attributes(model: RegisteredModel, trusted: bool) -> tuple[AttributeValue, ...]:
    rows = AttributeValue.objects.filter(model=model, version=None).select_related("definition", "user")
    if not trusted:
        rows = rows.filter(definition__is_sensitive=False)
    return tuple(rows.order_by("definition__position", "definition__name"))


def feed_of(model: RegisteredModel, limit: int = FEED) -> tuple[Activity, ...]:
    """The latest activities of a model. One query."""
    rows = Activity.objects.filter(model=model).select_related("actor", "version", "model__project")
    return tuple(rows[:limit])
