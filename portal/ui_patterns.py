"""A page that shows each pattern of the style sheet, for those who work on it. Only with DEBUG."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone


class SampleForm(forms.Form):
    """One of each field."""

    name = forms.CharField(max_length=80, help_text="As people should read it.")
    purpose = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), required=False)
    stage = forms.ChoiceField(
        choices=[("", "No stage"), ("staging", "Staging"), ("production", "Production")]
    )
    email = forms.EmailField(required=False)
    frozen = forms.CharField(required=False, disabled=True, initial="set by its source")
    public = forms.BooleanField(required=False, label="Anyone may see it")


def ui_patterns(request: HttpRequest) -> HttpResponse:
    """Each partial once, filled with invented examples."""
    if not settings.DEBUG:
        raise Http404
    if "message" in request.GET:
        messages.success(request, "Saved. 2 people who follow it are told.")
        messages.error(request, "The file was not read: line 3 has no name.")
    return render(request, "portal/ui_patterns.html", _samples())


urlpatterns = [path("ui-patterns", ui_patterns, name="ui_patterns")]


def _samples() -> dict[str, Any]:
    now = timezone.now()
    form = SampleForm({"name": "", "email": "no address", "stage": "staging"})
    return {
        "search_text": "",
        "crumbs": [("Projects", "/p/"), ("huggingface/timm", "/p/timm")],
        "chips": [
            {"words": "speech", "label": "task: Automatic speech recognition", "remove_url": "?a"},
            {"words": "german", "label": "language: German", "remove_url": "?b"},
            {"label": "parameters ≤ 50 M", "remove_url": "?c"},
        ],
        "task_facet": {
            "key": "task",
            "label": "Task",
            "max": 71,
            "buckets": [
                _bucket("asr", "Automatic speech recognition", 71, selected=True),
                _bucket("translation", "Speech translation", 18),
                _bucket("embedding", "Text embedding", 44),
            ],
            "more": [_bucket("tts", "Text to speech", 12), _bucket("vad", "Voice activity detection", 0)],
        },
        "license_facet": {
            "key": "license",
            "label": "License",
            "buckets": [_bucket("cc-by-4.0", "CC BY 4.0", 7), _bucket("none", "Not stated", 1)],
        },
        "size_facet": {
            "label": "Parameters",
            "note": "log",
            "bins": [
                {"label": f"from {10**i:,}", "count": n, "selected": i < 4}
                for i, n in enumerate((11, 24, 41, 27, 36, 46, 31, 14, 9, 2))
            ],
            "low": "1 M",
            "middle": "≤ 50 M",
            "high": "10 B",
            "min_name": "parameters_min",
            "max_name": "parameters_max",
            "max": "50 M",
        },
        "hits": _hits(now),
        **_model_samples(now),
        "conflict": {
            "theirs": "Baseline for drawings.",
            "mine": "Baseline for photographs.",
            "by": "R. Adler",
            "at": now - timedelta(minutes=4),
            "state": "8",
        },
        "bound": form,
        "empty_hints": ["Check the spelling.", "Remove the filter “language: German”: 38 models without it."],
        "empty_actions": [("Remove all filters", "#"), ("Browse the tasks", "#")],
        "unread_notifications": 3,
        "may_add_model": True,
        "version": "0.1.0",
    }


def _model_samples(now: datetime) -> dict[str, Any]:
    """What the page of a model shows."""
    origin = {"name": "huggingface/timm", "url": "https://example.org", "read_at": now - timedelta(hours=2)}
    return {
        "tabs": [
            {"label": "Overview", "url": "#", "current": True},
            {"label": "Versions", "url": "#", "count": 18},
            {"label": "Evaluations", "url": "#", "count": 1432},
            {"label": "History", "url": "#"},
        ],
        "points": [
            {"label": label, "value": value, "note": "production" if label == "a1_in1k" else "", "url": "#"}
            for label, value in (
                ("tv_in1k", 76.0),
                ("tv2_in1k", 76.7),
                ("bt_in1k", 77.2),
                ("gluon_in1k", 78.7),
                ("b1k_in1k", 78.8),
                ("b2k_in1k", 79.3),
                ("ram_in1k", 80.1),
                ("c1_in1k", 80.3),
                ("c2_in1k", 80.7),
                ("a2_in1k", 80.9),
                ("a3_in1k", None),
                ("a1_in1k", 81.21),
            )
        ],
        "trend": [3, 4, 4, 7, 6, 9],
        "source": {**origin, "file": "results-imagenet.csv"},
        "columns": [{"label": "Data set"}, {"label": "Top-1", "num": True}, {"label": "Top-5", "num": True}],
        "rows": [
            {"head": "ImageNet-1k", "url": "#", "cells": ["81.21 %", "95.11 %"]},
            {"head": "ImageNet-Sketch", "cells": ["29.12 %", None]},
        ],
        "facts": [
            {"label": "Task", "links": [{"label": "Image classification", "url": "#"}], "origin": origin},
            {
                "label": "Architecture",
                "value": "ResNet",
                "title": "At the source: ResNet-50-D",
                "origin": origin,
            },
            {"label": "Parameters", "value": "25.6 M"},
            {"label": "License", "value": "Apache 2.0", "url": "#"},
            {"label": "Hardware", "value": None},
            {"label": "Intended use", "value": "", "add_url": "#"},
        ],
        "distribution": [(5, 17), (4, 9), (3, 4), (2, 0), (1, 1)],
        "mine": {"stars": 4, "review": ""},
        "tags": [{"label": "resnet", "url": "#"}, {"label": "baseline", "url": "#", "remove_url": "#"}],
        "comments": _comments(now),
    }


def _bucket(value: str, label: str, count: int, *, selected: bool = False) -> dict[str, Any]:
    return {"value": value, "label": label, "count": count, "selected": selected}


def _hits(now: Any) -> list[dict[str, Any]]:
    return [
        {
            "url": "#",
            "ref": "nemo/stt-de-quartznet15x5",
            "name": "stt_de_quartznet15x5",
            "name_marked": "stt_\ue000de\ue001_quartznet15x5",
            "stage": "production",
            "facts": ["nvidia/nemo", "CTC", "NeMo, PyTorch", "18.9 M parameters"],
            "owner": {"name": "Speech team", "url": "#"},
            "updated_at": now - timedelta(days=3),
            "tags": [{"label": word, "url": "#"} for word in ("asr", "quartznet", "call-center")],
            "why": "Named for German, smallest of its task, in production.",
            "key": {"value": "11.78 %", "label": "WER · MCV 6.0 test"},
            "rating": 4.2,
            "rating_count": 9,
            "comment_count": 3,
        },
        {
            "url": "#",
            "ref": "nemo/stt-de-citrinet-512",
            "name": "stt_de_citrinet_512",
            "facts": ["nvidia/nemo", "Citrinet", "NeMo, PyTorch", "36.5 M parameters", "no owner"],
            "tags": [{"label": "asr", "url": "#"}],
            "key": {"value": "7.12 %", "label": "WER · MCV 6.0 test"},
        },
        {
            "url": "#",
            "ref": "nemo/stt-de-conformer-ctc-small",
            "name": "stt_de_conformer_ctc_small_with_a_name_that_goes_on_and_on_for_a_long_while",
            "stage": "staging",
            "facts": ["nvidia/nemo", "Conformer", "13 M parameters"],
            "key": {"value": "—", "label": "not measured on MCV 6.0"},
            "rating": 5,
            "rating_count": 2,
        },
    ]


def _comments(now: Any) -> list[dict[str, Any]]:
    adler = SimpleNamespace(name="R. Adler", url="/people/adler")
    silva = SimpleNamespace(name="J. Silva", url="/people/silva")
    return [
        {
            "id": 1,
            "author": adler,
            "about": "on top-1, ImageNet-Sketch",
            "body": "Is the drop against `a2_in1k` **expected**, @silva? We would use it on drawings.",
            "known": {"silva"},
            "created_at": now - timedelta(days=2),
            "reply_url": "#",
            "replies": [
                {
                    "id": 2,
                    "author": silva,
                    "role": "owner",
                    "body": "Yes. The recipe is harder on textures:\n\n- more mixing\n- longer schedule",
                    "known": set(),
                    "created_at": now - timedelta(days=1),
                    "edited_at": now - timedelta(hours=3),
                    "history_url": "#",
                    "reply_url": "#",
                    "edit_url": "#",
                    "delete_url": "#",
                },
                {"id": 3, "deleted": True, "restore_url": "#"},
            ],
        }
    ]
