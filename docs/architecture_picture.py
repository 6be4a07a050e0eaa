"""Draw the apps as layers, with the imports between them: `make architecture` writes docs/images/architecture.svg.

The layers come from pyproject.toml, where import-linter reads them; the imports from the code.
"""

import sys
import tomllib
from html import escape
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "images" / "architecture.svg"
WIDTH, BOX, HEIGHT, GAP = 760, 190, 34, 30
WHAT = {
    "config": "settings, servers, URLs",
    "portal": "home, the pages of models and versions",
    "people": "profiles, teams",
    "ingestion": "the one writer, connectors",
    "search": "query, documents, index, back ends",
    "alerts": "rules, delivery, dashboards",
    "social": "ratings, comments, follows",
    "evaluations": "numbers, comparison, leaderboards",
    "catalog": "projects, models, versions, facts",
    "vocabulary": "terms, metrics, datasets, resolver",
    "access": "viewer, roles, visibility",
    "accounts": "users, teams, tokens",
    "core": "API kit, text, formatting, charts, workers",
}


def layers() -> list[list[str]]:
    """The apps, the highest layer first."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contract = settings["tool"]["importlinter"]["contracts"][0]
    return [[name.strip() for name in layer.split("|")] for layer in contract["layers"]]


def imports(apps: list[str]) -> dict[tuple[str, str], int]:
    """How many modules of one app import another."""
    sys.path.insert(0, str(ROOT))
    graph = grimp.build_graph(*apps, cache_dir=None)
    counts: dict[tuple[str, str], int] = {}
    for module in graph.modules:
        importer = module.partition(".")[0]
        targets = {name.partition(".")[0] for name in graph.find_modules_directly_imported_by(module)}
        for imported in targets - {importer}:
            counts[importer, imported] = counts.get((importer, imported), 0) + 1
    return counts


def draw() -> str:
    """The picture as SVG."""
    rows = layers()
    counts = imports([app for row in rows for app in row])
    place = {
        app: (20 + column * (BOX + 150), 20 + number * (HEIGHT + GAP))
        for number, row in enumerate(rows)
        for column, app in enumerate(row)
    }
    height = 20 + len(rows) * (HEIGHT + GAP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif">',
        "<title>The apps in layers; each imports only apps below it</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
    ]
    for app, (x, y) in place.items():
        fan_out = sorted(imported for importer, imported in counts if importer == app)
        uses = f"imports {', '.join(fan_out)}" if fan_out else "imports no other app"
        parts += [
            f'<rect x="{x}" y="{y}" width="{BOX}" height="{HEIGHT}" rx="5" fill="#eef3f8" stroke="#33556e"/>',
            f'<text x="{x + 10}" y="{y + 15}" font-size="13" font-weight="bold" fill="#16303f">{app}</text>',
            f'<text x="{x + 10}" y="{y + 28}" font-size="9" fill="#16303f">{escape(WHAT[app])}</text>',
        ]
        if len(next(row for row in rows if app in row)) == 1:
            parts.append(
                f'<text x="{x + BOX + 12}" y="{y + 21}" font-size="10" fill="#55606a">{escape(uses)}</text>'
            )
        else:
            parts.append(
                f'<text x="{x}" y="{y + HEIGHT + 13}" font-size="9" fill="#55606a">{escape(uses)}</text>'
            )
    return "\n".join([*parts, "</svg>", ""])


if __name__ == "__main__":
    TARGET.write_text(draw(), encoding="utf-8")
    print(f"{TARGET.relative_to(ROOT)} written")
