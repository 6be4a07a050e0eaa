"""Find functions and files that are too long to read: `python config/size_limits.py` lists them, exit code 1."""

import ast
import subprocess
import sys
from pathlib import Path

LONGEST_FUNCTION = 60
LONGEST_FILE = 400
# Longer for now; the list may only shrink.
STILL_LONG = {
    "bench/synthetic.py",
    "search/query/language.py",
    "search/query/understanding.py",
    "static/css/components.css",
    "static/css/controls.css",
    "static/css/pages.css",
    "tests/alerts/test_alert_pages.py",
    "tests/alerts/test_webhooks.py",
    "tests/catalog/test_services.py",
    "tests/search/test_sync.py",
}


def too_long(root: Path) -> list[str]:
    """What is over the limits, in words; migrations are left out."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "*.py", "*.css", "*.js", "*.html"],
        cwd=root,
        capture_output=True,
        check=True,
    )
    problems = []
    for name in filter(None, listed.stdout.decode().split("\0")):
        path = root / name
        if "/migrations/" in name or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8")
        lines = text.count("\n")
        if lines > LONGEST_FILE and name not in STILL_LONG:
            problems.append(f"{name}: {lines} lines, at most {LONGEST_FILE}")
        if name.endswith(".py"):
            problems += [f"{name}: {words}" for words in long_functions(text)]
    return problems


def long_functions(text: str) -> list[str]:
    """The functions of a module that are over the limit."""
    return [
        f"{node.name} has {node.end_lineno - node.lineno + 1} lines, at most {LONGEST_FUNCTION}"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno >= LONGEST_FUNCTION
    ]


if __name__ == "__main__":
    found = too_long(Path(__file__).resolve().parent.parent)
    print("\n".join(found))
    sys.exit(1 if found else 0)
