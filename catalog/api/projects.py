"""Projects and the roles in them."""

import datetime as dt
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from access.api import ApiView
from access.policy import require
from access.viewer import Role
from catalog.access import get_project
from catalog.api import inputs, shapes
from catalog.models import Project, ProjectGrant
from catalog.selectors import api_reads as reads
from catalog.services import grants
from catalog.services.projects import create_project, delete_project, edit_project
from core.api.schema import describe

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MICROSECOND = dt.timedelta(microseconds=1)


def stamp_of(moment: dt.datetime) -> int:
    return (moment - EPOCH) // MICROSECOND


class ProjectList(ApiView):
    parameters = {"team": "Slug of the owning team"}
    is_paged = True

    @describe("list_projects", shapes.Project, paged=True)
    def get(self, request: Request) -> Response:
        """Projects that you may see, by name."""
        rows = reads.projects(self.viewer)
        if team := self.parameter("team"):
            rows = rows.filter(team__slug=team)
        return self.page(rows, reads.project_data, by=["name", "id"])

    @describe("create_project", shapes.Project, body=inputs.NewProject, status=201)
    def post(self, request: Request) -> Response:
        """Make a project of one of your teams; you become its administrator."""
        project = create_project(viewer=self.viewer, once=self.once, **self.body(inputs.NewProject))
        del self.viewer  # the maker has a new role in it
        return self._shown(project, 201)

    def _shown(self, project: Project, status: int) -> Response:
        headers = {"Location": f"/api/v1/projects/{project.slug}"}
        return self.tagged(
            reads.project_data([project])[0],
            revision=stamp_of(project.updated_at),
            status=status,
            headers=headers,
        )


class ProjectDetail(ApiView):
    @describe("get_project", shapes.Project)
    def get(self, request: Request, project: str) -> Response:
        """One project."""
        found = get_project(self.viewer, project)
        return self._shown(found)

    @describe("edit_project", shapes.Project, body=inputs.ProjectFields)
    def patch(self, request: Request, project: str) -> Response:
        """Change some fields. Needs the role steward; visibility and team need administrator."""
        found = get_project(self.viewer, project)
        require(self.viewer, "project.edit", found)
        changes = self.body(inputs.ProjectFields, partial=True)
        edit_project(viewer=self.viewer, project=found, changes=changes, expected=self._expected())
        changed = Project.objects.select_related("domain", "team", "source").get(pk=found.pk)
        return self._shown(changed)

    @describe("delete_project")
    def delete(self, request: Request, project: str) -> Response:
        """Remove the project with all its models. Needs the role administrator."""
        found = get_project(self.viewer, project)
        expected = self._expected()
        require(self.viewer, "project.delete", found)
        if expected is not None:
            edit_project(viewer=self.viewer, project=found, changes={}, expected=expected)
        delete_project(viewer=self.viewer, project=found, confirmation=found.slug)
        return Response(status=204)

    def _expected(self) -> dt.datetime | None:
        stamp = self.expected_revision()
        try:
            return None if stamp is None else EPOCH + stamp * MICROSECOND
        except OverflowError:
            return EPOCH

    def _shown(self, project: Project) -> Response:
        return self.tagged(reads.project_data([project])[0], revision=stamp_of(project.updated_at))


class Grants(ApiView):
    @describe("list_grants", shapes.Grant, many=True)
    def get(self, request: Request, project: str) -> Response:
        """Who holds which role. Needs the role administrator."""
        found = get_project(self.viewer, project)
        if self.viewer.role_in(found.pk) != Role.ADMINISTRATOR:
            require(self.viewer, "project.grant", found)
        return self.tagged(_grants(found))

    @describe("grant_role", shapes.Grant, body=inputs.GrantBody, many=True)
    def put(self, request: Request, project: str) -> Response:
        """Give a person or a team a role, in place of the one held."""
        found = get_project(self.viewer, project)
        require(self.viewer, "project.grant", found)
        self.match(_grants(found))
        data = self.body(inputs.GrantBody)
        role = Role[data.pop("role").upper()]
        grants.grant_role(viewer=self.viewer, project=found, role=role, **data)
        return self.tagged(_grants(found))

    @describe("revoke_role", body=inputs.RevokeBody)
    def delete(self, request: Request, project: str) -> Response:
        """Take the role of the person or team named in the body."""
        found = get_project(self.viewer, project)
        require(self.viewer, "project.grant", found)
        self.match(_grants(found))
        grants.revoke_role(viewer=self.viewer, project=found, **self.body(inputs.RevokeBody))
        return Response(status=204)


def _grants(project: Project) -> list[dict[str, Any]]:
    rows = ProjectGrant.objects.filter(project=project).select_related("user", "team").order_by("-role", "id")
    return [
        {
            "role": Role(row.role).name.lower(),
            "user": {"username": row.user.username, "name": row.user.name} if row.user else None,
            "team": {"slug": row.team.slug, "name": row.team.name} if row.team else None,
        }
        for row in rows
    ]
