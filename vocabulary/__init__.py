"""The vocabulary: from the words of sources to the catalog's own.

The YAML files here are where a new catalog starts; the tables they are loaded into are the truth, and are edited
in the admin site or by the API.
"""
