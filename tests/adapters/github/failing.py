"""Answers that are failures, and what becomes of them."""

import pytest

from tasks.adapters.github import GitHubCodeHost
from tasks.domain.errors import CodeHostError
from tasks.domain.model import RepositoryName

API = RepositoryName("acme/api")


def failure_of_a_snapshot(code_host: GitHubCodeHost) -> CodeHostError:
    with pytest.raises(CodeHostError) as failure:
        code_host.snapshot(API, "main")
    return failure.value


def graph_error(kind: str, message: str) -> dict[str, object]:
    return {"data": None, "errors": [{"type": kind, "path": ["repository"], "message": message}]}


def document(message: str) -> dict[str, str]:
    return {"message": message, "documentation_url": "https://docs.github.com/rest"}
