"""Every rule, for every role and visibility, from a table written by hand."""

from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.policy import RULES, may, require
from access.viewer import Role, Viewer
from core.errors import NotAllowed, NotVisible

SCOPE = 7

# Who may do it, from the least: "account" is anyone signed in who sees the thing.
TABLE = {
    "project.edit": "steward",
    "project.grant": "administrator",
    "project.delete": "administrator",
    "project.alert": "steward",
    "model.create": "contributor",
    "model.edit": "contributor",
    "model.own": "steward",
    "model.delete": "steward",
    "version.create": "contributor",
    "version.stage": "contributor",
    "model.tag": "account",
    "model.rate": "account",
    "model.comment": "account",
    "model.bookmark": "account",
    "model.moderate": "steward",
    "model.alert": "steward",
}
HOLDERS_TOO = {"model.edit", "model.own", "version.create", "version.stage", "model.moderate", "model.alert"}
LADDER = ["account", "viewer", "contributor", "steward", "administrator"]
VISIBILITIES = ["public", "internal", "restricted"]

WHO = {
    "nobody": Viewer(),
    "nobody, site closed": Viewer(site_is_open=False),
    "account": Viewer(user_id=1),
    "account, site closed": Viewer(user_id=1, site_is_open=False),
    "viewer": Viewer(user_id=1, roles={SCOPE: Role.VIEWER}),
    "contributor": Viewer(user_id=1, roles={SCOPE: Role.CONTRIBUTOR}),
    "steward": Viewer(user_id=1, roles={SCOPE: Role.STEWARD}),
    "administrator": Viewer(user_id=1, roles={SCOPE: Role.ADMINISTRATOR}),
    "steward elsewhere": Viewer(user_id=1, roles={SCOPE + 1: Role.STEWARD}),
    "site administrator": Viewer(user_id=1, is_administrator=True),
}
# What exists for whom.
SEES = {
    "nobody": {"public"},
    "nobody, site closed": set(),
    "account": {"public", "internal"},
    "account, site closed": {"public", "internal"},
    "viewer": {"public", "internal", "restricted"},
    "contributor": {"public", "internal", "restricted"},
    "steward": {"public", "internal", "restricted"},
    "administrator": {"public", "internal", "restricted"},
    "steward elsewhere": {"public", "internal"},
    "site administrator": {"public", "internal", "restricted"},
}
RUNG = {
    "nobody": None,
    "nobody, site closed": None,
    "account": "account",
    "account, site closed": "account",
    "viewer": "viewer",
    "contributor": "contributor",
    "steward": "steward",
    "administrator": "administrator",
    "steward elsewhere": "account",
    "site administrator": "administrator",
}


@dataclass
class Thing:
    scope_visibility: str
    held: bool = False
    scope_id: int = SCOPE

    def held_by(self, viewer: Viewer) -> bool:
        return self.held


def expected(who: str, action: str, visibility: str, held: bool) -> bool:
    if visibility not in SEES[who] or RUNG[who] is None:
        return False
    if held and action in HOLDERS_TOO:
        return True
    return LADDER.index(RUNG[who]) >= LADDER.index(TABLE[action])


def test_the_table_names_every_rule():
    assert set(TABLE) == set(RULES)


@pytest.mark.parametrize("visibility", VISIBILITIES)
@pytest.mark.parametrize("who", WHO)
def test_each_sees_what_the_table_says(who, visibility):
    assert may(WHO[who], "view", Thing(visibility)) is (visibility in SEES[who])


@pytest.mark.parametrize("held", [False, True], ids=["", "held"])
@pytest.mark.parametrize("visibility", VISIBILITIES)
@pytest.mark.parametrize("action", TABLE)
@pytest.mark.parametrize("who", WHO)
def test_each_may_do_what_the_table_says(who, action, visibility, held):
    assert may(WHO[who], action, Thing(visibility, held)) is expected(who, action, visibility, held)


@pytest.mark.parametrize("visibility", VISIBILITIES)
@pytest.mark.parametrize("action", TABLE)
@pytest.mark.parametrize("who", WHO)
def test_a_reading_token_changes_nothing_whoever_holds_it(who, action, visibility):
    reading = replace(WHO[who], read_only=True)
    assert not may(reading, action, Thing(visibility, held=True))


@pytest.mark.parametrize("visibility", VISIBILITIES)
@pytest.mark.parametrize("action", TABLE)
@pytest.mark.parametrize("who", WHO)
def test_a_refusal_says_not_there_exactly_when_it_is_not_seen(who, action, visibility):
    thing = Thing(visibility)
    if may(WHO[who], action, thing):
        require(WHO[who], action, thing)
        return
    with pytest.raises(NotAllowed if visibility in SEES[who] else NotVisible):
        require(WHO[who], action, thing)


@given(
    lower=st.sampled_from(list(Role)),
    higher=st.sampled_from(list(Role)),
    action=st.sampled_from(sorted(TABLE)),
    visibility=st.sampled_from(VISIBILITIES),
    held=st.booleans(),
)
def test_a_higher_role_never_takes_a_right_away(lower, higher, action, visibility, held):
    lower, higher = sorted([lower, higher])
    thing = Thing(visibility, held)
    if may(Viewer(user_id=1, roles={SCOPE: lower}), action, thing):
        assert may(Viewer(user_id=1, roles={SCOPE: higher}), action, thing)


def test_an_unknown_action_is_a_mistake_not_a_right():
    with pytest.raises(KeyError):
        may(WHO["administrator"], "model.explode", Thing("public"))
