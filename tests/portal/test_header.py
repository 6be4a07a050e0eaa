"""What the header offers to whom."""

from access.viewer import Role, Viewer
from portal.context import may_add_model


def test_adding_needs_an_account_and_a_role_somewhere():
    assert not may_add_model(Viewer())
    assert not may_add_model(Viewer(user_id=1))
    assert not may_add_model(Viewer(user_id=1, roles={7: Role.VIEWER}))
    assert may_add_model(Viewer(user_id=1, roles={7: Role.VIEWER, 8: Role.CONTRIBUTOR}))
    assert may_add_model(Viewer(user_id=1, is_administrator=True))


def test_a_reading_token_adds_nothing():
    assert not may_add_model(Viewer(user_id=1, is_administrator=True, read_only=True))
