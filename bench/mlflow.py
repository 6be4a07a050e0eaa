"""Finding models by a part of their name: our search API against MLflow's model registry, both over HTTP.

MLflow is the real package, in an environment of its own outside the repository, with its own database on the same
Postgres server. It holds as many registered models as we do, of the same names, with what we know of them as far as it
has a place for it: summaries as descriptions, terms and numbers as tags, and as many versions.
"""

import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx

from bench.measure import Context, Figure, Group, Skipped, alternate, p50_and_p95
from bench.scale import ManyModels
from bench.site import with_database
from config.servers.ports import free_port
from config.servers.processes import Child, spawn

MODELS = 5000
DATABASE = "bench_mlflow"
PAGE = 20
MOST = 1000  # registered models in one answer: more MLflow refuses
PACKAGES = ("mlflow>=3,<4", "psycopg2-binary")
# MLflow makes its tables itself; rows are put in by its own classes, many at once.
FILL = """
import json, sys, time
from mlflow.store.model_registry.sqlalchemy_store import SqlAlchemyStore
from mlflow.store.model_registry.dbmodels.models import SqlModelVersion, SqlRegisteredModel, SqlRegisteredModelTag
store = SqlAlchemyStore(sys.argv[1])
models = json.load(open(sys.argv[2]))
now = int(time.time() * 1000)
with store.ManagedSessionMaker() as session:
    for one in models:
        session.add(SqlRegisteredModel(name=one["name"], creation_time=now, last_updated_time=now,
            description=one["summary"]))
    session.flush()
    for one in models:
        for key, value in one["tags"].items():
            session.add(SqlRegisteredModelTag(name=one["name"], key=key, value=value))
        for number in range(1, one["versions"] + 1):
            session.add(SqlModelVersion(name=one["name"], version=number, creation_time=now, last_updated_time=now,
                description="", current_stage="None", source="file:///nowhere", status="READY"))
print(len(store.search_registered_models(max_results=1000)))
"""


def measure(context: Context) -> Iterator[Figure]:
    """Latencies over the same parts of names, in turn.

    Raises:
        Skipped: the package can't be installed here.
    """
    site = context.site
    python = install(site.folder / "mlflow")
    many = ManyModels(context, "registry", context.times(MODELS, 500))
    server: Child | None = None
    try:
        many.fill()
        with site.connect(many.database) as connection:
            rows = connection.execute("SELECT body->'hit' FROM search_searchdocument ORDER BY model_id")
            hits = [hit for (hit,) in rows]
        names = [hit["name"] for hit in hits]
        theirs = as_theirs(hits)
        site.server_sql(f"CREATE DATABASE {DATABASE}")
        server, url = serve(context, python, theirs)
        asked = parts_of(names, context.times(50, 10))

        def mlflow(number: int) -> None:
            words = asked[number % len(asked)]
            parameters = {"filter": f"name ILIKE '%{words}%'", "max_results": str(PAGE)}
            found = site.http.get(
                f"{url}/api/2.0/mlflow/registered-models/search", params=parameters
            ).raise_for_status()
            if not found.json().get("registered_models"):
                raise RuntimeError(f"MLflow found nothing for {words}")

        def mlflow_counted(number: int) -> None:
            counted = count_all(site.http, url, asked[number % len(asked)])
            if not counted["total"]:
                raise RuntimeError("MLflow found nothing to count.")

        def ours(number: int, *, on_postgres: bool = False) -> None:
            words = asked[number % len(asked)]
            if not many.get(on_postgres=on_postgres, q=words, page_size=PAGE)["hits"]:
                raise RuntimeError(f"We found nothing for {words}")

        samples = alternate(
            {
                "opensearch": ours,
                "again": ours,
                "postgres": lambda number: ours(number, on_postgres=True),
                "mlflow": mlflow,
                "mlflow_counted": mlflow_counted,
                "floor": lambda number: site.http.get(f"{many.vitrine.url}/healthz").raise_for_status(),
            },
            rounds=context.times(150, 15),
            warm_up=context.times(50, 3),
            before={"opensearch": many.forget, "again": ours},
        )
        yield from _figures(samples)
    finally:
        if server is not None:
            server.stop()
        many.remove()
        site.server_sql(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")


def _figures(samples: Mapping[str, list[float]]) -> Iterator[Figure]:
    """Our latencies beside MLflow's."""
    name = "MLflow's search of registered models"
    for backend in ("opensearch", "again", "postgres"):
        yield from p50_and_p95(f"mlflow.{backend}", samples[backend], samples["mlflow"], name)
    # What it takes to learn from MLflow what our answer says besides its hits.
    counted = "MLflow's search, all read for the same counts"
    for backend in ("opensearch", "postgres"):
        yield from p50_and_p95(
            f"mlflow.counted.{backend}", samples[backend], samples["mlflow_counted"], counted
        )
    # What any answer of our web server takes, however little stands in it.
    yield from p50_and_p95("mlflow.floor", samples["floor"], samples["mlflow"], name)


def count_all(http: httpx.Client, url: str, words: str) -> Counter[str]:
    """How many of MLflow's models hold these words in their name, as `total`, and how many of them have which tag.

    Its answers have no counts, so every page of them is read, of as many models as it gives.

    Raises:
        httpx.HTTPStatusError: it refuses.
    """
    counted: Counter[str] = Counter()
    parameters = {"filter": f"name ILIKE '%{words}%'", "max_results": str(MOST)}
    while True:
        answer = http.get(f"{url}/api/2.0/mlflow/registered-models/search", params=parameters)
        found = answer.raise_for_status().json()
        for model in found.get("registered_models", ()):
            counted["total"] += 1
            for tag in model.get("tags", ()):
                counted.update(f"{tag['key']}={value}" for value in tag["value"].split(","))
        if not found.get("next_page_token"):
            return counted
        parameters["page_token"] = found["next_page_token"]


def as_theirs(hits: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What MLflow can hold of our hits. It has a name once; where ours has it again, theirs is numbered."""
    found: dict[str, dict[str, Any]] = {}
    for hit in hits:
        name = hit["name"] if hit["name"].lower() not in found else f"{hit['name']}-{hit['id']}"
        tags = {
            taxonomy: ",".join(term["slug"] for term in terms) for taxonomy, terms in hit["terms"].items()
        }
        numbers = {
            key: hit[key] for key in ("parameters", "flops", "size", "released") if hit[key] is not None
        }
        if hit["key_metric"]:
            numbers[hit["key_metric"]["metric"]] = hit["key_metric"]["best"]
        found[name.lower()] = {
            "name": name,
            "summary": hit["summary"],
            "tags": tags | {key: str(value) for key, value in numbers.items()},
            "versions": max(1, hit["versions"]),
        }
    return list(found.values())


def install(folder: Path) -> Path:
    """The Python of an environment with MLflow in it.

    Raises:
        Skipped: it can't be installed.
    """
    uv = Path(sys.executable).with_name("uv")
    python = folder / "bin" / "python"
    for words in (
        ["venv", "--quiet", "--python", sys.executable, str(folder)],
        ["pip", "install", "--quiet", "--python", str(python), *PACKAGES],
    ):
        try:
            done = subprocess.run([str(uv), *words], capture_output=True, text=True, check=False, timeout=300)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Skipped(f"MLflow could not be installed: {error}") from error
        if done.returncode:
            raise Skipped(f"MLflow could not be installed: {done.stderr.strip()[-300:]}")
    return python


def serve(context: Context, python: Path, models: Sequence[dict[str, Any]]) -> tuple[Child, str]:
    """MLflow's own server over a database with these registered models, and its address.

    Raises:
        RuntimeError: it takes no models, or does not start.
    """
    folder = context.site.folder / "mlflow"
    # The driver is named: which one SQLAlchemy takes by itself differs between its versions.
    url = with_database(context.site.postgres.url, DATABASE).replace("://", "+psycopg2://", 1)
    listed = folder / "models.json"
    listed.write_text(json.dumps(list(models)), encoding="utf-8")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "DO_NOT_TRACK": "true",
    }
    done = subprocess.run(
        [str(python), "-c", FILL, url, str(listed)],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        cwd=folder,
    )
    if done.returncode:
        raise RuntimeError(f"MLflow took no models: {done.stderr.strip()[-600:]}")
    port = free_port()
    command = ["-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "2"]
    server = spawn(
        [str(python), *command, "--backend-store-uri", url, "--default-artifact-root", str(folder / "files")],
        log=folder / "server.log",
        folder=folder,
        env=environment,
    )
    address = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and not server.has_ended:
        try:
            if httpx.get(f"{address}/health", timeout=5).is_success:
                return server, address
        except httpx.HTTPError:
            pass
        time.sleep(0.3)
    words = server.last_words()
    server.stop()
    raise RuntimeError(f"MLflow's server did not start: {words[-600:]}")


def parts_of(names: Sequence[str], count: int) -> list[str]:
    """Words that names hold, spread over them: what somebody would look for."""
    words = [found[0].lower() for name in names if (found := re.search(r"[A-Za-z]{4,}\d*", name))]
    unique = list(dict.fromkeys(words))
    return unique[:: max(1, len(unique) // count)][:count]


GROUP = Group(
    "mlflow",
    "Models by a part of their name, over HTTP: our search API (with every facet) against the REST API of MLflow's"
    " model registry (`name ILIKE '%…%'`), each with 5,000 models of the same names on the same Postgres server.",
    measure,
)
