"""The tests mirror the apps. Real Postgres always; real OpenSearch, Redis and Chromium where they can be had."""
