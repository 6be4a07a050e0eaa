"""The comparison page and its downloads."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from catalog.selectors.compare import FEWEST, MOST, WrongNumber, compare
from catalog.selectors.compare_export import as_csv, as_json
from catalog.selectors.refs import UnknownRef


def comparison(request: HttpRequest) -> HttpResponse:
    """2 to 12 models side by side; `show=differences` hides rows that are equal, `format=csv|json` downloads."""
    refs = list(dict.fromkeys(ref for ref in request.GET.getlist("model") if ref.strip()))
    context = {
        "refs": refs,
        "only_differences": request.GET.get("show", "differences") != "all",
        "fewest": FEWEST,
        "most": MOST,
    }
    if len(refs) < FEWEST:
        return render(request, "catalog/compare_start.html", context)
    try:
        context["comparison"] = result = compare(request.viewer, refs)
    except WrongNumber as error:
        return render(request, "catalog/compare_start.html", context | {"error": str(error)}, status=400)
    except UnknownRef as error:
        kept = [ref for ref in refs if ref != error.words]
        context |= {"error": str(error), "kept": kept}
        return render(request, "catalog/compare_start.html", context, status=404)
    wanted = request.GET.get("format", "")
    if wanted == "json":
        response: HttpResponse = JsonResponse(
            as_json(result), json_dumps_params={"ensure_ascii": False, "indent": 2}
        )
        response["Content-Disposition"] = 'attachment; filename="vitrine-comparison.json"'
        return response
    if wanted == "csv":
        response = HttpResponse(as_csv(result), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="vitrine-comparison.csv"'
        return response
    context["columns"] = [
        {
            "column": column,
            "without": [c.ref for c in result.columns if c is not column],
        }
        for column in result.columns
    ]
    return render(request, "catalog/compare.html", context)
