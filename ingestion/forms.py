"""The form for a new version."""

import csv
import json
from typing import Any

from django import forms

from catalog.facts import version_facts
from catalog.facts.fields import form_field
from catalog.forms import Lines, Once, area, calendar
from catalog.models import (
    ModelVersion,
)
from catalog.services import structure as given
from evaluations.services.records import EvaluationIn, MetricIn


class VersionForm(Once):
    label = forms.CharField(max_length=128, help_text="What people call it: 3, 2.1.0, a1_in1k")
    stage = forms.ChoiceField(choices=ModelVersion.Stage.choices, required=False)
    notes = forms.CharField(
        required=False, max_length=200_000, widget=area(), help_text="What changed; Markdown"
    )
    training_data = Lines(help_text="Data sets it was trained on, one a line")
    parameters = Lines(label="Training parameters", help_text="One a line: learning_rate = 0.1")
    packages = Lines(help_text="One a line: torch ==2.1.0")
    artifacts = Lines(help_text="Where the weights are, one address a line")
    links = Lines(help_text="Addresses to read on, one a line")
    evaluations = Lines(
        rows=5,
        help_text="One a line: metric; value; unit; data set; split; slice. The last four may be left out: "
        "top-1; 80.1; %; ImageNet-1k; val",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        facts = {fact.column: form_field(fact, calendar) for fact in version_facts()}
        self.fields |= facts
        self.order_fields(["label", "stage", "notes", *facts])

    def clean_parameters(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for number, line in enumerate(self.cleaned_data["parameters"], 1):
            name, equals, words = (part.strip() for part in line.partition("="))
            if not equals or not name or not words:
                raise forms.ValidationError(f"Line {number}: write name = value.")
            if name in found:
                raise forms.ValidationError(f"Line {number}: “{name}” is given twice.")
            found[name] = _value(words)
        return found

    def clean_packages(self) -> tuple[given.PackageIn, ...]:
        found = []
        for line in self.cleaned_data["packages"]:
            name = line.split()[0]
            for sign in "<>=!~[;@":
                name = name.partition(sign)[0]
            found.append(given.PackageIn(name or line, line[len(name) :].strip()))
        return tuple(found)

    def clean_evaluations(self) -> tuple[EvaluationIn, ...]:
        grouped: dict[tuple[str, str, str], list[MetricIn]] = {}
        for number, line in enumerate(self.cleaned_data["evaluations"], 1):
            cells = [cell.strip() for cell in next(csv.reader([line], delimiter=";"))]
            if not 2 <= len(cells) <= 6:
                raise forms.ValidationError(
                    f"Line {number}: write metric; value; unit; data set; split; slice."
                )
            metric, words, unit, dataset, split, slice_ = (*cells, "", "", "", "")[:6]
            try:
                value = float(words)
            except ValueError:
                raise forms.ValidationError(f"Line {number}: “{words[:40]}” is no number.") from None
            grouped.setdefault((dataset, split, slice_), []).append(MetricIn(metric, value, unit))
        return tuple(EvaluationIn(tuple(metrics), *key) for key, metrics in grouped.items())

    def values(self) -> dict[str, Any]:
        """What was typed, as the arguments of `add_version`."""
        fields = dict(self.cleaned_data)
        structure = given.Structure(
            parameters=fields.pop("parameters"),
            packages=fields.pop("packages"),
            artifacts=tuple(given.ArtifactIn(uri) for uri in fields.pop("artifacts")),
            training_data=tuple(fields.pop("training_data")),
            links=tuple(given.LinkIn(url) for url in fields.pop("links")),
        )
        return {**fields, "structure": structure}


def _value(words: str) -> Any:
    """A parameter as JSON where it is any, else as text."""

    def no_constant(word: str) -> Any:
        raise ValueError(word)

    try:
        value = json.loads(words, parse_constant=no_constant)
    except (ValueError, RecursionError):
        return words
    return words if value is None or value in (float("inf"), float("-inf")) else value
