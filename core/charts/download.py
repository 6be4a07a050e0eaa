"""Downloads of a page's charts: `?chart=NAME&as=svg|png|csv|json` beside the page's own parameters."""

from collections.abc import Iterable

from django.http import Http404, HttpRequest, HttpResponse

from core.charts import FORMATS, Chart
from core.text import slug_of


def download(request: HttpRequest, charts: Iterable[Chart | None]) -> HttpResponse | None:
    """The chart that is asked for, as a file; nothing where the page itself is wanted.

    Raises:
        Http404: there is no such chart here, or no such form of it.
    """
    wanted = request.GET.get("chart", "")
    if not wanted:
        return None
    chart = next((one for one in charts if one is not None and one.name == wanted), None)
    form = FORMATS.get(request.GET.get("as", "svg"))
    if chart is None or form is None:
        raise Http404("There is no such chart here.")
    media, body = form
    response = HttpResponse(body(chart), content_type=media)
    ending = "vl.json" if media.startswith("application/vnd") else request.GET.get("as", "svg")
    response["Content-Disposition"] = f'attachment; filename="{slug_of(chart.title)}.{ending}"'
    return response
