"""Statistics as data: their formulas, and reading and checking what is sent. Knows no tables and no pages."""
