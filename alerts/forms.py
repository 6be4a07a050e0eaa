"""Forms for rules, silences and webhooks. The rules of the house are in the services; forms read what was typed."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from access.viewer import Viewer
from accounts.models import Team
from alerts.access import managed_endpoints
from alerts.models import Rule
from alerts.quantities import QUANTITIES
from alerts.quantities.metadata import PERCENT
from alerts.selectors import words
from alerts.services.rules import EDITABLE
from evaluations.selectors import vocabulary_use

MOST_SUGGESTED = 500
CONDITIONS = ("op", "threshold", "in_a_row", "row_of", "clear_at")
FIELDS = {
    "metric": ("metric", "dataset", "split", "slice", *CONDITIONS, "versions"),
    "drift": ("measure", "feature", *CONDITIONS, "versions"),
    "staleness": ("measure", "threshold", "versions"),
    "metadata": ("measure", "threshold", "versions"),
}
COMMON_FIRST = ("name", "scope", "severity")
COMMON_LAST = ("note", "people", "teams", "tell_owners", "by_app", "by_mail", "webhooks", "is_enabled")
TWO_CHOICES = (("leading", "All models"), ("production", "Those with a version in production"))


class Suggesting(forms.TextInput):
    """A text field with a list to choose from, which works without script; the template writes the list."""

    def __init__(self, name: str) -> None:
        self.list_id = f"{name}-list"
        super().__init__(attrs={"list": self.list_id, "autocomplete": "off"})


class RuleForm(forms.Form):
    """A rule of one kind; fields that the kind has no use for are left out."""

    name = forms.CharField(max_length=120, help_text="As its news should begin: F1 on fraud-eval is low")
    scope = forms.ChoiceField(label="Watches")
    severity = forms.ChoiceField(choices=Rule.Severity.choices, initial="warning")
    metric = forms.CharField(max_length=200, widget=Suggesting("metric"), help_text="By any of its names")
    dataset = forms.CharField(
        max_length=300,
        required=False,
        label="Data set",
        widget=Suggesting("dataset"),
        help_text="Empty for any, each by itself",
    )
    split = forms.CharField(max_length=120, required=False)
    slice = forms.CharField(max_length=300, required=False)
    measure = forms.ChoiceField(label="What")
    feature = forms.CharField(max_length=200, required=False, help_text="Empty for any, each by itself")
    op = forms.ChoiceField(
        choices=(("below", "is below"), ("above", "is above")), label="Fires when the value"
    )
    threshold = forms.FloatField(help_text="In the metric’s own unit: 80 for a metric in percent")
    clear_at = forms.FloatField(
        required=False,
        label="Clears at",
        help_text="A little better than the threshold keeps it from going on and off",
    )
    in_a_row = forms.IntegerField(min_value=1, max_value=100, initial=1, label="After how many in a row")
    row_of = forms.ChoiceField(
        choices=Rule.Row.choices,
        initial="values",
        label="Counted in",
        help_text="Of a day the last value counts",
    )
    versions = forms.ChoiceField(choices=Rule.Versions.choices, initial="leading", label="On")
    note = forms.CharField(
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What to do about it; Markdown",
    )
    people = forms.CharField(
        required=False, max_length=2000, label="Tell people", help_text="User names, with commas between"
    )
    teams = forms.ModelMultipleChoiceField(
        Team.objects.none(),
        required=False,
        to_field_name="slug",
        label="Tell teams",
        widget=forms.CheckboxSelectMultiple,
    )
    tell_owners = forms.BooleanField(required=False, initial=True, label="Tell the owners of the model")
    by_app = forms.BooleanField(required=False, initial=True, label="Under the bell")
    by_mail = forms.BooleanField(required=False, label="By e-mail, at most one in a few minutes")
    webhooks = forms.ModelMultipleChoiceField(
        managed_endpoints(Viewer()), required=False, label="By webhook", widget=forms.CheckboxSelectMultiple
    )
    is_enabled = forms.BooleanField(required=False, initial=True, label="Turned on")

    def __init__(
        self, viewer: Viewer, kind: str, scopes: Mapping[str, str], *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.viewer, self.kind = viewer, kind
        for name in set(self.fields) - {*COMMON_FIRST, *FIELDS[kind], *COMMON_LAST}:
            del self.fields[name]
        if scopes:
            self.fields["scope"].choices = list(scopes.items())  # type: ignore[attr-defined]
        else:
            del self.fields["scope"]
        if "measure" in self.fields:
            measures = QUANTITIES[kind].measures if kind in QUANTITIES else {}
            self.fields["measure"].choices = list(measures.items())  # type: ignore[attr-defined]
        if kind in ("staleness", "metadata"):
            self.fields["versions"].choices = TWO_CHOICES  # type: ignore[attr-defined]
        if kind == "drift":
            self.fields["op"].initial = "above"
            self.fields["threshold"].help_text = "Above 0.2 is a usual one for PSI"
            self.fields["clear_at"].help_text = "A little lower keeps it from going on and off"
        if kind == "staleness":
            self.fields["threshold"] = forms.FloatField(
                min_value=0.1, label="More than how many days", initial=90
            )
        if kind == "metadata":
            self.fields["threshold"] = forms.FloatField(
                min_value=0,
                max_value=100,
                required=False,
                label="Below which share",
                help_text="In percent, for the share only",
            )
        self.fields["teams"].queryset = Team.objects.order_by("name")  # type: ignore[attr-defined]
        endpoints = managed_endpoints(viewer)
        self.fields["webhooks"].queryset = endpoints  # type: ignore[attr-defined]
        self.order_fields([*COMMON_FIRST, *FIELDS[kind], *COMMON_LAST])

    def suggestions(self) -> list[tuple[str, list[str]]]:
        """The lists of the suggesting fields, by their ids. Two queries at most."""
        found = []
        if "metric" in self.fields:
            metrics = vocabulary_use.metrics(self.viewer).values_list("name", flat=True)
            found.append(("metric-list", list(metrics[:MOST_SUGGESTED])))
        if "dataset" in self.fields:
            datasets = vocabulary_use.datasets(self.viewer).values_list("name", flat=True)
            found.append(("dataset-list", list(datasets[:MOST_SUGGESTED])))
        return found

    def given(self) -> dict[str, Any]:
        """The fields of the rule, with what they name looked up.

        Raises:
            Invalid: something named is not there.
        """
        data = self.cleaned_data
        fields = {name: value for name, value in data.items() if name in EDITABLE}
        if "metric" in data:
            fields["metric"] = words.metric_named(self.viewer, data["metric"])
        if "dataset" in data:
            fields["dataset"] = words.dataset_named(self.viewer, data["dataset"]) if data["dataset"] else None
        if self.kind == "metadata" and data["measure"] != PERCENT:
            fields.pop("threshold", None)
        return fields

    def told(self) -> dict[str, Any]:
        """Whom the rule tells, as the services take it.

        Raises:
            Invalid: nobody has one of the user names.
        """
        names = [name.strip() for name in self.cleaned_data["people"].split(",") if name.strip()]
        return {
            "people": words.people_named(names),
            "teams": list(self.cleaned_data["teams"]),
            "endpoints": list(self.cleaned_data["webhooks"]),
        }


DURATIONS = (
    ("1", "1 hour"),
    ("4", "4 hours"),
    ("24", "1 day"),
    ("72", "3 days"),
    ("168", "1 week"),
    ("720", "30 days"),
)


class SilenceForm(forms.Form):
    """How long, and why. What is silenced stands in the address."""

    hours = forms.ChoiceField(choices=DURATIONS, initial="24", label="For")
    until = forms.DateTimeField(
        required=False,
        label="Or until",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        help_text="In UTC; goes before the choice above",
    )
    reason = forms.CharField(max_length=300, help_text="For those who wonder: retraining runs until Friday")

    def moment(self) -> datetime:
        chosen: datetime | None = self.cleaned_data["until"]
        return chosen or timezone.now() + timedelta(hours=int(self.cleaned_data["hours"]))


class WebhookForm(forms.Form):
    """An endpoint; its project is chosen once, when it is made."""

    name = forms.CharField(max_length=120)
    url = forms.CharField(
        max_length=1000, label="Address", help_text="https://…; messages are posted there as JSON"
    )
    project = forms.ChoiceField(required=False, label="For alerts of")
    is_enabled = forms.BooleanField(required=False, initial=True, label="Turned on")

    def __init__(self, scopes: Mapping[str, str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if scopes:
            self.fields["project"].choices = list(scopes.items())  # type: ignore[attr-defined]
        else:
            del self.fields["project"]


class FilterForm(forms.Form):
    """What a list of alerts is narrowed to."""

    state = forms.ChoiceField(
        required=False,
        choices=(
            ("", "Open"),
            ("firing", "Firing"),
            ("silenced", "Silenced"),
            ("ok", "Cleared"),
            ("all", "All"),
        ),
    )
    severity = forms.ChoiceField(required=False, choices=(("", "Any"), *Rule.Severity.choices))
    project = forms.ChoiceField(required=False)

    def __init__(self, projects: Mapping[str, str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["project"].choices = [("", "Any"), *projects.items()]  # type: ignore[attr-defined]
