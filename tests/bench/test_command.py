"""The command line, and what becomes of parts that fail. Starts no server."""

import pytest

from bench.__main__ import GROUPS, measure_all, parsed
from bench.measure import Context, Figure, Group, Skipped
from bench.questions import OURS, questions_of
from bench.site import with_database

FIGURE = Figure("x", 1, 1, "plain", "ms")


def group(name, *figures, error=None):
    def measure(context):
        yield from figures
        if error:
            raise error

    return Group(name, "", measure)


def context():
    return Context(site=None, questions=[], queries="")


def test_help_names_every_part(capsys):
    with pytest.raises(SystemExit) as ended:
        parsed(["--help"])
    assert ended.value.code == 0
    words = capsys.readouterr().out
    assert all(f"  {part.name} " in words for part in GROUPS)


def test_an_unknown_part_is_refused(capsys):
    with pytest.raises(SystemExit) as ended:
        parsed(["--only", "serach"])
    assert ended.value.code == 2
    assert "search" in capsys.readouterr().err


def test_parts_have_names_of_their_own():
    assert len({part.name for part in GROUPS}) == len(GROUPS)


def test_one_part_that_fails_stops_no_other_and_keeps_what_it_had():
    measured, skipped, failed = measure_all(
        context(), [group("a", FIGURE, error=RuntimeError("broken")), group("b", FIGURE)]
    )
    assert [(part.name, len(figures)) for part, figures in measured] == [("a", 1), ("b", 1)]
    assert skipped == []
    assert failed == ["a: RuntimeError: broken"]


def test_a_part_that_can_not_be_measured_here_is_skipped_and_no_failure(capsys):
    _, skipped, failed = measure_all(context(), [group("a", error=Skipped("no file"))])
    assert (skipped, failed) == (["a: no file"], [])
    assert "SKIPPED: no file" in capsys.readouterr().out


def test_without_the_file_of_queries_the_bench_asks_its_own(tmp_path):
    assert questions_of(tmp_path / "none.json.gz") == list(OURS)


def test_a_database_is_named_on_the_same_server():
    assert with_database("postgresql://postgres@/postgres?host=%2Ftmp%2Fx", "a") == (
        "postgresql://postgres@/a?host=%2Ftmp%2Fx"
    )
