"""The form that takes a file of statistics. What is in the file is read by `evaluations.statistics`."""

import datetime as dt

from django import forms
from django.conf import settings

from core.api.parsing import LARGEST, loads
from core.api.problems import Problem
from core.errors import DomainError, Invalid, ValidationErrors
from evaluations.statistics.document import Document, read_document
from evaluations.statistics.tables import line_of, read_table

JSON = "json"


class StatisticsFileForm(forms.Form):
    """A statistics document as JSON, or one matrix or curve as CSV with its conditions beside."""

    file = forms.FileField(
        help_text="A statistics document (.json), or one matrix or curve (.csv). All of it lands, or nothing.",
        widget=forms.ClearableFileInput(attrs={"accept": ".json,.csv"}),
    )
    holds = forms.ChoiceField(
        label="It holds",
        choices=[
            (JSON, "a statistics document (JSON)"),
            ("confusion_matrix", "a confusion matrix (CSV)"),
            ("roc", "a ROC curve (CSV)"),
            ("precision_recall", "a precision-recall curve (CSV)"),
            ("calibration", "a calibration curve (CSV)"),
        ],
    )
    dataset = forms.CharField(
        max_length=300, required=False, label="Data set", help_text="For CSV; so are the next ones"
    )
    split = forms.CharField(max_length=120, required=False)
    slice = forms.CharField(max_length=300, required=False)
    name = forms.CharField(
        max_length=120, required=False, help_text="Tells several of a kind apart, such as a class"
    )
    evaluated_at = forms.DateTimeField(
        required=False, label="Measured at", widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )

    def document(self) -> Document:
        """What the file holds, checked.

        Raises:
            Invalid, ValidationErrors: it can't be read; the field is the path in the document, or the line of the CSV.
        """
        raw = self._bytes()
        if self.cleaned_data["holds"] == JSON:
            try:
                return read_document(loads(raw))
            except Problem as error:
                raise Invalid(str(error.detail).replace("The body", "The file")) from None
        return self._table(raw)

    def _bytes(self) -> bytes:
        largest = getattr(settings, "VITRINE_API_LARGEST_BODY", LARGEST)
        file = self.cleaned_data["file"]
        if file.size > largest:
            raise Invalid(f"The file is larger than {largest // 1024 // 1024} MB. Send it in parts.")
        return bytes(file.read())

    def _table(self, raw: bytes) -> Document:
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = raw[: error.start].count(b"\n") + 1
            raise ValidationErrors([(f"line {line}", "The file is not UTF-8 here.")]) from None
        kind: str = self.cleaned_data["holds"]
        given = read_table(kind, text)
        where = {name: self.cleaned_data[name] for name in ("dataset", "split", "slice", "name")}
        at: dt.datetime | None = self.cleaned_data["evaluated_at"]
        row = {"kind": kind, **given, **where, "evaluated_at": at.isoformat() if at else None}
        try:
            return read_document({"statistics": [row]})
        except ValidationErrors as error:
            raise ValidationErrors([(line_of(place), message) for place, message in error.errors]) from None

    def tell(self, error: DomainError) -> None:
        """Say beside the file what is wrong in it, each with its place."""
        found = error.errors if isinstance(error, ValidationErrors) else [(error.field or "", error.message)]
        for place, message in found:
            self.add_error("file", f"{place}: {message}" if place else message)
