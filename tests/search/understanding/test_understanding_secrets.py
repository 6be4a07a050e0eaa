"""Understanding tells no secret: a word that only hidden models have is answered like one that does not exist."""

import codecs
import html
import re
from typing import Any
from urllib.parse import unquote_plus

import pytest

from catalog.models import Ownership
from search.indexing import outbox
from search.query.lexicon import forget
from search.web.presentation import chips
from tests.makers import make_person
from tests.search.conftest import measure, names
from tests.search.understanding.conftest import api, told
from vocabulary.folding import fold
from vocabulary.models import (
    Metric,
    MetricAlias,
    Term,
    TermAlias,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def hidden(model) -> Any:
    """Words of the vocabulary that stand on a restricted model only, each with another name."""
    open_one = model("opened", task="object-detection", license="mit", parameters=1_000_000)
    made = model(
        "covert",
        visibility="restricted",
        task="secret-spotting",
        license="secret-license",
        architecture="secretnet",
        language="secretish",
        tags=["secrettag"],
        parameters=1_000_000,
    )
    Ownership.objects.create(model=made, kind="owner", user=make_person("secretowner", name="Secret Owner"))
    measure(made, "secret-score", 90, dataset="secretset")
    measure(open_one, "accuracy", 90, dataset="openset")
    Metric.objects.filter(slug="secret-score").update(name="Secret Score", unit="%")
    for slug in ("secret-spotting", "secretish"):
        term = Term.objects.get(slug=slug)
        alias = f"alias {slug}"
        TermAlias.objects.create(taxonomy=term.taxonomy, term=term, words=alias, folded=fold(alias))
    MetricAlias.objects.create(
        metric=Metric.objects.get(slug="secret-score"), words="aliasscore", folded="aliasscore"
    )
    outbox.drain_all()
    forget()
    return made


SECRETS = (
    "secret-spotting", "alias secret-spotting", "Secret spotting", "secret-license", "secretnet", "secretish",
    "secrettag", "secretowner", "secretset", "secret-score", "Secret Score", "aliasscore",
)  # fmt: skip


def unknown(word: str) -> str:
    """A word of the same shape that nobody knows."""
    return codecs.encode(word, "rot13")


FORMS = {
    "{0}": SECRETS,
    "opened {0}": SECRETS,
    "object detection {0}": SECRETS,
    "{0} under 5M": SECRETS,
    "{0} license mit": SECRETS,
    "trained on {0}": ("secretset",),
    "object detection {0} above 50": ("secret-score", "Secret Score", "aliasscore"),
    "opened accuracy above 50 on {0}": ("secretset",),
    "opened {0} architecture": ("secretnet",),
    '-task:"{0}"': ("secret-spotting", "alias secret-spotting", "Secret spotting"),
    'opened OR task:"{0}"': ("secret-spotting", "alias secret-spotting", "Secret spotting"),
    'task:"{0}"': ("secret-spotting", "alias secret-spotting"),
    "-tag:{0}": ("secrettag",),
    "-owner:{0}": ("secretowner",),
    "-dataset:{0}": ("secretset",),
    '-"{0}">0.5': ("secret-score", "Secret Score", "aliasscore"),
    '"{0}"@secretset>0.5': ("secret-score", "Secret Score", "aliasscore"),
    "-accuracy@{0}>5": ("secretset",),
    "{0}:x": tuple(one for one in SECRETS if " " not in one),
    "task:({0}": SECRETS,
}


VOLATILE = re.compile(r'"(?:took_ms|request_id)": ?[^,}]+|\b\w{64}\b')


def seen_of(client: Any, address: str, parameters: dict[str, str], word: str) -> str:
    """All that an answer says, with the typed word's own letters taken out in each of the ways it may be written."""
    text = html.unescape(client.get(address, parameters).content.decode())
    text = unquote_plus(unquote_plus(text))  # the address to come back to after signing in is quoted twice
    for spelling in (word, word.lower(), word.lower().replace(" ", "-"), word.lower().replace("-", " ")):
        text = text.replace(spelling, "WORD")
    return VOLATILE.sub("", text)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("literal", [False, True])
def test_a_word_that_only_hidden_models_have_is_answered_like_one_that_does_not_exist(
    client, hidden, form, literal
):
    for word in FORMS[form]:
        for address in ("/api/v1/search", "/search"):
            answers = []
            for one in (word, unknown(word)):
                parameters = {"q": form.format(one), **({"read": "words"} if literal else {})}
                answers.append(seen_of(client, address, parameters, one))
            assert answers[0] == answers[1], (word, address)


def test_those_who_see_the_model_have_its_words_understood(hidden):
    boss = make_person(is_superuser=True)
    (chip,) = chips(told("secret spotting", boss))
    assert chip["label"] == "task: Secret spotting"
    assert names(told("alias secret-spotting", boss)) == ["covert"]
    assert told("secret-score>0.5", boss).query.q == "secret-score>50"
    assert told("secret-score>0.5").query.q == "secret-score>0.5"


def test_of_a_family_of_data_sets_only_those_that_are_seen_are_named(client, model):
    for name, visibility in (("a", "public"), ("b", "restricted")):
        measure(model(name, visibility=visibility), "accuracy", 90, dataset=f"squad-{name}")
    outbox.drain_all()
    forget()
    understood = api(client, "evaluated on squad")["understood"]
    assert [one["condition"] for one in understood] == ["dataset:squad-a"]


@pytest.mark.parametrize("word", ["secret-score", "secret-scor", "accuracy@secretset"])
def test_an_order_by_a_hidden_metric_is_refused_like_an_unknown_one(client, hidden, word):
    said = []
    for one in (word, word.replace("secret", "frperg")):
        response = client.get("/api/v1/search", {"sort": f"metric:{one}"})
        assert response.status_code == 400
        said.append(response.json()["detail"].replace(one.rpartition("@")[2], "WORD"))
    assert said[0] == said[1]


def test_a_word_that_no_model_has_yet_is_everybody_s(shelf):
    Metric.objects.create(slug="unused-score", name="Unused score", unit="%")
    MetricAlias.objects.create(
        metric=Metric.objects.get(slug="unused-score"), words="unused", folded="unused"
    )
    forget()
    assert told("unused>0.5").query.q == "unused-score>50"
