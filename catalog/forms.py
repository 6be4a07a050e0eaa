"""Forms for those who may write. The rules are in the services; forms read what was typed and keep it."""

import uuid
from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet

from access.viewer import Role, Viewer
from accounts.models import Team, User
from catalog.models import (
    AttributeDefinition,
    ModelVersion,
    Ownership,
    Project,
    ProjectGrant,
    RegisteredModel,
)
from catalog.services.attributes import typed_value
from core.errors import DomainError, Invalid, ValidationErrors
from vocabulary.models import Term

MOST_LINES = 2000


def tell(form: forms.Form, error: DomainError) -> None:
    """Put what a service refused beside the field it is about; what was typed stays."""
    found = error.errors if isinstance(error, ValidationErrors) else [(error.field or "", error.message)]
    for place, message in found:
        name = place.partition("[")[0].partition(".")[0]
        form.add_error(name if name in form.fields else None, message)


def area(rows: int = 3) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


def calendar() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class Once(forms.Form):
    """Carries a mark, so that a form sent twice makes one thing."""

    once = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["once"].initial = uuid.uuid4().hex


class Lines(forms.CharField):
    """Several values, one a line."""

    widget = forms.Textarea

    def __init__(self, *, rows: int = 3, **kwargs: Any) -> None:
        super().__init__(required=False, widget=area(rows), **kwargs)

    def clean(self, value: Any) -> list[str]:
        text = super().clean(value)
        found = [line.strip() for line in text.splitlines() if line.strip()]
        if len(found) > MOST_LINES:
            raise forms.ValidationError(
                f"These are {len(found):,} lines; use the API for more than {MOST_LINES:,}."
            )
        return found


class ProjectForm(forms.Form):
    name = forms.CharField(max_length=200)
    description = forms.CharField(required=False, max_length=20_000, widget=area(), help_text="Markdown")
    purpose = forms.CharField(required=False, max_length=20_000, widget=area())
    business_goal = forms.CharField(required=False, max_length=20_000, widget=area(2))
    domain = forms.ModelChoiceField(Term.objects.none(), required=False, empty_label="not stated")
    region = forms.CharField(required=False, max_length=80)
    visibility = forms.ChoiceField(
        choices=Project.VisibilityChoice.choices,
        initial="internal",
        help_text="Public: everybody. Internal: who is signed in. Restricted: only those with a role here.",
    )
    team = forms.ModelChoiceField(
        Team.objects.none(),
        required=False,
        empty_label="no team",
        help_text="The owning team; its members contribute",
    )
    starts_on = forms.DateField(required=False, widget=calendar())
    ends_on = forms.DateField(required=False, widget=calendar())
    url = forms.CharField(required=False, max_length=500, label="Home page")

    def __init__(self, viewer: Viewer, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["domain"].queryset = Term.objects.filter(taxonomy__slug="domain")  # type: ignore[attr-defined]
        teams = (
            Team.objects.all()
            if viewer.is_administrator
            else Team.objects.filter(pk__in=list(viewer.team_ids))
        )
        initial = kwargs.get("initial") or {}
        if initial.get("team"):
            teams = teams | Team.objects.filter(pk=initial["team"])
        self.fields["team"].queryset = teams  # type: ignore[attr-defined]


class NewProjectForm(Once, ProjectForm):
    slug = forms.SlugField(
        required=False,
        max_length=120,
        label="Short name",
        help_text="Stands in addresses; made from the name if empty",
    )
    field_order = ["name", "slug", "team", "visibility", "description"]


class ProjectEditForm(ProjectForm):
    """With what the editor saw, so that two editors notice each other."""

    state = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _remember(self, ("state",))


class ModelForm(forms.Form):
    name = forms.CharField(max_length=200)
    summary = forms.CharField(required=False, max_length=300, help_text="One plain sentence")
    description = forms.CharField(required=False, max_length=200_000, widget=area(6), help_text="Markdown")
    purpose = forms.CharField(
        required=False, max_length=200_000, widget=area(), help_text="What it is for, in plain words"
    )
    business_goal = forms.CharField(required=False, max_length=200_000, widget=area(2))
    intended_use = forms.CharField(required=False, max_length=200_000, widget=area())
    unintended_use = forms.CharField(
        required=False, max_length=200_000, widget=area(), label="Not intended for"
    )
    starts_on = forms.DateField(required=False, widget=calendar(), label="In use from")
    retires_on = forms.DateField(required=False, widget=calendar(), label="In use until")
    status = forms.ChoiceField(choices=RegisteredModel.Status.choices, initial="active")


class NewModelForm(Once, ModelForm):
    project = forms.ModelChoiceField(
        Project.objects.none(), to_field_name="slug", empty_label="Choose a project"
    )
    slug = forms.SlugField(
        required=False,
        max_length=160,
        label="Short name",
        help_text="Stands in addresses; made from the name if empty",
    )
    task = Lines(rows=2, help_text="What it does, one task a line, such as “image classification”")
    field_order = ["project", "name", "slug", "summary", "task", "description"]

    def __init__(self, viewer: Viewer, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["project"].queryset = writable_projects(viewer)  # type: ignore[attr-defined]


class ModelEditForm(ModelForm):
    """With the revision the editor saw, and what stood in the fields then."""

    state = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**31)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _remember(self, ("state",))


def _remember(form: forms.Form, but: Iterable[str]) -> None:
    for name, field in form.fields.items():
        if name not in but:
            field.show_hidden_initial = True


def seen(form: forms.Form, name: str) -> Any:
    """What stood in the field when the form was opened."""
    hidden = form.add_initial_prefix(name) if form.is_bound else name
    field = form.fields[name]
    try:
        return field.clean(field.hidden_widget().value_from_datadict(form.data, form.files, hidden))
    except forms.ValidationError:
        return None


def writable_projects(viewer: Viewer) -> QuerySet[Project]:
    """Projects in which the viewer may register models. No query here."""
    if viewer.is_administrator:
        return Project.objects.order_by("name")
    held = [pk for pk, role in viewer.roles.items() if role >= Role.CONTRIBUTOR]
    return Project.objects.filter(pk__in=held).order_by("name")


class StageForm(forms.Form):
    stage = forms.ChoiceField(choices=ModelVersion.Stage.choices, required=False)
    notes = forms.CharField(
        required=False, max_length=200_000, widget=area(), help_text="What changed; Markdown"
    )


class AliasForm(forms.Form):
    name = forms.CharField(max_length=60, label="Alias", help_text="A name that moves, such as champion")


class HolderForm(forms.Form):
    """Base of what names either a person or a team."""

    username = forms.CharField(
        required=False, max_length=64, label="Person", help_text="User name. Name either a person or a team."
    )
    team = forms.ModelChoiceField(
        Team.objects.all(), required=False, to_field_name="slug", empty_label="no team"
    )

    def clean_username(self) -> User | None:
        name = self.cleaned_data["username"].removeprefix("@")
        if not name:
            return None
        person = User.objects.filter(username__iexact=name, is_active=True).first()
        if person is None:
            raise forms.ValidationError("There is no account of that name.")
        return person

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and bool(data.get("username")) == bool(data.get("team")):
            raise forms.ValidationError("Name either a person or a team.")
        return data

    @property
    def holder(self) -> dict[str, Any]:
        return {"user": self.cleaned_data["username"], "team": self.cleaned_data["team"]}


class OwnerForm(HolderForm):
    kind = forms.ChoiceField(choices=Ownership.Kind.choices)
    field_order = ["kind", "username", "team"]


class GrantForm(HolderForm):
    role = forms.TypedChoiceField(
        choices=ProjectGrant.RoleChoice.choices, coerce=lambda value: Role(int(value))
    )
    field_order = ["username", "team", "role"]


class TermsForm(forms.Form):
    """One field a taxonomy, one term a line."""

    def __init__(self, fields: Iterable[tuple[str, str, bool, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for slug, name, allows_many, said in fields:
            help_text = "One term a line." if allows_many else "One term."
            if said:
                help_text += f" Its versions say: {said}."
            self.fields[slug] = Lines(rows=2, label=name, help_text=help_text)


class AttributesForm(forms.Form):
    """One field a definition, in its type."""

    def __init__(self, definitions: Iterable[AttributeDefinition], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.definitions = {definition.slug: definition for definition in definitions}
        for slug, definition in self.definitions.items():
            self.fields[slug] = _field_for(definition)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for slug, definition in self.definitions.items():
            if data.get(slug) in ("", None):
                continue
            try:
                typed_value(definition, data[slug])
            except Invalid as error:
                self.add_error(slug, error.message)
        return data


def _field_for(definition: AttributeDefinition) -> forms.Field:
    kind = AttributeDefinition.Type
    shared: dict[str, Any] = {
        "label": f"{definition.name} ({definition.unit})" if definition.unit else definition.name,
        "required": definition.is_required,
        "help_text": definition.description,
    }
    if definition.type == kind.TEXT:
        return forms.CharField(widget=area(), **shared)
    if definition.type == kind.NUMBER:
        return forms.FloatField(**shared)
    if definition.type == kind.DATE:
        return forms.DateField(widget=calendar(), **shared)
    if definition.type == kind.BOOLEAN:
        return forms.ChoiceField(choices=[("", "not stated"), ("yes", "Yes"), ("no", "No")], **shared)
    if definition.type == kind.CHOICE:
        return forms.ChoiceField(
            choices=[("", "not stated"), *((str(c), str(c)) for c in definition.choices)], **shared
        )
    return forms.CharField(**shared)


class ConfirmForm(forms.Form):
    confirmation = forms.CharField(max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(self, word: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["confirmation"].label = f"Type “{word}” to confirm"
