"""The vocabulary's files: they cover every word of the demo's records, and a wrong entry is told by file and name."""

import collections
import shutil
from typing import Any

import pytest

from catalog.demo.convert import METRIC, read
from catalog.demo.load import RECORDS, TERMS, scaled
from catalog.vocabulary.reader import HERE, MetricEntry, Vocabulary, VocabularyError, read_vocabulary
from catalog.vocabulary.words import fold

# What the sources file under the wrong words, or leave at 0 where nothing was measured: (source, words, data set or
# condition) → how often. It is kept as parameters, and is no metric value.
NO_MEASUREMENTS = {
    ("mteb", "main_score", "GPUSpeedTask"): 14,  # a speed, in thousands
    ("mteb", "main_score", "CPUSpeedTask"): 1,
    ("mmagic", "PSNR", "P&R10k"): 13,  # precision and recall in percent, stated again under their own names
    ("mmagic", "SSIM", "P&R10k"): 13,
    ("mmagic", "PSNR", "P&R50k_full"): 2,
    ("mmagic", "SSIM", "P&R50k_full"): 2,
    ("mmagic", "PSNR", "Size / Num images per prompt"): 2,  # 512 pixels, 5 images
    ("mmagic", "SSIM", "Size / Num images per prompt"): 2,
    ("mmagic", "PSNR", "Set14"): 1,  # the two are interchanged in one row
    ("mmagic", "SSIM", "Set14"): 1,
    **{
        ("mmagic", words, dataset): count  # DragGAN's checkpoints come without a measurement
        for words in ("FID50k", "Precision50k", "Recall50k")
        for dataset, count in {
            "InternetLions": 1,
            "InternetElephants": 1,
            "InternetDogs": 1,
            "CatAFHQ": 1,
            "FFHQ": 1,
            "Car": 1,
            "Cat": 1,
            "LSUN-Horse": 1,
        }.items()
    },
}


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return read_vocabulary()


@pytest.fixture(scope="module")
def records() -> list[dict[str, Any]]:
    return list(read(RECORDS))


@pytest.fixture(scope="module")
def meanings(vocabulary) -> dict[tuple[str, str, str], tuple[MetricEntry | None, float]]:
    """(folded words, source, folded unit) → the metric and factor; no metric for what is no measurement."""
    found: dict[tuple[str, str, str], tuple[MetricEntry | None, float]] = {}
    for metric in vocabulary.metrics:
        for alias in metric.aliases:
            found[fold(alias.words), alias.source, fold(alias.unit)] = (metric, alias.factor)
    found.update({(fold(words), "", ""): (None, 1.0) for words in vocabulary.not_metrics})
    return found


def numbers(record: dict[str, Any]):
    for row in record["metrics"]:
        yield dict(zip(METRIC, [*row, *[None] * (len(METRIC) - len(row))], strict=True))


def meaning_of(meanings, source: str, number: dict[str, Any]) -> tuple[MetricEntry | None, float] | None:
    words, unit = fold(number["metric"]), fold(number["unit"] or "")
    keys = ((words, source, unit), (words, source, ""), (words, "", unit), (words, "", ""))
    return next((meanings[key] for key in keys if key in meanings), None)


def known_words(vocabulary: Vocabulary, taxonomy: str) -> dict[str, set[str]]:
    """Folded words → slugs of the terms they mean; an empty set for ignored words."""
    entry = next(entry for entry in vocabulary.taxonomies if entry.slug == taxonomy)
    known: dict[str, set[str]] = collections.defaultdict(set)
    for term in entry.terms:
        for words in (term.name, term.slug, *term.aliases):
            known[fold(words)].add(term.slug)
    known.update({fold(words): set(slugs) for words, slugs in entry.several.items()})
    known.update({fold(words): set() for words in entry.ignore})
    return known


def words_of(record: dict[str, Any], name: str, is_list: bool) -> list[str]:
    raw = record.get(name) or []
    words = raw if isinstance(raw, list) else (raw.split(",") if is_list else [raw])
    return [word.strip() for word in words if fold(word)]


# The files and the demo's records


@pytest.mark.parametrize(
    "name, taxonomy, is_list",
    [row[:3] for row in TERMS if row[0] != "architecture"],
    ids=lambda value: str(value),
)
def test_every_word_of_the_sources_is_known(vocabulary, records, name, taxonomy, is_list):
    known = known_words(vocabulary, taxonomy)
    words = {word for record in records for word in words_of(record, name, is_list)}
    assert words
    assert {word for word in words if fold(word) not in known} == set()


def test_nearly_every_architecture_is_known(vocabulary, records):
    known = known_words(vocabulary, "architecture")
    filled = [words for record in records if (words := words_of(record, "architecture", True))]
    covered = sum(all(fold(word) in known for word in words) for words in filled)
    assert covered / len(filled) > 0.99


def test_every_number_is_a_metric_or_no_measurement(records, meanings):
    unknown = {
        (record["source"], number["metric"], number["unit"])
        for record in records
        for number in numbers(record)
        if meaning_of(meanings, record["source"], number) is None
    }
    assert unknown == set()


def test_every_number_in_our_unit_lies_in_the_range_but_for_a_known_few(records, meanings):
    outside: collections.Counter[tuple[str, str, str]] = collections.Counter()
    for record in records:
        for number in numbers(record):
            metric, factor = meaning_of(meanings, record["source"], number)
            value = scaled(number["value"], factor)
            if metric is None or (
                (metric.minimum is None or value >= metric.minimum)
                and (metric.maximum is None or value <= metric.maximum)
            ):
                continue
            where = (number["slice"] if record["source"] == "mmagic" else None) or number["dataset"]
            outside[record["source"], number["metric"], where] += 1
    assert outside == NO_MEASUREMENTS


def test_one_metric_has_one_scale_from_every_source(records, meanings):
    """A ratio taken for percent would show as a source whose accuracies all lie below 1."""
    highest: dict[tuple[str, str], float] = collections.defaultdict(float)
    for record in records:
        for number in numbers(record):
            metric, factor = meaning_of(meanings, record["source"], number)
            if metric is not None and metric.unit == "%":
                key = (metric.slug, record["source"])
                highest[key] = max(highest[key], scaled(number["value"], factor))
    assert {key: value for key, value in highest.items() if value <= 1.5} == {}
    top1 = {source for slug, source in highest if slug == "top-1-accuracy"}
    assert top1 == {"timm", "mmpretrain", "mmaction2", "paddleclas", "open_clip"}


@pytest.mark.parametrize(
    "words, slug",
    [
        ("ImageNet 1k", "imagenet-1k"),
        ("in1k", "imagenet-1k"),
        ("IMAGENET_1K", "imagenet-1k"),
        ("ImageNet", "imagenet-1k"),
        ("in22k", "imagenet-21k"),
        ("ImageNet-21K", "imagenet-21k"),
        ("MS_COCO", "coco"),
        ("Kinetic400", "kinetics-400"),
    ],
)
def test_names_of_one_data_set_meet(vocabulary, words, slug):
    found = {fold(w): d.slug for d in vocabulary.datasets for w in (d.name, *d.aliases)}
    assert found[fold(words)] == slug


def test_recipes_and_letters_are_no_data_sets(vocabulary, records):
    ignored = {fold(words) for words in vocabulary.not_datasets}
    assert {"ssl", "swsl", "openai"} <= ignored
    words = {word for record in records for word in record.get("training_data") or []}
    assert {word for word in words if len(word.strip()) < 2 and fold(word) not in ignored} == set()


def test_only_imagenet_1k_has_a_split_where_none_is_stated(vocabulary):
    assert [(d.slug, d.default_split) for d in vocabulary.datasets if d.default_split] == [
        ("imagenet-1k", "validation")
    ]


@pytest.mark.parametrize(
    "taxonomy, words, slugs",
    [
        ("task", "classification", {"image-classification"}),
        ("task", "Image Classification", {"image-classification"}),
        ("task", "object detection segmentation", {"object-detection", "instance-segmentation"}),
        ("modality", "RGB", {"video"}),
        ("license", "apache-2", {"apache-2-0"}),
        ("license", "apache-2.0", {"apache-2-0"}),
        ("license", "https://ai.google.dev/gemma/terms", {"gemma-terms-of-use"}),
        ("license", "not specified", set()),
        ("language", "eng-Latn", {"english"}),
        ("language", "enes", {"english", "spanish"}),
        ("language", "no", {"norwegian"}),
        ("framework", "t", set()),
        ("architecture", "ResNet50", {"resnet"}),
        ("architecture", "vit", {"vision-transformer"}),
        ("architecture", "1x1 Convolution", set()),
    ],
)
def test_words_mean_what_people_expect(vocabulary, taxonomy, words, slugs):
    assert known_words(vocabulary, taxonomy)[fold(words)] == slugs


def test_every_task_says_what_it_is(vocabulary):
    task = next(entry for entry in vocabulary.taxonomies if entry.slug == "task")
    assert [term.slug for term in task.terms if not term.description.endswith(".")] == []


# Folding


@pytest.mark.parametrize(
    "one, other",
    [
        ("ImageNet 1k", "imagenet-1K"),
        ("Image_Net\u20111k", "ImageNet1k"),  # non-breaking hyphen
        ("CO\u200bCO\u0000", "coco"),
        ("ＣＯＣＯ", "COCO"),
        ("Straße", "STRASSE"),
        ("e\u0301tat", "État"),
    ],
)
def test_spellings_of_one_word_fold_alike(one, other):
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    "one, other",
    [
        ("S2S", "S2S.v2"),
        ("C", "C++"),
        ("C", "C#"),
        ("AP@0.5", "AP@0.25"),
        ("SSIM", "SSIM (Y)"),
        ("v1.1", "v11"),
    ],
)
def test_what_tells_two_things_apart_stays(one, other):
    assert fold(one) != fold(other)


@pytest.mark.parametrize("words", ["", " - ", "\u200b", "\u0000", "__"])
def test_words_of_separators_alone_fold_to_nothing(words):
    assert fold(words) == ""


# Wrong files


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
