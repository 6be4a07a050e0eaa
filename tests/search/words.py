"""A small vocabulary made by hand, and pieces of the query language to build texts from. No database."""

from hypothesis import strategies as st

from search.query.lexicon import Lexicon, MetricInfo
from vocabulary.folding import fold

METRICS = (
    (MetricInfo("top-1-accuracy", "Top-1 accuracy", "%", "higher", 100), ("top1", "acc1")),
    (MetricInfo("word-error-rate", "Word error rate", "%", "lower", 100), ("wer",)),
    (MetricInfo("recall-at-1", "Recall at 1", "%", "higher", 100), ("Recall@1",)),
    (MetricInfo("auc", "AUC", "ratio", "higher", 1), ("area under the curve",)),
    (MetricInfo("loss", "Loss", "", "lower"), ()),
)
DATASETS = (
    ("imagenet-1k", "ImageNet-1k", ("imagenet",)),
    ("coco", "COCO", ("MS COCO",)),
    ("coco-stuff", "COCO-Stuff", ()),
    ("kinetics-400", "Kinetics-400", ()),
    ("kinetics-600", "Kinetics-600", ()),
    ("librispeech", "LibriSpeech", ()),
)
TERMS = (
    ("task", "object-detection", "Object detection", ("detection",)),
    ("task", "speech-recognition", "Speech recognition", ("asr", "speech to text")),
    ("task", "text-embedding", "Text embedding", ("embedding",)),
    ("language", "german", "German", ("de", "Deutsch")),
    ("language", "english", "English", ("en",)),
    ("license", "mit", "MIT", ("MIT License",)),
    ("license", "apache-2-0", "Apache 2.0", ("Apache License 2.0",)),
    ("library", "timm", "timm", ()),
    ("architecture", "resnet", "ResNet", ()),
    ("architecture", "bert", "BERT", ()),
    ("architecture", "swin", "Swin", ("Swin Transformer",)),
    ("architecture", "vision-transformer", "Vision transformer", ("ViT",)),
)
ATTRIBUTES = {
    "cost-centre": "keyword",
    "budget": "number",
    "reviewed_on": "date",
    "on-gpu": "boolean",
    "note": "text",
    "tier": "choice",
    "card": "url",
    "approver": "user",
}


def small_lexicon() -> Lexicon:
    """Six taxonomies with some terms, five metrics, six data sets, an attribute of each type."""
    found = Lexicon(
        taxonomies={
            "task": "Task",
            "license": "License",
            "library": "Library",
            "language": "Language",
            "architecture": "Architecture",
            "risk_class": "Risk class",
        },
        attributes=dict(ATTRIBUTES),
    )
    for metric, names in METRICS:
        found.metrics[metric.slug] = metric
        found.metric_words |= {fold(words): metric.slug for words in (metric.slug, metric.name, *names)}
    for slug, name, others in DATASETS:
        found.dataset_names[slug] = name
        found.dataset_words |= {fold(words): slug for words in (slug, name, *others)}
    for folded, slug in found.dataset_words.items():
        found.values["dataset", folded] = found.values["trained", folded] = (slug,)
    found.families = {"coco": ("coco", "coco-stuff"), "kinetics": ("kinetics-400", "kinetics-600")}
    for facet, slug, name, others in TERMS:
        short = [words for words in (name, *others) if words.isalpha()] if facet == "architecture" else []
        found.add(facet, (slug,), name, (name, slug, *others), short)
    found.add("stage", ("production",), "Production", ("production",))
    return found


PIECES = (
    "a", "resnet", "-", "--", "(", ")", '"', '"x y"', '"(-OR)"', "OR", "AND", "NOT", " ", " ", " ", " ", ",", "..",
    "!", "*", "@", ":", "<", "<=", ">", ">=", "=", "!=", "task:", "task:(", "license:mit", "tag:x,y", "owner:me",
    "owner:@ann", "trained-on:coco", "risk-class:high", "name:", "has:", "no:", "license", "params", "size", "50M",
    "1.5B", "-3", "0.5", "1%", "released", "created", "2024", "2024-06", "2024-02-30", "top1", "loss", "auc", "@coco",
    "recall@1", "budget", "reviewed_on", "on-gpu:yes", "cost-centre:violet", "note:", "tsk:", "http://x", "é", "\u202e",
    "\x00", "\ud800", "😀", "1e-300", "9999", "٣",
)  # fmt: skip
texts = st.lists(st.sampled_from(PIECES), max_size=14).map("".join) | st.text(max_size=40)
