"""The vocabulary's files cover every word and number of the demo's records."""

import collections
from typing import Any

import pytest

from ingestion.connectors.demo.convert import METRIC, read
from ingestion.connectors.demo.load import RECORDS
from ingestion.connectors.demo.records import TERMS
from vocabulary.folding import fold
from vocabulary.reader import MetricEntry, Vocabulary, read_vocabulary
from vocabulary.resolver import to_own_unit

# What the sources file under the wrong words, or leave at 0 where nothing was measured: (source, words, data set or
# condition) → how often. It is refused, and reported.
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


@pytest.mark.parametrize(
    "name, taxonomy, is_list",
    TERMS,
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
            value = to_own_unit(number["value"], factor)
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
                highest[key] = max(highest[key], to_own_unit(number["value"], factor))
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
