"""What the API reads: rows as plain data, a page of them in a constant number of queries."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db.models import Count, QuerySet

from access.viewer import Viewer
from catalog.access import can_read_sensitive, visible_models, visible_projects
from catalog.facts import version_facts
from catalog.models import (
    Activity,
    AttributeValue,
    Classification,
    Link,
    ModelTag,
    ModelVersion,
    Ownership,
    Project,
    RegisteredModel,
    VersionAlias,
)
from catalog.selectors.facts import Fact, facts_of
from catalog.selectors.leading import in_leading_order
from core.errors import NotVisible

Plain = dict[str, Any]


def projects(viewer: Viewer) -> QuerySet[Project]:
    """Projects the viewer sees, with what `project_data` needs."""
    return visible_projects(viewer).select_related("domain", "team", "source")


def project_data(rows: Sequence[Project]) -> list[Plain]:
    """Projects as plain data. One query, for the numbers of models."""
    counts = dict(
        RegisteredModel.objects.filter(project__in=rows)
        .values("project_id")
        .annotate(n=Count("pk"))
        .values_list("project_id", "n")
        .order_by()
    )
    return [
        {
            "slug": row.slug,
            "name": row.name,
            "url": row.get_absolute_url(),
            "description": row.description,
            "purpose": row.purpose,
            "business_goal": row.business_goal,
            "domain": row.domain.slug if row.domain else None,
            "region": row.region,
            "visibility": row.visibility,
            "starts_on": row.starts_on,
            "ends_on": row.ends_on,
            "team": row.team.slug if row.team else None,
            "source": row.source.slug if row.source else None,
            "namespace": row.namespace,
            "homepage": row.url,
            "models": counts.get(row.pk, 0),
            "created_at": row.created_at,
            "updated_at": row.updated_at,
        }
        for row in rows
    ]


def models(viewer: Viewer) -> QuerySet[RegisteredModel]:
    """Models the viewer sees, with what `model_data` needs."""
    return visible_models(viewer).select_related("source")


def model_data(rows: Sequence[RegisteredModel]) -> list[Plain]:
    """Models as the lines of a list. Two queries: leading versions, and the numbers of versions."""
    versions = ModelVersion.objects.filter(model__in=rows)
    leading = dict(in_leading_order(versions).distinct("model_id").values_list("model_id", "label"))
    counts = dict(versions.values("model_id").annotate(n=Count("pk")).values_list("model_id", "n").order_by())
    return [
        {
            "id": row.pk,
            "urn": row.urn,
            "ref": row.ref,
            "url": row.get_absolute_url(),
            "project": row.project.slug,
            "slug": row.slug,
            "name": row.name,
            "summary": row.summary,
            "status": row.status,
            "external_id": row.external_id,
            "source": row.source.slug if row.source else None,
            "leading_version": leading.get(row.pk),
            "versions": counts.get(row.pk, 0),
            "revision": row.revision,
            "created_at": row.created_at,
            "updated_at": row.updated_at,
        }
        for row in rows
    ]


def model_detail(viewer: Viewer, model: RegisteredModel) -> Plain:
    """All that is known of a model as a whole. Sixteen queries at most."""
    leading = in_leading_order(model.versions.all()).first()
    if leading is not None:
        leading.model = model
    aliases = VersionAlias.objects.filter(model=model).values_list("name", "version__label")
    tags = ModelTag.objects.filter(model=model).order_by("tag__name").values_list("tag__slug", flat=True)
    return {
        **model_data([model])[0],
        "description": model.description,
        "purpose": model.purpose,
        "business_goal": model.business_goal,
        "intended_use": model.intended_use,
        "unintended_use": model.unintended_use,
        "starts_on": model.starts_on,
        "retires_on": model.retires_on,
        "observed_at": model.observed_at,
        "facts": [_fact(fact) for fact in facts_of([(model, leading)])[0].values() if fact.is_recorded],
        "aliases": dict(aliases),
        "owners": owners_data(model),
        "attributes": attributes_data(viewer, model),
        "tags": list(tags),
        "links": [_link(link) for link in Link.objects.filter(model=model, version=None)],
    }


def _fact(fact: Fact) -> Plain:
    origin = fact.origin
    return {
        "key": fact.key,
        "label": fact.label,
        "kind": fact.kind,
        "number": fact.number,
        "values": [{"text": value.text, "words": value.words} for value in fact.values],
        "origin": {"name": origin.name, "url": origin.url, "at": origin.read_at, "by": origin.by},
    }


def _link(link: Link) -> Plain:
    return {"kind": link.kind, "url": link.url, "title": link.title}


def find_version(viewer: Viewer, model: RegisteredModel, label: str) -> ModelVersion:
    """The version of that label. One query.

    Raises:
        NotVisible: there is none.
    """
    version = model.versions.select_related("source").filter(label=label).first()
    if version is None:
        raise NotVisible
    version.model = model
    return version


def version_data(model: RegisteredModel, rows: Sequence[ModelVersion]) -> list[Plain]:
    """Versions as the lines of a list. One query, for aliases."""
    aliases: dict[int, list[str]] = defaultdict(list)
    for version_id, name in VersionAlias.objects.filter(version__in=rows).values_list("version_id", "name"):
        aliases[version_id].append(name)
    columns = [fact.column for fact in version_facts() if fact.in_lists]
    found = []
    for row in rows:
        row.model = model
        found.append(
            {
                "urn": row.urn,
                "ref": row.ref,
                "url": row.get_absolute_url(),
                "label": row.label,
                "position": row.position,
                "stage": row.stage,
                "aliases": aliases[row.pk],
                "name": row.name,
                **{column: getattr(row, column) for column in columns},
                "external_id": row.external_id,
                "created_at": row.created_at,
                "updated_at": row.updated_at,
            }
        )
    return found


def version_detail(version: ModelVersion) -> Plain:
    """All that a version is made of, without its evaluations. Nine queries. Its source is at hand."""
    terms: dict[str, list[Plain]] = defaultdict(list)
    for row in Classification.objects.filter(version=version).select_related("term__taxonomy").order_by("id"):
        terms[row.term.taxonomy.slug].append(
            {"term": row.term.slug, "name": row.term.name, "words": row.words}
        )
    ports = list(version.ports.all())
    return {
        **version_data(version.model, [version])[0],
        "notes": version.notes,
        "description": version.description,
        **{fact.column: getattr(version, fact.column) for fact in version_facts() if not fact.in_lists},
        "source": version.source.slug if version.source else None,
        "observed_at": version.observed_at,
        "parameters": {row.name: row.value for row in version.parameters.all()},
        "packages": [{"name": row.name, "specifier": row.specifier} for row in version.packages.all()],
        "artifacts": [
            {
                "kind": row.kind,
                "uri": row.uri,
                "format": row.format,
                "size_bytes": row.size_bytes,
                "digest": row.digest,
            }
            for row in version.artifacts.all()
        ],
        "inputs": [_port(port) for port in ports if port.direction == "input"],
        "outputs": [_port(port) for port in ports if port.direction == "output"],
        "training_data": [
            {"dataset": row.dataset.slug, "name": row.dataset.name, "words": row.words}
            for row in version.training_data.select_related("dataset").order_by("id")
        ],
        "terms": dict(terms),
        "links": [_link(link) for link in version.links.all()],
        "papers": [{"title": row.title, "url": row.url} for row in version.papers.all()],
    }


def _port(port: Any) -> Plain:
    return {"name": port.name, "type": port.type, "shape": port.shape}


def owners_data(model: RegisteredModel) -> list[Plain]:
    """Who answers for the model. One query."""
    return [
        {
            "id": row.pk,
            "kind": row.kind,
            "user": {"username": row.user.username, "name": row.user.name} if row.user else None,
            "team": {"slug": row.team.slug, "name": row.team.name} if row.team else None,
        }
        for row in Ownership.objects.filter(model=model).select_related("user", "team")
    ]


def attributes_data(viewer: Viewer, model: RegisteredModel) -> list[Plain]:
    """The organisation's fields on the model and its versions; sensitive ones for those who may edit. Two queries."""
    rows = AttributeValue.objects.filter(model=model).select_related("definition", "user", "version")
    if not can_read_sensitive(viewer, model):
        rows = rows.filter(definition__is_sensitive=False)
    return [
        {
            "attribute": row.definition.slug,
            "name": row.definition.name,
            "type": row.type,
            "unit": row.definition.unit,
            "is_sensitive": row.definition.is_sensitive,
            "version": row.version.label if row.version else None,
            "value": row.user.username if row.user else row.value,
        }
        for row in rows.order_by("definition__position", "definition__name", "id")
    ]


def classifications_data(model: RegisteredModel) -> list[Plain]:
    """Terms on the model as a whole (`version` null) and on its versions. One query."""
    rows = Classification.objects.filter(model=model).select_related("term__taxonomy", "version")
    return [
        {
            "taxonomy": row.term.taxonomy.slug,
            "term": row.term.slug,
            "name": row.term.name,
            "words": row.words,
            "version": row.version.label if row.version else None,
        }
        for row in rows.order_by(
            "term__taxonomy__position", "term__taxonomy__name", "version__position", "id"
        )
    ]


def activity_rows(model: RegisteredModel) -> QuerySet[Activity]:
    """What people did to the model."""
    return Activity.objects.filter(model=model).select_related("actor", "version")


def activity_data(rows: Sequence[Activity]) -> list[Plain]:
    """Activities as plain data. No query on rows of `activity_rows`."""
    return [
        {
            "id": row.pk,
            "verb": row.verb,
            "actor": row.actor.username if row.actor else None,
            "version": row.version.label if row.version else None,
            "at": row.at,
            "detail": {key: value for key, value in row.detail.items() if key != "once"},
        }
        for row in rows
    ]
