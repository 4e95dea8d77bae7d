"""What merge-hub needs in its environment to have a sandbox for its world."""

import shlex
from collections.abc import Mapping
from typing import Protocol


class Addresses(Protocol):
    """`git_url` is a template with `{repository}`."""

    @property
    def api_url(self) -> str: ...
    @property
    def git_url(self) -> str: ...
    @property
    def smtp(self) -> str: ...
    @property
    def slack_url(self) -> str: ...


def environment(of: Addresses, s3: Mapping[str, str] | None) -> dict[str, str]:
    """`s3` as `/_sandbox/state` shows it."""
    return {
        "GITHUB_TOKEN": "sandbox-app",
        "MERGE_HUB_GITHUB_API_URL": of.api_url,
        "MERGE_HUB_GIT_URL": of.git_url,
        "SLACK_WEBHOOK_ENTERPRISE": of.slack_url,
        "SMTP_SERVER": of.smtp,
        **({} if s3 is None else _aws(s3)),
    }


def exports(variables: Mapping[str, str]) -> str:
    """Lines for a shell to read."""
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items())


def _aws(s3: Mapping[str, str]) -> dict[str, str]:
    return {
        "AWS_ACCESS_KEY_ID": s3["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": s3["secret_access_key"],
        "AWS_REGION": s3["region"],
        "AWS_DEFAULT_REGION": s3["region"],
        "AWS_ENDPOINT_URL_S3": s3["endpoint_url"],
    }
