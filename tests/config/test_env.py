"""Reading the environment: right values, and errors that name the variable."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env


@pytest.mark.parametrize(
    "words, expected",
    [("true", True), ("1", True), ("Yes", True), (" on ", True), ("false", False), ("0", False), ("", False)],
)
def test_a_flag_is_said_in_many_ways(monkeypatch, words, expected):
    monkeypatch.setenv("VITRINE_SITE_OPEN", words)
    assert env.flag("VITRINE_SITE_OPEN", True) is expected


def test_a_flag_that_is_neither_is_refused_by_name(monkeypatch):
    monkeypatch.setenv("VITRINE_SITE_OPEN", "perhaps")
    with pytest.raises(ImproperlyConfigured, match="VITRINE_SITE_OPEN must be true or false, not 'perhaps'"):
        env.flag("VITRINE_SITE_OPEN")


def test_a_number_that_is_none_is_refused_by_name(monkeypatch):
    monkeypatch.setenv("PORT", "eighty")
    with pytest.raises(ImproperlyConfigured, match="PORT must be a whole number"):
        env.number("PORT", 8000)


def test_an_empty_number_has_its_default(monkeypatch):
    monkeypatch.setenv("PORT", "")
    assert env.number("PORT", 8000) == 8000


def test_a_list_is_written_with_commas(monkeypatch):
    monkeypatch.setenv("ALLOWED_HOSTS", " a.example , b.example,, ")
    assert env.words("ALLOWED_HOSTS") == ["a.example", "b.example"]


def test_what_is_not_set_has_its_default(monkeypatch):
    monkeypatch.delenv("PORT", raising=False)
    assert env.number("PORT", 8000) == 8000
    assert env.flag("VITRINE_NOT_THERE", True) is True


def test_a_database_address_is_taken_apart():
    settings = env.database("postgresql://anna:p%40ss@db.example:6543/vitrine?sslmode=require")
    assert (settings["USER"], settings["PASSWORD"]) == ("anna", "p@ss")
    assert (settings["HOST"], settings["PORT"], settings["NAME"]) == ("db.example", "6543", "vitrine")
    assert settings["OPTIONS"] == {"sslmode": "require"}


def test_a_socket_folder_is_a_host():
    settings = env.database("postgresql://postgres@/postgres?host=/run/pg")
    assert (settings["HOST"], settings["NAME"], settings["OPTIONS"]) == ("/run/pg", "postgres", {})


@pytest.mark.parametrize(
    "url", ["mysql://localhost/vitrine", "postgresql://localhost", "vitrine", "postgresql://"]
)
def test_what_is_no_postgres_is_refused(url):
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL must look like"):
        env.database(url)
