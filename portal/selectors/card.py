"""A model as a card of the Hugging Face Hub: front matter in YAML, then the words.

Fields as in the Hub's model card metadata (huggingface.co/docs/hub/model-cards, specification `modelcard.md`).
"""

import re
from typing import Any

import yaml

from catalog.selectors.facts import Fact
from portal.selectors.dossier import Dossier

MOST_RESULTS = 500
# Our taxonomies by the name the Hub knows them by, and whether it takes several.
FIELDS = {"language": ("language", True), "license": ("license", False), "library": ("library_name", False)}


def card_of(dossier: Dossier) -> str:
    """The card as Markdown. What the Hub has no field for stands among the words."""
    front = yaml.safe_dump(_front(dossier), sort_keys=False, allow_unicode=True, width=100)
    return f"---\n{front}---\n\n{_words(dossier)}"


def _front(dossier: Dossier) -> dict[str, Any]:
    facts = dossier.facts
    found: dict[str, Any] = {}
    for taxonomy, (name, is_many) in FIELDS.items():
        slugs = _slugs(facts.get(taxonomy))
        if slugs:
            found[name] = slugs if is_many else slugs[0]
    tasks = _slugs(facts.get("task"))
    if tasks:
        found["pipeline_tag"] = tasks[0]
    if tags := dossier.tags:
        found["tags"] = list(tags)
    if data := facts.get("training_data"):
        found["datasets"] = [value.text for value in data.values] or None
    if dossier.version and dossier.version.base_model:
        found["base_model"] = dossier.version.base_model
    results = _results(dossier, tasks[0] if tasks else "other")
    if results:
        found["metrics"] = list(dict.fromkeys(one["type"] for row in results for one in row["metrics"]))[:50]
        found["model-index"] = [{"name": dossier.model.name, "results": results}]
    return {name: value for name, value in found.items() if value}


def _slugs(fact: Fact | None) -> list[str]:
    """The slugs of a fact's terms, which end the addresses they lead to."""
    return [value.url.rstrip("/").rpartition("/")[2] for value in fact.values if value.url] if fact else []


def _results(dossier: Dossier, task: str) -> list[dict[str, Any]]:
    """Evaluations as the Hub's model index takes them: one result for each data set, split and slice."""
    rows: dict[tuple[str, str, str], dict[str, Any]] = {}
    for number in dossier.numbers[:MOST_RESULTS]:
        if number.dataset == "" or number.value is None:
            continue  # the Hub wants a data set and a number
        key = (number.conditions.dataset, number.conditions.split, number.conditions.slice)
        if key not in rows:
            about = {"name": number.dataset, "type": number.conditions.dataset}
            if number.conditions.split:
                about["split"] = number.conditions.split
            if number.conditions.slice:
                about["config"] = number.conditions.slice
            rows[key] = {"task": {"type": task}, "dataset": about, "metrics": []}
        metric = {"type": number.conditions.metric, "name": number.metric.name, "value": number.value}
        rows[key]["metrics"].append(metric)
    return list(rows.values())


def _words(dossier: Dossier) -> str:
    model = dossier.model
    parts = [f"# {_plain(model.name)}", model.summary, model.description]
    for title, words in dossier.contextual:
        if words:
            parts += [f"## {title}", words]
    facts = [
        f"- **{fact.label}:** {_plain(fact.text)}" for fact in dossier.facts.values() if fact.is_recorded
    ]
    if facts:
        parts += ["## Facts", "\n".join(facts)]
    if dossier.owners:
        people = [f"- {kind}: {_plain(name)}" for kind, name in dossier.owners]
        parts += ["## People", "\n".join(people)]
    if dossier.papers:
        parts += ["## Papers", "\n".join(f"- [{_plain(title)}]({url})" for title, url in dossier.papers)]
    parts.append(
        f"Written from Vitrine, `{model.urn}`{f' version `{dossier.version.label}`' if dossier.version else ''}."
    )
    return "\n\n".join(part.strip() for part in parts if part.strip()) + "\n"


def _plain(text: str) -> str:
    return re.sub(r"([\\`*_\[\]<>#])", r"\\\1", " ".join(text.split()))
