"""The apps know each other in one direction only."""

import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest

from config.size_limits import too_long
from docs.architecture_picture import TARGET, draw, layers

ROOT = Path(__file__).resolve().parent.parent.parent


def test_imports_go_one_way():
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([str(program), "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]


def test_no_module_imports_itself_by_way_of_others():
    """Imports within functions count: they only hide a cycle."""
    graph = grimp.build_graph(*(app for layer in layers() for app in layer), cache_dir=None)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


def test_files_and_functions_are_short_enough_to_read():
    assert too_long(ROOT) == []


def test_the_picture_of_the_layers_is_current():
    assert TARGET.read_text(encoding="utf-8") == draw(), "run `make architecture`"
