"""A silence holds what a rule would tell, and its end lets it out."""

from datetime import timedelta

import pytest
from django.utils import timezone

from alerts.models import Alert, Event, Silence
from tests.alerts.conftest import states

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("what", ["rule", "model", "project"])
def test_a_silence_of_anything_holds_and_ends(model, rule, arrives, look, what):
    made = rule()
    things = {"rule": made, "model": model, "project": model.project}
    silence = Silence.objects.create(
        reason="known", until=timezone.now() + timedelta(hours=1), **{what: things[what]}
    )
    arrives(model, 0.5)
    assert look() == ["fired"]
    assert states() == ["silenced"]
    assert Event.objects.get().was_silenced
    assert Alert.objects.get().told == ""
    Silence.objects.filter(pk=silence.pk).update(until=timezone.now() - timedelta(seconds=1))
    assert look() == []
    assert states() == ["firing"]
    assert Alert.objects.get().told == "fired"


def test_a_silence_put_on_what_fires_shows_at_once_and_can_be_ended(model, rule, arrives, look):
    made = rule()
    arrives(model, 0.5)
    look()
    silence = Silence.objects.create(rule=made, reason="x", until=timezone.now() + timedelta(hours=1))
    look()
    assert states() == ["silenced"]
    Silence.objects.filter(pk=silence.pk).update(ended_at=timezone.now())
    look()
    assert states() == ["firing"]
