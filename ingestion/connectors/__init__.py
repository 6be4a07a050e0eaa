"""How files and systems are read into records. One module a connector; `base` has the registry."""
