"""Files that pip packages make rather than hold: the browser's Vega, bundled by vl-convert.

A finder of `collectstatic`, so that they are served, named by their content and compressed like every other file.
"""

from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import vl_convert
from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

from core.charts.render import VERSION

NAME = "vega/vega.js"
SNIPPET = "window.vegaEmbed = vegaEmbed;"


class VegaFinder(BaseFinder):
    """Finds `vega/vega.js`, which it makes at the first look and whenever the package is another one."""

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, FileSystemStorage]]:
        folder = made()
        yield NAME, FileSystemStorage(location=folder)

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        if path != NAME:
            return []
        found = str(made() / NAME)
        return [found] if find_all else found


def made() -> Path:
    """The folder that holds the bundle, made if it is not there; takes two seconds then."""
    folder = Path(settings.VITRINE_HOME) / "bundles" / f"vl-convert-{version('vl-convert-python')}-{VERSION}"
    file = folder / NAME
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh = file.with_suffix(".new")
        fresh.write_text(vl_convert.javascript_bundle(SNIPPET, vl_version=VERSION), encoding="utf-8")
        fresh.replace(file)
    return folder
