"""The documentation is held to what is there."""
