"""Resolving datasets for a write."""

from collections.abc import Iterable

from vocabulary.models import Dataset
from vocabulary.resolver import Resolver


def resolve_datasets(names: Iterable[str], *, field: str) -> dict[str, Dataset | None]:
    """The dataset that each name stands for; unknown ones are created. None for names that stand for none.

    Raises:
        Invalid: no dataset can have one of the names.
    """
    names = list(names)
    resolver = Resolver.load_for(datasets=names)
    resolver.create_datasets(names)
    return {name: resolver.resolve_dataset(name, field=field) for name in names}
