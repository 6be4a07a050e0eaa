"""Addresses of what has a slug. A page links to hundreds, and Django looks for the pattern of each anew."""

import re
from functools import lru_cache

from django.urls import get_script_prefix, reverse

SLUG = re.compile(r"[A-Za-z0-9_-]+")


def address(name: str, *slugs: str) -> str:
    """What `reverse` gives for this view, whose pattern is asked for once.

    Raises:
        NoReverseMatch: there is no such view.
    """
    if all(SLUG.fullmatch(slug) for slug in slugs):
        return _pattern(name, len(slugs), get_script_prefix()).format(*slugs)
    return reverse(name, args=slugs)


@lru_cache(maxsize=256)
def _pattern(name: str, count: int, prefix: str) -> str:
    """The address with places for slugs, which stand in addresses as they are; `prefix` is where the site begins."""
    places = [f"place-{number}-of-a-slug" for number in range(count)]
    found = reverse(name, args=places).replace("{", "{{").replace("}", "}}")
    for number, place in enumerate(places):
        found = found.replace(place, f"{{{number}}}")
    return found
