"""Measures Vitrine beside the plain thing without it: `make bench`. Nothing here is imported by the site."""
