"""Configuration, servers and the supervisor."""
