"""What tests of evaluation share: one model that rules look at."""

import pytest

from tests.makers import make_model


@pytest.fixture
def model(db):
    return make_model()
