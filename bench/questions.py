"""Real questions for the parts that search: those of the graded file, or a few of our own where it is missing."""

from pathlib import Path

QUERIES = Path(__file__).resolve().parent.parent.parent / "shared" / "relevance" / "queries.json.gz"

OURS = (
    "",
    "resnet50",
    "res net 50",
    "mobilenet v3 small",
    "vit large patch14 clip 336",
    "object detection coco",
    "text embedding model for german",
    "chinese speech recognition",
    "real-time segmentation",
    "image classification apache license",
    "bge m3",
    "swin transfromer",
    "super resolution",
    "multilingual retrieval",
    "yolox tiny",
    "pose estimation",
    "video action recognition kinetics",
    "onnx quantized",
    "convnext base in22k",
    "optical flow",
)


def questions_of(path: Path) -> list[str]:
    """The words of the graded queries, in their order; our own list where the file is not there."""
    from bench.relevance import read_queries

    return [query.words for query in read_queries(path)] if path.is_file() else list(OURS)
