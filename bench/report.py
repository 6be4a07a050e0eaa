"""Where figures go: `bench/results.json`, and a table between two markers in `docs/performance.md`."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.measure import Figure, Group

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "results.json"
PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"

HEAD = "| figure | Vitrine | other | ratio | unit | better | other is |\n|---|--:|--:|--:|---|---|---|"

Measured = Sequence[tuple[Group, Sequence[Figure]]]


def write_results(path: Path, figures: Sequence[Figure]) -> None:
    """The figures as a list, one a line, so that a difference reads well."""
    lines = ",\n".join(f"  {json.dumps(figure.as_json(), ensure_ascii=False)}" for figure in figures)
    path.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def write_page(path: Path, table: str) -> None:
    """Put the table between the markers of the page, and leave the rest as it is.

    Raises:
        ValueError: the markers are not there, once each and in order.
    """
    path.write_text(between_markers(path.read_text(encoding="utf-8"), table), encoding="utf-8")


def between_markers(text: str, table: str) -> str:
    """The text with `table` for what stands between the markers.

    Raises:
        ValueError: the markers are not there, once each and in order.
    """
    before, began, rest = text.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not began or not ended or BEGIN in rest or END in after:
        raise ValueError(f"The page must have {BEGIN} and {END} once each, in this order.")
    return f"{before}{BEGIN}\n{table.strip()}\n{END}{after}"


def table_of(measured: Measured, caption: str, missing: Sequence[str] = ()) -> str:
    """All figures as Markdown: the caption, what could not be measured, and a table for each part."""
    parts = [f"*{caption}*"]
    parts += [f"**Not measured:** {words}" for words in missing]
    for group, figures in measured:
        if figures:
            rows = "\n".join(_row(figure) for figure in figures)
            parts.append(f"### {group.name.capitalize()}\n{group.about}\n\n{HEAD}\n{rows}")
    return "\n\n".join(parts)


def _row(figure: Figure) -> str:
    ratio = "—" if figure.ratio is None else f"{_number(figure.ratio)} ×"
    better = "more" if figure.more_is_better else "less"
    cells = [
        figure.name,
        _number(figure.ours),
        _number(figure.other),
        ratio,
        figure.unit,
        better,
        figure.other_name,
    ]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _number(number: float) -> str:
    """Three significant digits, and all of those before the point."""
    if number == 0 or abs(number) >= 100:
        return f"{number:,.0f}"
    return f"{number:.3g}"


def caption_of(
    versions: Mapping[str, str],
    *,
    is_quick: bool = False,
    now: datetime | None = None,
    load: float | None = None,
) -> str:
    """When and on what: date, cores, memory and versions; neither names of hosts nor paths."""
    day = (now or datetime.now(UTC)).strftime("%Y-%m-%d")
    programs = ", ".join(f"{name} {version}" for name, version in versions.items())
    quick = " A quick run: few samples." if is_quick else ""
    busy = "" if load is None else f" Load average when it began: {load:.1f}."
    return (
        f"{day}: {cores()} cores, {memory_in_gib():.0f} GiB of memory, Python {platform.python_version()}, {programs}."
        f"{busy}{quick}"
    )


def cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def memory_in_gib() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def shown(figure: Figure) -> str:
    """A figure as the terminal shows it while the bench goes on."""
    ratio = "" if figure.ratio is None else f"{_number(figure.ratio)} ×"
    return (
        f"  {figure.name:<42}{_number(figure.ours):>9}{_number(figure.other):>9} {figure.unit:<12}{ratio:>9}"
    )
