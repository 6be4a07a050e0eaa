"""Why a hit ranks where it does, in words: the same for both back ends."""

from collections.abc import Iterable

from search.results import Reason

WHERE = {
    "name": "“{}” is in its name",
    "begins": "“{}” begins a part of its name",
    "alike": "a part of its name is spelled like “{}”",
    "version": "“{}” is in the name of a version",
    "facts": "“{}” is among its facts",
    "paper": "“{}” is in the title of its paper",
    "description": "“{}” is in its description",
    "discussion": "“{}” is in its discussion",
    "anywhere": "“{}” is in its text",
    "size": "its size is “{}”",
    "own": "its {} is just that",
    "called": "its name says “{}”",
    "exact": "its name is what was typed",
    "likeness": "its name looks like what was typed",
    "length": "its name is longer or shorter than what was typed",
    "popularity": "stage, followers, ratings, complete and fresh metadata",
}


def reasons(scores: Iterable[tuple[str, str, float]]) -> tuple[Reason, ...]:
    """Reasons from (word, where, points), the strongest first; of several places of a word only the best counts."""
    best: dict[str, tuple[str, float]] = {}
    alone = []
    for word, where, points in scores:
        if where in ("likeness", "exact", "popularity", "own", "called", "length"):
            alone.append((word, where, points))
        elif points > 0:
            known, most = best.get(word, ("", 0.0))
            # A word that is in the name also begins a part of it, which may give more.
            is_name = {known, where} == {"name", "begins"}
            best[word] = ("name" if is_name else where if points > most else known, max(points, most))
    found = [(word, where, points) for word, (where, points) in best.items()] + alone
    shown = sorted((one for one in found if abs(one[2]) >= 0.005), key=lambda one: -one[2])
    return tuple(Reason(WHERE[where].format(word), round(points, 2)) for word, where, points in shown)
