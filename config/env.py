"""Reading the environment, with errors that name the variable and what it should hold."""

import os
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default).strip()


def flag(name: str, default: bool = False) -> bool:
    """A yes or no.

    Raises:
        ImproperlyConfigured: the variable holds something else.
    """
    words = os.environ.get(name)
    if words is None:
        return default
    if words.strip().lower() in TRUE:
        return True
    if words.strip().lower() in FALSE:
        return False
    raise ImproperlyConfigured(f"{name} must be true or false, not {words!r}.")


def number(name: str, default: int) -> int:
    """A whole number; an empty variable is as good as none, since make and compose pass those on.

    Raises:
        ImproperlyConfigured: the variable holds something else.
    """
    words = text(name) or str(default)
    if not words.isdigit():
        raise ImproperlyConfigured(f"{name} must be a whole number, not {words!r}.")
    return int(words)


def words(name: str, default: str = "") -> list[str]:
    """A list written with commas."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def database(url: str) -> dict[str, object]:
    """Django's settings for `postgresql://user:password@host:port/name?option=value`.

    `host` may be given as an option for a socket folder, as libpq allows.

    Raises:
        ImproperlyConfigured: it is no Postgres address.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql") or not parts.path.strip("/"):
        raise ImproperlyConfigured(
            "DATABASE_URL must look like postgresql://user:password@host:5432/vitrine."
        )
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", "") or parts.hostname or "",
        "PORT": str(parts.port or options.pop("port", "")),
        "OPTIONS": options,
    }
