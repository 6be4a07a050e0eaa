"""Settings as a fresh process reads them: production unless asked otherwise, nothing left out of `.env.example`."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SAFE = {
    "PATH": os.environ["PATH"],
    "SECRET_KEY": "".join(map(chr, range(48, 122))),
    "DATABASE_URL": "postgresql://localhost/vitrine",
}
# Set by the system, the shell or a platform, and not ours to describe.
FOREIGN = {"PATH", "DJANGO_SETTINGS_MODULE", "JAVA_HOME", "HOME"}


def python(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    given = {name: value for name, value in {**SAFE, **environment}.items() if value}
    return subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=given, capture_output=True, text=True, timeout=120
    )


def read(*names: str, **environment: str) -> list[object]:
    program = "import json, sys; from config import settings as s; found = [getattr(s, name) for name in sys.argv[1:]]"
    program += "; print(json.dumps(found, default=str))"
    done = python("-c", program, *names, **environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_production_is_the_default():
    debug, demo, testing, storages = read("DEBUG", "VITRINE_DEMO", "TESTING", "STORAGES")
    assert (debug, demo, testing) == (False, False, False)
    assert "Manifest" in storages["staticfiles"]["BACKEND"]


def test_without_a_secret_key_it_says_what_to_do():
    done = python("-c", "from config import settings", SECRET_KEY="")
    assert done.returncode != 0
    assert "SECRET_KEY is not set. Put a long random text into it" in done.stderr


def test_a_wrong_word_names_its_variable():
    done = python("-c", "from config import settings", VITRINE_HTTPS="maybe")
    assert "VITRINE_HTTPS must be true or false" in done.stderr


def test_the_deployment_check_is_silent_in_production():
    done = python("manage.py", "check", "--deploy", "--fail-level", "DEBUG", VITRINE_HTTPS="true")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no issues (0 silenced)" in done.stdout


def test_https_guards_cookies_and_spares_the_health_checks():
    secure, redirect, hsts, exempt = read(
        "SESSION_COOKIE_SECURE",
        "SECURE_SSL_REDIRECT",
        "SECURE_HSTS_SECONDS",
        "SECURE_REDIRECT_EXEMPT",
        VITRINE_HTTPS="true",
    )
    assert secure is True and redirect is True
    assert hsts >= 31_536_000
    assert any(re.search(pattern, "healthz") for pattern in exempt)


def test_work_goes_over_files_without_redis_and_over_redis_with_it():
    assert read("CELERY_BROKER_URL") == ["filesystem://"]
    assert read("CELERY_BROKER_URL", REDIS_URL="redis://r:6379/0") == ["redis://r:6379/0"]


def test_a_worker_keeps_a_connection_a_thread_instead_of_a_pool():
    (databases,) = read("DATABASES", VITRINE_POOL="0")
    assert "pool" not in databases["default"]["OPTIONS"]
    assert databases["default"]["CONN_HEALTH_CHECKS"] is True


def variables_read() -> set[str]:
    """Every name of an environment variable in the code of the site and its supervisor."""
    asked = r"(?:env\.(?:text|flag|number|words)\(|environ(?:\.get|\.setdefault|\.pop)?[\[(])"
    asked += r"\s*[\"']([A-Z][A-Z_0-9]+)[\"']"
    found: set[str] = set()
    for app in ("config", "accounts", "governance", "catalog", "social", "search", "portal"):
        for file in (ROOT / app).rglob("*.py"):
            found |= set(re.findall(asked, file.read_text(encoding="utf-8")))
    return found - FOREIGN


def variables_described() -> set[str]:
    return set(
        re.findall(r"^#?([A-Z][A-Z_0-9]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.M)
    )


def test_every_variable_is_in_the_example():
    assert variables_read() - variables_described() == set()


def test_the_example_describes_nothing_that_is_not_read():
    compose = set(re.findall(r"\$\{([A-Z_0-9]+)", (ROOT / "docker-compose.yml").read_text(encoding="utf-8")))
    assert variables_described() - variables_read() - compose - {"OPENSEARCH_JAVA_HOME"} == set()


@pytest.mark.parametrize("name", sorted(variables_described()))
def test_every_variable_is_in_the_operators_handbook(name):
    assert f"`{name}`" in (ROOT / "docs" / "operators.md").read_text(encoding="utf-8")
