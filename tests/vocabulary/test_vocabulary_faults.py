"""A wrong entry of the vocabulary's files is told by file and name."""

import shutil

import pytest

from vocabulary.reader import (
    HERE,
    Vocabulary,
    VocabularyError,
    read_vocabulary,
)


@pytest.fixture
def files(tmp_path):
    """A copy of the vocabulary whose files can be spoiled: `files("tasks.yaml", text)` replaces one, and reads."""
    folder = tmp_path / "vocabulary"
    folder.mkdir()
    for path in HERE.glob("*.yaml"):
        shutil.copy(path, folder / path.name)

    def replace(name: str, text: str | bytes) -> Vocabulary:
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_vocabulary(folder)

    replace.folder = folder  # type: ignore[attr-defined]
    return replace


METRICS = "metrics:\n  - {slug: a, name: A, direction: higher%s}\n%s"
TASKS = "terms:\n  - {slug: a, name: A}\n  - {slug: b, name: B%s}\n%s"

WRONG = {
    "an unknown parent": ("tasks.yaml", TASKS % (", parent: c", ""), "b: its parent c is no term"),
    "a parent listed later": (
        "tasks.yaml",
        "terms: [{slug: a, name: A, parent: b}, {slug: b, name: B, parent: a}]",
        "a: its parent b is not listed before it",
    ),
    "its own parent": ("tasks.yaml", TASKS % (", parent: b", ""), "b: its parent b is not listed before it"),
    "a slug twice": (
        "tasks.yaml",
        "terms: [{slug: a, name: A}, {slug: a, name: B}]",
        "a: the slug stands twice",
    ),
    "an alias of two terms": (
        "tasks.yaml",
        TASKS % (", aliases: [a]", ""),
        "b, a: these words mean a already",
    ),
    "an ignored term": ("tasks.yaml", TASKS % ("", "ignore: [A]"), "ignore, A: these words mean a already"),
    "several, one unknown": ("tasks.yaml", TASKS % ("", "several: {x: [a, z]}"), "x: z is no term"),
    "several that is a list": ("tasks.yaml", TASKS % ("", "several: [x]"), "several: it must be a mapping"),
    "an unknown key": ("tasks.yaml", TASKS % (", color: red", ""), "b: color is no known key"),
    "an unknown key of the file": ("tasks.yaml", TASKS % ("", "words: []"), "file: words is no known key"),
    "a missing name": (
        "tasks.yaml",
        "terms: [{slug: a}]",
        "a: missing 1 required positional argument: 'name'",
    ),
    "an alias that YAML reads as no": (
        "languages.yaml",
        TASKS % (", aliases: [no]", ""),
        "b: False is not text",
    ),
    "an alias of nothing": ("tasks.yaml", TASKS % (', aliases: ["-"]', ""), "b: '-' has no letter or digit"),
    "a name that is a number": ("tasks.yaml", "terms: [{slug: a, name: 3}]", "a: name must be text, not 3"),
    "a term that is a word": ("tasks.yaml", "terms: [a]", "'a': it must be a mapping"),
    "no terms": ("tasks.yaml", "ignore: []", "terms: it must be a list"),
    "no mapping": ("tasks.yaml", "- a", "file: it must be a mapping"),
    "no YAML": ("tasks.yaml", "terms: [", "file: it is no YAML"),
    "no UTF-8": ("tasks.yaml", b"terms: \xff", "file: it is not UTF-8"),
    "a taxonomy's unknown key": (
        "taxonomies.yaml",
        "taxonomies: [{slug: t, name: T, terms: tasks.yaml, order: 1}]",
        "t: order is no known key",
    ),
    "a facet that is a word": (
        "taxonomies.yaml",
        'taxonomies: [{slug: t, name: T, terms: tasks.yaml, facet: "yes"}]',
        "t: facet must be true or false",
    ),
    "a taxonomy without terms": (
        "taxonomies.yaml",
        "taxonomies: [{slug: t, name: T}]",
        "t: terms is missing",
    ),
    "a taxonomy twice": (
        "taxonomies.yaml",
        "taxonomies: [{slug: t, name: T, terms: tasks.yaml}, {slug: t, name: U, terms: tasks.yaml}]",
        "t: the slug stands twice",
    ),
    "a bad direction": (
        "metrics.yaml",
        "metrics: [{slug: a, name: A, direction: up}]",
        "a: direction must be one of",
    ),
    "a missing direction": ("metrics.yaml", "metrics: [{slug: a, name: A}]", "a: direction must be one of"),
    "a metric without a name": ("metrics.yaml", "metrics: [{slug: a}]", "slug and name are needed"),
    "a metric's unknown key": ("metrics.yaml", METRICS % (", scale: 1", ""), "a: scale is no known key"),
    "a bad group": ("metrics.yaml", METRICS % (", group: beauty", ""), "a: group must be one of"),
    "a range upside down": (
        "metrics.yaml",
        METRICS % (", range: [2, 1]", ""),
        "a: the range's minimum is above",
    ),
    "a range of one": ("metrics.yaml", METRICS % (", range: [2]", ""), "a: range must be [minimum, maximum]"),
    "too much importance": (
        "metrics.yaml",
        METRICS % (", importance: 101", ""),
        "a: importance must be a whole",
    ),
    "negative precision": ("metrics.yaml", METRICS % (", precision: -1", ""), "a: precision must be a whole"),
    "a factor of 0": (
        "metrics.yaml",
        METRICS % (", aliases: [{words: x, factor: 0}]", ""),
        "a, x: factor must be",
    ),
    "a negative factor": (
        "metrics.yaml",
        METRICS % (", aliases: [{words: x, factor: -1}]", ""),
        "a, x: factor must",
    ),
    "an endless factor": (
        "metrics.yaml",
        METRICS % (", aliases: [{words: x, factor: .inf}]", ""),
        "a, x: factor must",
    ),
    "a factor in words": (
        "metrics.yaml",
        METRICS % (", aliases: [{words: x, factor: ten}]", ""),
        "a, x: factor must",
    ),
    "an alias without words": (
        "metrics.yaml",
        METRICS % (", aliases: [{factor: 2}]", ""),
        "missing 1 required",
    ),
    "an alias twice": (
        "metrics.yaml",
        METRICS % (", aliases: [{words: x 1, unit: s}, {words: X1, unit: s, factor: 2}]", ""),
        "a, x 1: means a already",
    ),
    "an alias of two metrics": (
        "metrics.yaml",
        METRICS
        % (", aliases: [{words: x}]", "  - {slug: b, name: B, direction: lower, aliases: [{words: X}]}"),
        "b, X: means a already",
    ),
    "another metric's name": (
        "metrics.yaml",
        METRICS % ("", "  - {slug: b, name: B, direction: lower, aliases: [{words: a}]}"),
        "a: its name means b already",
    ),
    "a measurement that is none": (
        "metrics.yaml",
        METRICS % (", aliases: [{words: x}]", "not_metrics: [{words: X, parameter: X, why: so}]"),
        "a, x: means not_metrics already",
    ),
    "no measurement without a reason": (
        "metrics.yaml",
        METRICS % ("", "not_metrics: [{words: X, parameter: X}]"),
        "X: missing 1 required positional argument: 'why'",
    ),
    "a data set's alias twice": (
        "datasets.yaml",
        "datasets: [{slug: a, name: A}, {slug: b, name: B, aliases: [a]}]",
        "b, a: these words mean a already",
    ),
    "a data set that is none": (
        "datasets.yaml",
        "datasets: [{slug: a, name: A}]\nnot_datasets: [a]",
        "not_datasets, a: these words mean a already",
    ),
    "a data set's unknown key": (
        "datasets.yaml",
        "datasets: [{slug: a, name: A, size: 3}]",
        "a: size is no known",
    ),
}


@pytest.mark.parametrize("name, text, reason", WRONG.values(), ids=WRONG.keys())
def test_a_wrong_entry_is_told_by_file_and_name(files, name, text, reason):
    with pytest.raises(VocabularyError) as told:
        files(name, text)
    assert str(told.value).startswith(f"{name}, ")
    assert reason in str(told.value)


def test_a_missing_file_is_told(files):
    (files.folder / "tasks.yaml").unlink()
    with pytest.raises(VocabularyError, match=r"tasks\.yaml, file: it is missing"):
        read_vocabulary(files.folder)


def test_the_same_words_may_mean_other_things_elsewhere(files):
    """A source's own meaning, and a unit's, stand beside the general one."""
    text = METRICS % (
        ", aliases: [{words: x}, {words: x, unit: ratio, factor: 100}]",
        "  - {slug: b, name: B, direction: lower, aliases: [{words: x, source: s}]}",
    )
    assert len(files("metrics.yaml", text).metrics) == 2


def test_a_taxonomy_says_whether_it_filters_and_holds_several(files):
    text = "taxonomies: [{slug: t, name: T, terms: tasks.yaml, facet: false, multiple: false}]"
    (entry,) = files("taxonomies.yaml", text).taxonomies
    assert (entry.facet, entry.multiple) == (False, False)
