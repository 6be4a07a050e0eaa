"""The search engine: how it is reached, what its indexes look like, and how documents get there."""
