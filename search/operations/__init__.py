"""The operator's view of search: how it stands, what is dead, checks and repairs in the background, metrics.

Page, API, command line and Prometheus all read what is here. Nothing else in search depends on it.
"""
