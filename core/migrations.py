"""Operations for migrations."""

from typing import Any

from django.db.migrations.operations import SeparateDatabaseAndState
from django.db.migrations.state import ProjectState


class ChangeStateOnly(SeparateDatabaseAndState):
    """Change Django's idea of the tables, and nothing in Postgres: for tables that move to another app.

    The rendered models are let go first. Otherwise each of the operations renders all models again, which makes the
    migration of an empty database twice as slow.
    """

    def __init__(self, state_operations: list[Any]) -> None:
        super().__init__(state_operations=state_operations)

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (self.__class__.__name__, [], {"state_operations": self.state_operations})

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        state.__dict__.pop("apps", None)
        super().state_forwards(app_label, state)
