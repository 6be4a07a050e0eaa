"""`make run` and `make stack`: starts everything Vitrine needs, and stops all of it again."""
