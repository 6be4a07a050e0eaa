"""The two ways to answer a search: Postgres and OpenSearch. What they share is in `common`."""
