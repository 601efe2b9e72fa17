"""Larkmoor: a town that does not exist, for `manage.py seed_demo`. Texts, pictures and figures are made up for it."""
