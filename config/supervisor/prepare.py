"""Brings the database and the files up to date before the processes start. Runs with Django set up."""

import hashlib
from collections.abc import Callable
from pathlib import Path

Say = Callable[[str], None]


def prepare(*, home: Path, say: Say, demo: bool) -> None:
    """Migrate, collect static files, load the demo and build the index: each only when it is needed."""
    _migrate(say)
    _collect_static(home, say)
    if demo:
        _load_demo(say)
    _build_index(say)
    _let_go()


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

    if not RegisteredModel.objects.exists() and not User.objects.exists():
        say("Loading the demo catalog: 3,889 real models …")
        call_command("demo", "load")


def _build_index(say: Say) -> None:
    from django.conf import settings
    from django.core.management import call_command

    if not settings.OPENSEARCH_URL:
        return
    from search.engine import index

    if not index.served_by():
        say("Building the search index …")
        call_command("search", "rebuild")


def _let_go() -> None:
    """Close the pool, so that no connection outlives the preparation."""
    from django.db import connections

    connections.close_all()
    close_pool = getattr(connections["default"], "close_pool", None)
    if close_pool:
        close_pool()
