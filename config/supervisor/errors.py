"""How a run may end."""


class Stopped(BaseException):
    """Someone asked us to stop, by Ctrl-C or SIGTERM."""


class UserError(RuntimeError):
    """Something the user can mend; the message is one line that says how."""
