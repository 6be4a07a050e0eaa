"""What an index looks like, and a document as the engine gets it."""

import hashlib
import json
from typing import Any

from search.documents.builder import Document, checksum, name_fields
from search.names import glued

KEYWORD = {"type": "keyword", "ignore_above": 512}
# Names come in pieces from `search.names`, so the engine only parts them at the blanks.
PIECES = {"type": "text", "analyzer": "pieces"}
# Pieces without their frequency or the length of the field: a name either has a piece or not.
WORDS = {"type": "text", "analyzer": "english_words"}

MAPPING: dict[str, Any] = {
    "dynamic": "strict",
    "dynamic_templates": [{"facets": {"path_match": "facet.*", "mapping": KEYWORD}}],
    "properties": {
        "model_id": {"type": "long"},
        "checksum": {"type": "keyword", "index": False},
        "project_id": {"type": "long"},
        "visibility": {"type": "keyword"},
        "facet": {"type": "object", "dynamic": True},
        "own": KEYWORD,
        "sort_name": {"type": "keyword"},
        "glued": {"type": "keyword", "ignore_above": 512},
        "name_parts": PIECES,
        "name_joins": PIECES,
        "name_grams": PIECES,
        "name_length": {"type": "integer"},
        "labels": PIECES,
        "keys": {
            **WORDS,
            "fields": {"plain": {"type": "text", "analyzer": "plain_words"}},
        },
        "papers": WORDS,
        "prose": WORDS,
        "talk": WORDS,
        "parameters": {"type": "double"},
        "flops": {"type": "double"},
        "size": {"type": "double"},
        "released": {"type": "date"},
        "rating": {"type": "double"},
        "followers": {"type": "double"},
        "popularity": {"type": "double"},
        "created_at": {"type": "date"},
        "updated_at": {"type": "date"},
        "metrics": {
            "type": "nested",
            "dynamic": False,
            "properties": {
                "metric": KEYWORD,
                "dataset": KEYWORD,
                "split": KEYWORD,
                "slice": KEYWORD,
                "best": {"type": "double"},
                "latest": {"type": "double"},
                "version": KEYWORD,
            },
        },
        "attributes": {
            "type": "nested",
            "dynamic": False,
            "properties": {
                "slug": KEYWORD,
                "keyword": KEYWORD,
                "number": {"type": "double"},
                "date": {"type": "date"},
                "boolean": {"type": "boolean"},
            },
        },
        # What hits are shown from: kept, never searched.
        "hit": {"type": "object", "enabled": False},
    },
}

SETTINGS: dict[str, Any] = {
    "index": {
        "number_of_shards": 1,
        "auto_expand_replicas": "0-1",
        "refresh_interval": "400ms",
        # How long a deleted document's version is remembered: longer than any write can be late.
        "gc_deletes": "1h",
        "mapping": {"nested_objects": {"limit": 20000}},
    },
    "analysis": {
        "filter": {
            "english_stop": {"type": "stop", "stopwords": "_english_"},
            "english_stem": {"type": "stemmer", "language": "english"},
            # `text-to-image`, `3rdparty`, `ResNet50`: whole and in parts.
            "parts": {
                "type": "word_delimiter_graph",
                "preserve_original": True,
                "catenate_all": True,
            },
        },
        "analyzer": {
            "pieces": {"type": "custom", "tokenizer": "whitespace"},
            "english_words": {
                "type": "custom",
                "tokenizer": "standard",
                "filter": ["lowercase", "asciifolding", "english_stop", "english_stem"],
            },
            "plain_words": {
                "type": "custom",
                "tokenizer": "whitespace",
                "filter": ["parts", "flatten_graph", "lowercase", "asciifolding"],
            },
        },
    },
}


def mapping_hash() -> str:
    """Tells whether an index was made for this mapping."""
    words = json.dumps([MAPPING, SETTINGS], sort_keys=True)
    return hashlib.sha256(words.encode()).hexdigest()[:16]


def engine_document(body: Document, known_checksum: str = "") -> dict[str, Any]:
    """The document in the engine's fields; its checksum is summed up where it is not known yet."""
    hit, text, found = body["hit"], body["text"], name_fields(body)
    return {
        "model_id": hit["id"],
        "checksum": known_checksum or checksum(body),
        "project_id": body["project_id"],
        "visibility": body["visibility"],
        "facet": body["facets"],
        "own": body["own"],
        "sort_name": hit["name"].lower(),
        "glued": glued(hit["name"]),
        "name_parts": " ".join(found["parts"]),
        "name_joins": " ".join(found["joins"]),
        "name_grams": " ".join(found["grams"]),
        "name_length": len(found["parts"]),
        "labels": " ".join(found["label_parts"]),
        "keys": text["keys"],
        "papers": text["papers"],
        "prose": text["prose"],
        "talk": text["talk"],
        "parameters": hit["parameters"],
        "flops": hit["flops"],
        "size": hit["size"],
        "released": hit["released"],
        "rating": hit["rating"],
        "followers": hit["followers"],
        "popularity": body["numbers"]["popularity"],
        "created_at": hit["created_at"],
        "updated_at": hit["updated_at"],
        "metrics": [
            {
                "metric": metric,
                "dataset": dataset,
                "split": split,
                "slice": part,
                "best": best,
                "latest": latest,
                "version": version,
            }
            for metric, dataset, split, part, best, latest, version in body["metrics"]
        ],
        "attributes": [
            {key: value for key, value in row.items() if key not in ("name", "type", "value")}
            for row in body["attributes"]
        ],
        "hit": hit,
    }
