"""The comparison page and its downloads."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.text import Truncator

from catalog.selectors.refs import UnknownRef
from core.charts.download import download
from evaluations.selectors import tradeoffs
from evaluations.selectors.compare import compare
from evaluations.selectors.compare_export import as_csv, as_json, as_markdown
from evaluations.selectors.compare_page import sections
from evaluations.selectors.comparison import (
    FEWEST,
    MOST,
    Comparison,
    WrongNumber,
)

MOST_OFFERED = 150  # measures to choose from
LONGEST_LABEL = 70
MOST_CLOSE = 20  # groups that are not alike, unless all are asked for
DOWNLOADS = {
    "csv": ("text/csv; charset=utf-8", as_csv),
    "md": ("text/markdown; charset=utf-8", as_markdown),
}


def comparison(request: HttpRequest) -> HttpResponse:
    """2 to 12 models side by side.

    `show=differences` hides rows that are equal, `base` is the reference of the base line, `find` words to look for in
    the rows, `all` a section to show whole, `x` and `y` the measures of the scatter with `log` for either;
    `format=csv|json|md` downloads the table, `chart` and `as` a chart.
    """
    refs = list(dict.fromkeys(ref for ref in request.GET.getlist("model") if ref.strip()))
    only_differences = request.GET.get("show", "differences") != "all"
    context: dict[str, Any] = {
        "refs": refs,
        "only_differences": only_differences,
        "fewest": FEWEST,
        "most": MOST,
    }
    if len(refs) < FEWEST:
        return render(request, "catalog/compare_start.html", context)
    try:
        result = compare(request.viewer, refs)
    except WrongNumber as error:
        return render(request, "catalog/compare_start.html", context | {"error": str(error)}, status=400)
    except UnknownRef as error:
        kept = [ref for ref in refs if ref != error.words]
        context |= {"error": str(error), "kept": kept}
        return render(request, "catalog/compare_start.html", context, status=404)
    charts = _charts(request, result)
    if file := _table(request, result) or download(request, charts["drawn"]):
        return file
    base = _base(request.GET.get("base", ""), refs, result)
    find = request.GET.get("find", "").strip()[:200]
    context |= {
        "comparison": result,
        "columns": _columns(result, base),
        "base": None if base is None else result.columns[base],
        "find": find,
        "sections": sections(
            result,
            base=base,
            only_differences=only_differences,
            find=find,
            whole=request.GET.getlist("all"),
        ),
        "close": result.not_comparable[: None if "close" in request.GET.getlist("all") else MOST_CLOSE],
        **charts,
    }
    return render(request, "catalog/compare.html", context)


def _base(wanted: str, refs: list[str], result: Comparison) -> int | None:
    """The place of the base line, which may be named as its column was, or by its own reference."""
    names = zip(refs, result.columns, strict=False)
    return next(
        (place for place, (ref, column) in enumerate(names) if wanted in (ref, column.ref, column.model.ref)),
        None,
    )


def _table(request: HttpRequest, result: Comparison) -> HttpResponse | None:
    """The whole comparison as a file, if one is asked for."""
    wanted = request.GET.get("format", "")
    if wanted == "json":
        response: HttpResponse = JsonResponse(
            as_json(result), json_dumps_params={"ensure_ascii": False, "indent": 2}
        )
    elif wanted in DOWNLOADS:
        media, write = DOWNLOADS[wanted]
        response = HttpResponse(write(result), content_type=media)
    else:
        return None
    response["Content-Disposition"] = f'attachment; filename="vitrine-comparison.{wanted}"'
    return response


def _columns(result: Comparison, base: int | None) -> list[dict[str, Any]]:
    """The columns with the orders that taking one out, or moving it, leads to."""
    refs = [column.ref for column in result.columns]
    return [
        {
            "column": column,
            "is_base": place == base,
            "without": refs[:place] + refs[place + 1 :],
            "earlier": _moved(refs, place, place - 1) if place else None,
            "later": _moved(refs, place, place + 1) if place < len(refs) - 1 else None,
        }
        for place, column in enumerate(result.columns)
    ]


def _moved(refs: list[str], place: int, to: int) -> list[str]:
    """The order in which one stands elsewhere."""
    rest = refs[:place] + refs[place + 1 :]
    return [*rest[:to], refs[place], *rest[to:]]


def _charts(request: HttpRequest, result: Comparison) -> dict[str, Any]:
    """The scatter of the measures that are chosen, or those that most would choose, and many measures at once."""
    measures = tradeoffs.measures_of(result)
    if len(measures) < 2:
        return {"measures": [], "drawn": []}
    x = _named(request.GET.get("x"), measures) or measures[0]
    others = [measure for measure in measures if measure is not x]
    y = _named(request.GET.get("y"), measures) or tradeoffs.telling(x, others)
    logs = request.GET.getlist("log")
    is_log = {
        axis: axis in logs if "x" in request.GET else axis == "x" and x.key in tradeoffs.COSTS
        for axis in "xy"
    }
    scatter = tradeoffs.tradeoff(result, x, y, log_x=is_log["x"], log_y=is_log["y"])
    several = tradeoffs.at_once(result, measures)
    return {
        "measures": [
            (measure.key, _short(measure.label))
            for place, measure in enumerate(measures)
            if place < MOST_OFFERED or measure is x or measure is y
        ],
        "x": x,
        "y": y,
        "is_log": is_log,
        "scatter": scatter,
        "several": several,
        "drawn": [scatter, *several],
    }


def _named(key: str | None, measures: Sequence[tradeoffs.Measure]) -> tradeoffs.Measure | None:
    """The measure that an address names."""
    return next((measure for measure in measures if measure.key == key), None) if key else None


def _short(label: str) -> str:
    return Truncator(label).chars(LONGEST_LABEL) if len(label) > LONGEST_LABEL else label
