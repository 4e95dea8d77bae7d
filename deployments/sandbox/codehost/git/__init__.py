"""Bare git repositories, read and written through the git program only."""
