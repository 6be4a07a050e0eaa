"""The command line: jobs that leave their record, the dead list, searching."""

import pytest
from django.core.management import CommandError, call_command

from search.indexing import outbox
from search.models import DeadLetter, Job, Outbox
from tests.search.operations.conftest import read

pytestmark = pytest.mark.django_db


def test_the_command_line_leaves_its_record(client, boss, model, capsys):
    model("m")
    outbox.drain_all()
    call_command("search", "check")
    assert "0 differences: 1 models" in capsys.readouterr().out
    assert "the command line" in read(client)
    assert Job.objects.get().state == "done"


def test_the_command_line_tells_of_the_dead_and_tries_them_again(model, buried, capsys):
    made = model("odd")
    buried(made)
    call_command("search", "dead")
    out = capsys.readouterr().out
    assert made.ref in out and "odd facts" in out and "1 dead entries." in out
    assert not Outbox.objects.exists()
    buried.mend()
    call_command("search", "dead", "--retry")
    outbox.drain_all()
    assert not DeadLetter.objects.exists()


def test_the_command_line_searches_as_the_site_does(model, capsys):
    model("resnet50", task="image-classification", parameters=25_600_000)
    model("secret", visibility="restricted", task="image-classification")
    outbox.drain_all()
    call_command("search", "find", "task:image-classification", "params<50M")
    told = capsys.readouterr().out
    assert "1 model, from postgres." in told
    assert "task: Image classification" in told
    assert "25.6 M" in told and "secret" not in told
    with pytest.raises(CommandError, match="never closed"):
        call_command("search", "find", "task:(a")
    with pytest.raises(CommandError, match="no account"):
        call_command("search", "find", "a", "--as", "nobody")
