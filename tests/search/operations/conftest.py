"""What tests of the operator's view share: an administrator, documents that cannot be built, the page's buttons."""

from pathlib import Path

import pytest

from search.documents import builder
from search.indexing import outbox
from search.models import Job, SearchDocument
from search.operations import jobs, metrics
from tests.makers import make_person

ROOT = Path(__file__).resolve().parent.parent.parent.parent
PAGE = "/operations/search"
API = "/api/v1/operations/search"
BUTTONS = ("check", "repair", "rebuild", "stop", "retry", "forget")


@pytest.fixture
def boss(client):
    """An administrator, signed in to `client`."""
    made = make_person("mara", name="Mara", is_superuser=True)
    client.force_login(made)
    return made


@pytest.fixture
def buried(monkeypatch):
    """`buried(model, …)`: their documents could not be built; `buried.mend()` lets them be built from then on."""
    whole = builder.build
    odd: set[int] = set()

    def build(ids):
        if odd & set(ids):
            raise ValueError("odd facts <script>")
        return whole(ids)

    def bury(*models):
        monkeypatch.setattr(builder, "build", build)
        odd.update(model.pk for model in models)
        outbox.enqueue([model.pk for model in models])
        outbox.drain_all()

    bury.mend = odd.clear
    return bury


def read(client, address: str = PAGE, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.content
    return answer.content.decode()


def press(client, button: str, **fields) -> str:
    """What the page says after a button was pressed."""
    return client.post(f"{PAGE}/{button}", fields, follow=True).content.decode()


def done_by_a_worker(kind: str, by) -> Job:
    """A job asked for and carried out, as a worker would."""
    job = jobs._open(kind, Job.State.WAITING, 60, started_by_id=by.pk)
    jobs.run(job.pk)
    return jobs.seen().get(pk=job.pk)


def plant(model, **fields) -> None:
    """Change a stored document by hand."""
    SearchDocument.objects.filter(pk=model.pk).update(**fields)


def samples(text: bytes | None = None) -> dict[str, float]:
    """The numbers of search's metrics, by name with labels."""
    lines = (metrics.text() if text is None else text).decode().splitlines()
    return {
        line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if not line.startswith("#")
    }
