"""
The git side: one bare mirror a repository, in which everything is merged without a working tree.

    store     the mirrors on disk: one holder at a time, made, tidied and made again
    mirror    what a holder may do: fetch, merge, push, check out
    fetching, merging, pushing, checkout    how
    forbidding                              which paths no checkout may hold
    commits   commits as bytes, read and written
    process   git itself, with none of the machine's configuration
    credentials, failures, spelling         what goes in, and what its complaints mean

A mirror is a cache: whatever is wrong with it, it is thrown away and fetched again.
"""

from tasks.adapters.git.merging import UNRELATED
from tasks.adapters.git.store import GitCodeStore

__all__ = ["UNRELATED", "GitCodeStore"]
