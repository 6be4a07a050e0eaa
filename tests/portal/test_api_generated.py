"""Every operation of the API, driven by what its own OpenAPI document allows and forbids.

Whatever is sent: no error of ours, answers as the document describes them, and refusals that name the place.
VITRINE_EXAMPLES makes a run longer, and lets chance choose anew; otherwise each run sends the same.
"""

import os
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, CheckContext, GenerationMode, Response
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.schemas import APIOperation, BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts.models import ApiToken
from accounts.tokens import create_token
from alerts.models import Alert, Delivery, Endpoint, Rule, Silence
from catalog.models import AttributeDefinition, Ownership, VersionAlias
from config.wsgi import application
from evaluations.models import Statistic
from search import service
from search.engine.client import alias, client
from search.indexing import reindex
from search.models import Job
from social.models import Comment
from tests.filling import Shelf
from tests.makers import make_person

GIVEN = os.environ.get("VITRINE_EXAMPLES", "")
EXAMPLES = int(GIVEN or "20")
QUIET = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=not GIVEN,
    phases=[Phase.generate] if not GIVEN else [Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)

Known = dict[str, Any]


def refusals_name_the_place(context: CheckContext, response: Response, case: Case) -> None:
    """A problem document for every refusal, with the field or parameter at fault, or else the words in question."""
    if response.status_code < 400:
        return
    assert response.headers["content-type"] == ["application/problem+json"], response.text
    told = response.json()
    assert told["status"] == response.status_code
    assert told["detail"]
    if response.status_code in (400, 422):
        places = told.get("errors", [])
        # A field may be called "", and then is told as that.
        assert all({"field", "message"} <= place.keys() and place["message"] for place in places), told
        is_quoted = any(word in told["detail"] for word in ("JSON", "body", "“"))
        assert places or is_quoted, f"It names no place: {told}"


CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
    negative_data_rejection,
    refusals_name_the_place,
]


@pytest.fixture
def document(db: None, monkeypatch: pytest.MonkeyPatch) -> BaseSchema:
    """As the site itself tells it; a request leaves the connection of the test open, as with Django's own client."""
    monkeypatch.setattr(BaseDatabaseWrapper, "close_if_unusable_or_obsolete", lambda connection: None)
    # An address may be looked at for its revision (412) before its body is.
    refused = ["400", "401", "403", "404", "405", "409", "412", "413", "415", "422"]
    config = {"checks": {"negative_data_rejection": {"expected-statuses": refused}}}
    return schemathesis.openapi.from_wsgi(
        "/api/schema?format=json", application, config=SchemathesisConfig.from_dict(config)
    )


@pytest.fixture
def known(shelf: Callable[..., Shelf]) -> Known:
    """Names in addresses and bodies that stand for something; the administrator's secret among them."""
    held = shelf()
    root = make_person("root", is_superuser=True, is_staff=True)
    version = held.model.versions.order_by("-position")[0]
    token, secret = create_token(user=root, name="tests", scope=ApiToken.Scope.WRITE)
    term = held.model.classifications.filter(term__taxonomy__slug="task")[0].term
    alias = VersionAlias.objects.create(model=held.model, version=version, name="champion")
    AttributeDefinition.objects.create(slug="risk", name="Risk", type="number")
    return {
        "secret": secret,
        "project": held.project.slug,
        "model": held.model.slug,
        "label": version.label,
        "version": version.label,
        "name": alias.name,
        "attribute": "risk",
        "taxonomy": "task",
        "term": term.slug,
        "parent": term.slug,
        "into": term.slug,
        "tag": held.model.model_tags.all()[0].tag.slug,
        "comment": Comment.objects.filter(model=held.model).order_by("pk")[0].pk,
        "owner": Ownership.objects.create(model=held.model, kind="contact", user=root).pk,
        "token": token.pk,
        "statistic": Statistic.objects.filter(evaluation__version=version).order_by("pk")[0].pk,
        "job": Job.objects.create(kind="check", state="done", alive_until="2026-01-01T00:00Z").pk,
        "username": held.person.username,
        "user": held.person.username,
        "team": held.team.slug,
        "slug": held.team.slug,
        "confirmation": held.model.slug,
        **watched(held),
    }


def watched(held: Shelf) -> Known:
    """A rule that has fired, its alert, a silence, a webhook and a message to it."""
    rule = Rule.objects.create(
        name="r", kind="staleness", measure="version", op="above", threshold=1, model=held.model
    )
    alert = Alert.objects.create(rule=rule, model=held.model, state="firing", parts=[""])
    until = timezone.now() + timedelta(days=1)
    endpoint = Endpoint.objects.create(name="w", url="https://example.org/")
    sent = Delivery.objects.create(endpoint=endpoint, message_id="msg_1", type="alert.test", body="{}")
    return {
        "rule": rule.pk,
        "alert": alert.pk,
        "silence": Silence.objects.create(rule=rule, reason="x", until=until).pk,
        "webhook": endpoint.pk,
        "delivery": sent.pk,
    }


@pytest.fixture
def engine(known: Known, settings: Any, opensearch_url: str) -> Iterator[str]:
    """A real OpenSearch with an index of this test's own, which holds what is known."""
    settings.OPENSEARCH_URL = opensearch_url
    settings.OPENSEARCH_ALIAS = f"generated-{uuid.uuid4().hex[:10]}"
    reindex.rebuild()
    yield opensearch_url
    client().indices.delete(index=f"{alias()}-*", ignore_unavailable=True)


def cases(operation: APIOperation, known: Known) -> st.SearchStrategy[tuple[Case, bool]]:
    """Requests that the document allows, half of them with words that stand for something, and some that it forbids."""
    names = {one.name for one in operation.path_parameters}
    there = {name: known[name] for name in names}
    found = [
        st.tuples(operation.as_strategy(path_parameters=there), st.booleans()),
        st.tuples(operation.as_strategy(), st.just(False)),
    ]
    if operation.body or operation.query or names:
        wrong = operation.as_strategy(
            GenerationMode.NEGATIVE, path_parameters=there if operation.body else None
        )
        found.append(st.tuples(wrong, st.just(False)))
    return st.one_of(found)


def drive(schema: BaseSchema, known: Known, who: str, subtests: pytest.Subtests) -> None:
    """Send to each operation what its description allows and forbids; nothing stays written."""
    headers = {"Authorization": f"Bearer {known['secret']}"} if who == "administrator" else {}
    for found in schema.get_all_operations():
        operation = found.ok()

        @QUIET
        @given(cases(operation, known))
        def send(drawn: tuple[Case, bool]) -> None:
            case, is_known = drawn
            if is_known:
                for part in (case.body, case.query):
                    if isinstance(part, dict):
                        part.update({name: known[name] for name in part.keys() & known.keys()})
            with transaction.atomic():
                case.call_and_validate(headers=headers, checks=CHECKS)
                transaction.set_rollback(True)

        with subtests.test(operation=operation.label):
            send()


@pytest.mark.timeout(7200)
@pytest.mark.parametrize("who", ["administrator", "visitor"])
def test_every_operation_keeps_what_it_promises(
    document: BaseSchema, known: Known, who: str, subtests: pytest.Subtests
) -> None:
    drive(document, known, who, subtests)


@pytest.mark.timeout(7200)
def test_search_keeps_it_with_an_engine_too(
    document: BaseSchema, known: Known, engine: str, subtests: pytest.Subtests
) -> None:
    drive(document.include(path_regex="/(search|suggest|similar)$"), known, "visitor", subtests)
    assert not service.breaker.is_open, "the engine answered, whatever it was asked"
