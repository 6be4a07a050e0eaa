"""Models like another, as their tests speak of them."""

import pytest

from catalog.models import TrainingData
from tests.makers import seen_by
from tests.search.conftest import carry
from vocabulary.models import Dataset


@pytest.fixture
def similar(backend, settings):
    """`similar(model, by=anna, limit=3)`: carries what was written, then asks."""

    def ask(made, *, by=None, limit=10, late=False):
        if not late:
            carry(to_engine=bool(settings.OPENSEARCH_URL))
        return backend.similar(seen_by(by), made.pk, limit).models

    return ask


@pytest.fixture
def asked(model):
    """The model the tests ask about."""
    return model(
        "resnet50",
        task="classify",
        architecture="resnet",
        modality="image",
        library="timm",
        license="mit",
        language="english",
        parameters=25_000_000,
        tags=["distilled"],
        description="Recognises flowers, mushrooms and beetles in photographs.",
    )


def train(made, *names):
    for name in names:
        dataset, _ = Dataset.objects.get_or_create(slug=name.lower(), defaults={"name": name})
        TrainingData.objects.create(version=made.versions.get(), dataset=dataset, words=name)


def called(found):
    return [one.hit.name for one in found]
