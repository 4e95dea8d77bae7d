"""
What merge-hub acts with at the code host: where it is looked up, and what it is worth there.

    places        the environment, a Prefect block, AWS Secrets Manager, Vault
    app           a GitHub App: tokens of an hour, made with its key
    state         what the code host tells of it
"""

from tasks.adapters.credentials.app import AppTokens
from tasks.adapters.credentials.places import Kept, look_up
from tasks.adapters.credentials.state import Access, state_of

__all__ = ["Access", "AppTokens", "Kept", "look_up", "state_of"]
