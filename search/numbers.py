"""Numbers as people read them."""


def short(number: float, billion: str = "B") -> str:
    """25.6 M, 1.2 B, 940; operations and bytes count in G."""
    for factor, letter in ((1e12, "T"), (1e9, billion), (1e6, "M"), (1e3, "k")):
        if number >= factor * 0.99995:
            return f"{float(f'{number / factor:.3g}'):g} {letter}"
    return f"{number:g}"
