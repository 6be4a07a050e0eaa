"""One plain evaluator of access, to compare every way in with. It shares no code with `access`."""

import random
from dataclasses import dataclass, field

NEEDS = {
    "project.edit": 3,
    "project.grant": 4,
    "project.delete": 4,
    "project.alert": 3,
    "model.create": 2,
    "model.edit": 2,
    "model.own": 3,
    "model.delete": 3,
    "version.create": 2,
    "version.stage": 2,
    "model.tag": 0,
    "model.rate": 0,
    "model.comment": 0,
    "model.bookmark": 0,
    "model.moderate": 3,
    "model.alert": 3,
}
HOLDERS = {"model.edit", "model.own", "version.create", "version.stage", "model.moderate", "model.alert"}


@dataclass
class Person:
    name: str
    is_administrator: bool = False
    is_active: bool = True


@dataclass
class Team:
    name: str
    members: dict[str, str] = field(default_factory=dict)  # person → member or lead


@dataclass
class Project:
    name: str
    visibility: str
    team: str = ""
    people: dict[str, int] = field(default_factory=dict)  # person → role
    teams: dict[str, int] = field(default_factory=dict)  # team → role


@dataclass
class Model:
    name: str
    project: str
    owners: list[tuple[str, str, str]] = field(default_factory=list)  # (kind, "user" or "team", name)


@dataclass
class World:
    site_is_open: bool
    people: dict[str, Person]
    teams: dict[str, Team]
    projects: dict[str, Project]
    models: dict[str, Model]

    def role(self, who: str, project: Project) -> int:
        """The highest role in a project, 0 for none."""
        person = self.people.get(who)
        if person is None or not person.is_active:
            return 0
        roles = [4] if person.is_administrator else []
        roles.append(project.people.get(who, 0))
        for team in self.teams.values():
            if who in team.members:
                roles.append(project.teams.get(team.name, 0))
                if team.name == project.team:
                    roles.append(3 if team.members[who] == "lead" else 2)
        return max(roles)

    def is_somebody(self, who: str) -> bool:
        return who in self.people and self.people[who].is_active

    def sees(self, who: str, project: Project) -> bool:
        if self.role(who, project):
            return True
        if self.is_somebody(who):
            return project.visibility in ("public", "internal")
        return self.site_is_open and project.visibility == "public"

    def sees_model(self, who: str, model: str) -> bool:
        return self.sees(who, self.projects[self.models[model].project])

    def holds(self, who: str, model: Model) -> bool:
        for kind, sort, name in model.owners:
            if kind in ("owner", "steward") and (
                (sort == "user" and name == who) or (sort == "team" and who in self.teams[name].members)
            ):
                return True
        return False

    def can(self, who: str, action: str, model: str, *, read_only: bool = False) -> bool:
        held = self.models[model]
        project = self.projects[held.project]
        if not self.sees(who, project) or not self.is_somebody(who) or read_only:
            return False
        needed = NEEDS[action]
        return self.role(who, project) >= needed or (action in HOLDERS and self.holds(who, held))

    def reads_sensitive(self, who: str, model: str) -> bool:
        held = self.models[model]
        project = self.projects[held.project]
        if not self.is_somebody(who) or not self.sees(who, project):
            return False
        return self.role(who, project) >= 2 or self.holds(who, held)


def random_world(seed: int) -> World:
    """A small world with everything in it that decides about access."""
    chance = random.Random(seed)
    people = {
        f"p{n}": Person(f"p{n}", chance.random() < 0.12, chance.random() < 0.88)
        for n in range(chance.randint(2, 4))
    }
    names = list(people)
    teams = {}
    for n in range(chance.randint(0, 2)):
        members = chance.sample(names, chance.randint(0, len(names)))
        teams[f"t{n}"] = Team(f"t{n}", {who: chance.choice(["member", "member", "lead"]) for who in members})
    projects = {}
    for n in range(chance.randint(1, 3)):
        project = Project(f"x{n}", chance.choice(["public", "internal", "restricted", "restricted"]))
        if teams and chance.random() < 0.4:
            project.team = chance.choice(list(teams))
        project.people = {who: chance.randint(1, 4) for who in names if chance.random() < 0.25}
        project.teams = {team: chance.randint(1, 4) for team in teams if chance.random() < 0.3}
        projects[project.name] = project
    models = {}
    for n in range(chance.randint(2, 4)):
        model = Model(f"m{n}", chance.choice(list(projects)))
        for _ in range(chance.randint(0, 2)):
            sort, name = chance.choice([("user", who) for who in names] + [("team", team) for team in teams])
            model.owners.append((chance.choice(["owner", "steward", "contact"]), sort, name))
        models[model.name] = model
    return World(chance.random() < 0.7, people, teams, projects, models)
