"""The containers: what must be there, what must be healthy, and no password that everybody knows."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load(TEXT)
SERVICES = COMPOSE["services"]
LASTING = sorted(set(SERVICES) - {"migrate"})


def test_the_whole_stack_is_there():
    assert set(LASTING) == {"web", "worker", "beat", "postgres", "redis", "opensearch"}


@pytest.mark.parametrize("name", LASTING)
def test_every_lasting_service_is_watched_and_started_again(name):
    assert SERVICES[name]["healthcheck"]["test"]
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", ["postgres", "redis", "opensearch"])
def test_data_outlives_its_container_and_is_not_published(name):
    volumes = [volume.split(":")[0] for volume in SERVICES[name]["volumes"]]
    assert volumes and set(volumes) <= set(COMPOSE["volumes"])
    assert "ports" not in SERVICES[name]
    assert SERVICES[name]["networks"] == ["inside"]
    assert COMPOSE["networks"]["inside"]["internal"] is True


@pytest.mark.parametrize("secret", ["SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD"])
def test_a_secret_must_be_given(secret):
    uses = re.findall(rf"\$\{{{secret}(.*?)\}}", TEXT)
    assert uses and all(use.startswith(":?") for use in uses)


def test_nothing_of_ours_starts_before_the_tables_are_up_to_date():
    for name in ("web", "worker", "beat"):
        assert SERVICES[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"


def test_the_image_holds_pinned_packages_and_does_not_run_as_root():
    words = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert "--require-hashes" in words
    assert re.findall(r"^USER (\w+)$", words, re.M) == ["vitrine"]
    assert len(re.findall(r"^FROM ", words, re.M)) == 2


def test_postgres_is_new_enough():
    assert int(SERVICES["postgres"]["image"].split(":")[1].split("-")[0]) >= 16
    assert SERVICES["opensearch"]["image"].split(":")[1].startswith("3.")
