"""A model with something in every one of its places, and every address at which it may be read."""

from dataclasses import dataclass

from accounts.models import Team, User
from accounts.tokens import create_token
from catalog.models import (
    Activity,
    Artifact,
    AttributeDefinition,
    AttributeValue,
    Classification,
    FactOrigin,
    Link,
    ModelTag,
    ModelVersion,
    Ownership,
    Package,
    Paper,
    Parameter,
    Project,
    RegisteredModel,
    SignaturePort,
    Tag,
    TrainingData,
    VersionAlias,
)
from evaluations.models import (
    DriftPoint,
    Evaluation,
    MetricValue,
    Series,
    SeriesPoint,
    Statistic,
)
from social.models import Bookmark, Comment, Follow, Notification, Rating
from tests.makers import make_person, make_team, numbers
from vocabulary.models import (
    Dataset,
    Metric,
    Source,
    Taxonomy,
    Term,
    TermAlias,
)

VERBS = ("edited", "set-alias", "set-owner", "set-stage", "tagged", "rated", "commented", "added-version")


def measure(
    version: ModelVersion,
    metric: str,
    value: float,
    *,
    dataset: str = "",
    split: str = "",
    slice: str = "",
    **known,
) -> MetricValue:
    """A number of a version; `known` describes a metric met for the first time."""
    definition, _ = Metric.objects.get_or_create(slug=metric, defaults={"name": metric.title()} | known)
    data = (
        Dataset.objects.get_or_create(slug=dataset, defaults={"name": dataset.title()})[0]
        if dataset
        else None
    )
    evaluation, _ = Evaluation.objects.get_or_create(version=version, dataset=data, split=split, slice=slice)
    occurrence = evaluation.values.filter(metric=definition).count() + 1
    return MetricValue.objects.create(
        evaluation=evaluation,
        metric=definition,
        value=value,
        words=metric,
        raw_value=value,
        occurrence=occurrence,
    )


def make_term(taxonomy: str, slug: str, *, name: str = "", parent: Term | None = None, **fields) -> Term:
    tree, _ = Taxonomy.objects.get_or_create(slug=taxonomy, defaults={"name": taxonomy.title()})
    words = {"name": name or slug.replace("-", " ").capitalize(), "parent": parent, **fields}
    return Term.objects.get_or_create(taxonomy=tree, slug=slug, defaults=words)[0]


def put_tag(model: RegisteredModel, slug: str, *, name: str = "", by: User | None = None) -> Tag:
    tag, _ = Tag.objects.get_or_create(slug=slug, defaults={"name": name or slug})
    ModelTag.objects.create(model=model, tag=tag, added_by=by)
    return tag


def fill(
    model: RegisteredModel, times: int = 1, *, words: str = "Words", address: str = "https://example.org/a"
) -> None:
    """`times` rows more in every place of a model, each text with `words` in it, each link to `address`."""
    source = Source.objects.create(slug=f"source-{next(numbers)}", name=f"{words} source", url=address)
    described = {name: f"{words} {name}" for name in ("summary", "description", "purpose", "business_goal")}
    described |= {name: f"{words} {name}" for name in ("intended_use", "unintended_use")}
    RegisteredModel.objects.filter(pk=model.pk).update(source=source, **described)
    for _ in range(times):
        number = next(numbers)
        version = _version(model, number, words, source)
        _structure(version, number, words, address)
        _numbers(version, times, words, source)
        _belonging(model, version, number, words, address)
        _talk(model, version, words)


def _version(model: RegisteredModel, number: int, words: str, source: Source) -> ModelVersion:
    position = model.versions.count() + 1
    version = ModelVersion.objects.create(
        model=model,
        label=f"v{number}",
        position=position,
        stage="staging",
        name=f"{words} full name",
        notes=f"{words} notes",
        architecture=f"{words} architecture",
        hardware=f"{words} hardware",
        base_model=f"{words} base",
        parameter_count=number * 1000,
        flops=number,
        size_bytes=number,
        released_on="2024-01-02",
        source=source,
        observed_at="2024-01-03T00:00Z",
    )
    VersionAlias.objects.create(model=model, version=version, name=f"alias-{number}")
    return version


def _structure(version: ModelVersion, number: int, words: str, address: str) -> None:
    Parameter.objects.create(version=version, name=f"{words} parameter {number}", value=[words, True, number])
    Package.objects.create(version=version, name=f"{words} package {number}", specifier=words)
    Artifact.objects.create(
        version=version, uri=address, kind=f"kind-{number}", format=words, size_bytes=5, digest=words
    )
    for direction in ("input", "output"):
        SignaturePort.objects.create(
            version=version, direction=direction, position=1, name=words, type=words, shape=[None, 3]
        )
    dataset, _ = Dataset.objects.get_or_create(
        slug=f"training-{number}", defaults={"name": f"{words} {number}"}
    )
    TrainingData.objects.create(version=version, dataset=dataset, words=f"{words} as said")
    for whose in (version, None):
        Link.objects.create(
            model=version.model, version=whose, kind=f"kind-{number}", url=address, title=f"{words} title"
        )
    Paper.objects.create(title=f"{words} paper {number}", url=address).versions.add(version)


def _numbers(version: ModelVersion, times: int, words: str, source: Source) -> None:
    metrics = []
    for place in range(times):
        defaults = {
            "name": f"{words} metric {place}",
            "description": words,
            "unit": words[:20],
            "direction": "higher",
        }
        metrics.append(
            Metric.objects.get_or_create(slug=f"{_slug(words)}metric-{place}", defaults=defaults)[0]
        )
    dataset, _ = Dataset.objects.get_or_create(
        slug=f"{_slug(words)}set", defaults={"name": f"{words} data set"}
    )
    _statistics(version, dataset, times, words, source)
    for slice_ in (f"{words} slice", f"{words} slice of {version.label}"):
        evaluation = Evaluation.objects.create(
            version=version, dataset=dataset, split=f"{words} split", slice=slice_, source=source
        )
        MetricValue.objects.bulk_create(
            MetricValue(
                evaluation=evaluation,
                metric=metric,
                value=version.position + place,
                words=words,
                raw_value=1.5,
                raw_unit=words[:20],
            )
            for place, metric in enumerate(metrics)
        )


def _statistics(version: ModelVersion, dataset: Dataset, times: int, words: str, source: Source) -> None:
    conditions = {"dataset": dataset, "split": f"{words} split", "source": source}
    evaluation = Evaluation.objects.create(version=version, slice=f"{words} statistics", **conditions)
    curve = {"false_positive_rate": [0, 0.5, 1], "true_positive_rate": [0, 0.7, 1]}
    counts = {"true_positive": 1, "false_positive": 2, "false_negative": 3, "true_negative": 4}
    bodies = {
        "confusion_matrix": {"labels": [words, "b"], "matrix": [[2, 1], [1, 2]]},
        "roc": curve,
        "importance": {"features": [words, "b"], "values": [1, 2], "classes": {words: [1, 2]}},
        "fairness": {
            "attribute": words,
            "outcome": words,
            "groups": [{"group": g, **counts} for g in (words, "b")],
        },
    }
    Statistic.objects.bulk_create(
        Statistic(
            evaluation=evaluation,
            kind=kind,
            name=f"{words} {place}",
            body=body,
            digest="x",
            size=2,
            value=0.5,
        )
        for place in range(times)
        for kind, body in bodies.items()
    )
    for place in range(times):
        day = f"2026-03-01T{place % 24:02}:00Z"
        DriftPoint.objects.create(
            version=version, feature=f"{words} {place}", measure="psi", at=day, value=0.3
        )
        series = Series.objects.create(version=version, name=f"{words} {place}/loss")
        SeriesPoint.objects.bulk_create(
            SeriesPoint(series=series, step=step, value=1) for step in range(times)
        )


def _belonging(model: RegisteredModel, version: ModelVersion, number: int, words: str, address: str) -> None:
    person = make_person(name=f"{words} Person")
    for taxonomy in ("task", "license"):
        parent = make_term(taxonomy, f"{_slug(words)}parent", name=f"{words} parent")
        term = make_term(
            taxonomy, f"term-{number}", name=f"{words} term", parent=parent, description=words, url=address
        )
        TermAlias.objects.create(
            taxonomy=term.taxonomy, term=term, words=f"{words} alias", folded=f"alias {number}"
        )
        for whose in (version, None) if taxonomy == "task" else (version,):
            Classification.objects.create(model=model, version=whose, term=term, words=f"{words} said")
    put_tag(model, f"tag-{number}", name=f"{words} tag", by=person)
    for kind in ("owner", "steward"):
        Ownership.objects.create(model=model, kind=kind, user=person)
    Ownership.objects.create(model=model, kind="contact", team=make_team(f"{words} team {number}", person))
    for kind, value in (("text", {"text": words}), ("url", {"text": address}), ("user", {"user": person})):
        definition = AttributeDefinition.objects.create(
            slug=f"{kind}-{number}",
            name=f"{words} {kind} {number}",
            type=kind,
            description=words,
            unit=words[:20],
        )
        AttributeValue.objects.create(definition=definition, type=kind, model=model, **value)
    FactOrigin.objects.create(model=model, version=version, field="parameter_count", user=person, words=words)
    for verb in VERBS:
        detail = {
            "fields": [words],
            "alias": words,
            "label": words,
            "who": words,
            "kind": words,
            "tag": words,
        }
        detail |= {"stage": words, "stars": words}
        Activity.objects.create(
            actor=person, verb=verb, project=model.project, model=model, version=version, detail=detail
        )


def _talk(model: RegisteredModel, version: ModelVersion, words: str) -> None:
    person = make_person(name=f"{words} Talker")
    root = Comment.objects.create(
        model=model, author=person, version=version, body=f"@{person.username} {words}"
    )
    Comment.objects.create(model=model, parent=root, author=make_person(name=words), body=f"{words} answer")
    Rating.objects.create(model=model, author=person, stars=4, review=f"{words} review")
    Follow.objects.create(model=model, user=person)


def _slug(words: str) -> str:
    return "".join(letter for letter in words.lower() if letter.isalnum())[:20]


@dataclass
class Shelf:
    """A project with models, and a person whose own pages tell of them."""

    project: Project
    team: Team
    person: User
    model: RegisteredModel
    other: RegisteredModel

    @property
    def addresses(self) -> dict[str, str]:
        """Every page a reader may open, by a name for it. The shelf must hold something."""
        model, version = self.model, self.model.versions.get(position=2)
        there, tag = model.get_absolute_url(), model.model_tags.order_by("pk")[0].tag
        term = model.classifications.filter(term__taxonomy__slug="task").order_by("pk")[0].term
        comment = model.comments.order_by("pk")[0]
        return {
            "home": "/",
            "search": "/search?q=model",
            "project list": "/p/",
            "project": self.project.get_absolute_url(),
            "model": there,
            "versions": f"{there}/versions",
            "evaluations": f"{there}/evaluations",
            "history": f"{there}/history",
            "discussion": f"{there}/discussion",
            "thread": f"{there}/comments/{comment.pk}",
            "reviews": f"{there}/reviews",
            "version": version.get_absolute_url(),
            "statistics": f"{version.get_absolute_url()}/statistics",
            "compare statistics": f"/compare/statistics?model={version.ref}&model={self.other.ref}",
            "compare": f"/compare?model={model.ref}&model={self.other.ref}&show=all",
            "compare start": "/compare",
            "tag": tag.get_absolute_url(),
            "term": term.get_absolute_url(),
            "broader term": term.parent.get_absolute_url(),
            "people": "/people/",
            "person": self.person.get_absolute_url(),
            "teams": "/teams/",
            "team": self.team.get_absolute_url(),
            "dashboard": "/dashboard",
            "dashboard of a project": f"/dashboard/projects/{self.project.slug}",
            "dashboard of a team": f"/dashboard/teams/{self.team.slug}",
        }

    def grow(self, times: int, *, words: str = "Words", address: str = "https://example.org/a") -> None:
        """`times` rows more of everything: in the model and the other one, and in what the person keeps."""
        for model in (self.model, self.other):
            fill(model, times, words=words, address=address)
        for _ in range(times):
            number = next(numbers)
            project = Project.objects.create(
                slug=f"more-{number}", name=f"{words} project {number}", visibility="public", team=self.team
            )
            model = RegisteredModel.objects.create(
                project=project,
                slug=f"more-{number}",
                name=f"{words} model {number}",
                summary=f"{words} summary",
            )
            beside = RegisteredModel.objects.create(
                project=self.project, slug=f"beside-{number}", name=f"{words} model beside {number}"
            )
            for made in (model, beside):
                ModelVersion.objects.create(model=made, label="1", position=1, stage="production")
                self._keep(made, words)
            make_team(f"{words} crew {number}", self.person)
            self.team.memberships.create(user=make_person(name=f"{words} Member"))
            create_token(user=self.person, name=f"{words} token {number}"[:80], scope="read")

    def _keep(self, model: RegisteredModel, words: str) -> None:
        for tag in Tag.objects.filter(model_tags__model=self.model):
            ModelTag.objects.get_or_create(model=model, tag=tag)
        for row in self.model.classifications.filter(version=None):
            Classification.objects.get_or_create(model=model, term=row.term)
        Ownership.objects.create(model=model, kind="owner", user=self.person)
        Ownership.objects.create(model=model, kind="owner", team=self.team)
        Bookmark.objects.create(model=model, user=self.person, note=f"{words} note")
        Follow.objects.create(model=model, user=self.person)
        comment = Comment.objects.create(model=model, author=make_person(name=f"{words} Asker"), body=words)
        Notification.objects.create(
            recipient=self.person, actor=comment.author, kind="mention", model=model, comment=comment
        )
        Activity.objects.create(
            actor=self.person, verb="commented", project=model.project, model=model, detail={}
        )


OWN_PAGES = ("/me", "/me/tokens", "/me/bookmarks", "/me/notifications", "/alerts", "/alerts/rules")
