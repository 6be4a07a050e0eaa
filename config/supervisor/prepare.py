"""Brings the database and the files up to date before the processes start. Runs with Django set up."""

import hashlib
from collections.abc import Callable
from io import StringIO
from pathlib import Path

Say = Callable[[str], None]


def prepare(*, home: Path, say: Say) -> str:
    """Migrate, collect static files, load the demo and build the index: each only when it is needed.

    Returns what to tell about the demo accounts, if there are any.
    """
    from django.conf import settings

    for folder in ("queue", "control"):
        (home / "broker" / folder).mkdir(parents=True, exist_ok=True)
    _migrate(say)
    _collect_static(home, say)
    if settings.VITRINE_DEMO:
        _load_demo(say)
    _build_documents(say)
    people = _demo_accounts() if settings.VITRINE_DEMO else ""
    _let_go()
    return people


def _migrate(say: Say) -> None:
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        say("Preparing the database …")
        call_command("migrate", verbosity=0, interactive=False)


def _collect_static(home: Path, say: Say) -> None:
    from django.conf import settings
    from django.core.management import call_command

    stamp, state = home / "static.stamp", _static_state(settings.BASE_DIR)
    if stamp.is_file() and stamp.read_text() == state and settings.STATIC_ROOT.is_dir():
        return
    say("Preparing style sheets and scripts …")
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    stamp.write_text(state)


def _static_state(base: Path) -> str:
    """Changes when our own files or the pinned packages do."""
    digest = hashlib.sha256((base / "requirements.txt").read_bytes())
    for path in sorted((base / "static").rglob("*")):
        if path.is_file():
            digest.update(str(path.relative_to(base)).encode() + path.read_bytes())
    return digest.hexdigest()


def _load_demo(say: Say) -> None:
    from django.core.management import call_command

    from accounts.models import User
    from catalog.models import RegisteredModel

    if _has_demo() and not RegisteredModel.objects.exists() and not User.objects.exists():
        say("Loading the demo catalog …")
        call_command("demo", "load")


def _has_demo() -> bool:
    from django.core.management import get_commands

    return "demo" in get_commands()


def _demo_accounts() -> str:
    """What `manage.py demo accounts` prints."""
    from django.core.management import call_command

    words = StringIO()
    if _has_demo():
        call_command("demo", "accounts", stdout=words)
    return words.getvalue()


def _build_documents(say: Say) -> None:
    """After a first load everything waits in the outbox; and a new engine has no index yet."""
    from django.conf import settings
    from django.core.management import call_command

    from search.models import Outbox

    words = ""
    if settings.OPENSEARCH_URL and _index_is_missing():
        words = "Building the search index …"
    elif Outbox.objects.exists():
        words = "Building the search documents …"
    if words:
        say(words)
        call_command("search", "drain", stdout=StringIO())


def _index_is_missing() -> bool:
    from search.errors import EngineAway
    from search.indexing import reindex

    try:
        return not reindex.served_by()
    except EngineAway:
        return False  # the worker mends it once the engine answers


def _let_go() -> None:
    """Close the pool, so that no connection outlives the preparation."""
    from django.db import connections

    connections.close_all()
    close_pool = getattr(connections["default"], "close_pool", None)
    if close_pool:
        close_pool()
