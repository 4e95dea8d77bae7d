"""Prefect's own server on SQLite, for the length of a command, where nobody has set one up."""
