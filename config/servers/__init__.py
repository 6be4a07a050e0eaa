"""Real servers started natively, for `make run`, `make stack` and the tests. Nothing here needs Django."""


class ServerError(RuntimeError):
    """A server can't be had or does not start; the message says what mends it."""
