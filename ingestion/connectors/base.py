"""The registry of file connectors, and reading a file with the one that knows it.

A new connector is one module: a class with `name`, `accepts` and `read`, registered by `@file_connector`. Everything
else (resolving names, rights, writing, reporting) is the writer's.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol, TypeVar

from core.errors import Invalid
from ingestion.records import Refusal, VersionRecord


class FileConnector(Protocol):
    """Reads one kind of file."""

    name: str  # as the command line and pages call it
    label: str  # as people read it

    def accepts(self, path: Path) -> bool:
        """Whether this connector knows the file, judged by its name and its first bytes; cheap, and never raises."""
        ...

    def read(self, path: Path) -> Iterator[tuple[str, VersionRecord] | Refusal]:
        """The records of the file, each with the slug of its source; a refusal for each part that is no record.

        Raises:
            Invalid: the file as a whole cannot be read; nothing of it is written.
        """
        ...


Connector = TypeVar("Connector", bound=type[FileConnector])
FILE_CONNECTORS: dict[str, FileConnector] = {}


def file_connector(connector: Connector) -> Connector:
    """Register a class of file connectors under its name."""
    if connector.name in FILE_CONNECTORS:
        raise ValueError(f"two connectors are called {connector.name}")
    FILE_CONNECTORS[connector.name] = connector()
    return connector


def connector_for(path: Path) -> FileConnector:
    """The first connector that knows the file.

    Raises:
        Invalid: none does; the message lists those there are.
    """
    for connector in FILE_CONNECTORS.values():
        if connector.accepts(path):
            return connector
    listed = ", ".join(sorted(connector.label for connector in FILE_CONNECTORS.values())) or "none"
    raise Invalid(f"No connector knows the file {path.name}. Known kinds: {listed}.", field="path")
