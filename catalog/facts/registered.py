"""The facts of versions that Vitrine comes with."""

from catalog.facts.base import Kind, VersionFact, register

FACTS = (
    VersionFact(
        "architecture", "described_as", "Described as", position=50, longest=500, form_label="Architecture"
    ),
    VersionFact("parameter_count", "parameters", "Parameters", Kind.COUNT, position=10, in_lists=True),
    VersionFact(
        "flops", "flops", "Compute", Kind.FLOPS, position=20, form_label="Operations (FLOPs)", in_lists=True
    ),
    VersionFact(
        "size_bytes", "size", "Size", Kind.BYTES, position=30, form_label="Size in bytes", in_lists=True
    ),
    VersionFact("hardware", "hardware", "Hardware", position=70),
    VersionFact("base_model", "base_model", "Trained from", position=60),
    VersionFact(
        "released_on",
        "released",
        "Released",
        Kind.DATE,
        position=100,
        form_label="Released on",
        in_lists=True,
    ),
)


def register_facts() -> None:
    """Register them, once."""
    for fact in FACTS:
        register(fact)
