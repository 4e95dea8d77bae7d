"""
Slack, through an incoming webhook.

Whoever has the webhook's address can post, so it is a secret; it is in no message, and errors that might hold it are
not chained. A post counts as delivered only when Slack says `ok`: a redirect to a login page answers 200 as well.
"""

import logging
import re
import socket
import ssl
from collections.abc import Mapping
from http import HTTPStatus
from http.client import HTTPException, InvalidURL
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from pydantic import SecretStr

from tasks.domain.errors import MessageUnconfirmed, MessageUndelivered
from tasks.domain.examined import ChatFound
from tasks.domain.notification import Post
from tasks.redaction import keep_secret, redacted

if TYPE_CHECKING:
    from prefect_slack import SlackWebhook  # type: ignore[import-untyped]  # it has no annotations
    from slack_sdk.webhook import WebhookClient

_ADDRESS = "Check the webhook's address in `notifications.slack.webhook`, and make a new webhook if it was revoked."
_MESSAGE = "Slack does not take this message: this is a defect in merge-hub. Report it with Slack's answer."
_CHANNEL = "Check the channel in `notifications.slack.channels`, and that the webhook's app may post in it."
_REMEDIES = {
    "invalid_payload": _MESSAGE,
    "invalid_blocks": _MESSAGE,
    "channel_not_found": _CHANNEL,
    "channel_is_archived": _CHANNEL,
    "posting_to_general_channel_denied": _CHANNEL,
    "action_prohibited": "Ask an administrator of the Slack workspace to let the webhook's app post.",
}


# The client writes the address to its logger whenever somebody turns on debugging.
_SILENT = logging.getLogger(f"{__name__}.client")
_SILENT.setLevel(logging.CRITICAL)

_HTTP_PORT, _HTTPS_PORT = 80, 443
_LENGTH_OF_A_KEY = 20
"""What is shorter may be a word; Slack's own have 24 characters."""


def load_client() -> None:
    """Loads now what the first post would wait a second for: for whoever has nothing else to do."""
    _webhook()


def _webhook() -> type["SlackWebhook"]:
    # Only those pay for the import who post to Slack.
    import prefect_slack  # noqa: PLC0415

    webhook: type[SlackWebhook] = prefect_slack.SlackWebhook
    return webhook


class SlackChat:
    """`timeout` is in seconds. Raises MessageUndelivered at once for what is no address."""

    def __init__(self, webhook_url: SecretStr, *, timeout: int = 10) -> None:
        self._url = SecretStr(webhook_url.get_secret_value().strip())
        self._timeout = timeout
        if not re.fullmatch(r"https?://[!-~]+", self._url.get_secret_value()):
            raise MessageUndelivered("the Slack webhook is not an address", remedy=_ADDRESS)
        # Whoever quotes it may quote its path alone, which is the secret part, or the end of that, which is the key.
        address = self._url.get_secret_value()
        path = address.partition("//")[2].partition("/")[2]
        end = path.rstrip("/").rpartition("/")[2]
        keep_secret("the Slack webhook", address, path, end if len(end) >= _LENGTH_OF_A_KEY else "")

    def send(self, post: Post) -> None:
        content = {"channel": post.channel, "text": post.text, "blocks": list(post.blocks) or None}
        try:
            reply = self._client().send_dict(content)
        except (URLError, InvalidURL) as error:
            raise _unreachable(error) from None
        except (OSError, HTTPException, UnicodeDecodeError) as error:
            # The connection was there, so the post may be as well.
            raise MessageUnconfirmed(
                f"Slack was given the message, and its answer was lost: {_named(error)}",
                remedy="Look for it in the channel; it is not sent again.",
            ) from None
        except ValueError as error:
            raise _unreachable(error) from None
        if reply.status_code != HTTPStatus.OK or reply.body.strip() != "ok":
            raise _refusal(reply.status_code, redacted(reply.body), reply.headers)

    def reach(self) -> ChatFound:
        """Connects to where a post would go first, and posts nothing. Raises MessageUndelivered."""
        address = urlsplit(self._url.get_secret_value())
        proxies = {} if proxy_bypass(address.netloc) else getproxies()
        way = urlsplit(proxies.get(address.scheme, "")) if address.scheme in proxies else address
        try:
            port = way.port or (_HTTPS_PORT if way.scheme == "https" else _HTTP_PORT)
            with socket.create_connection((way.hostname or "", port), timeout=self._timeout) as connection:
                if way.scheme == "https":
                    ssl.create_default_context().wrap_socket(connection, server_hostname=way.hostname).close()
        except (OSError, ValueError) as error:
            raise MessageUndelivered(
                f"{way.hostname or 'the host of the webhook'} cannot be reached: {_named(error)}",
                remedy="Check the network, the proxy, and the host in `notifications.slack.webhook`.",
            ) from None
        return ChatFound(str(address.hostname), encrypted=address.scheme == "https")

    def _client(self) -> "WebhookClient":
        client: WebhookClient = _webhook()(url=self._url).get_client(sync_client=True)
        client.logger = _SILENT
        client.retry_handlers = []
        client.timeout = self._timeout
        return client


def _unreachable(error: Exception) -> MessageUndelivered:
    """Never chained to the error, which may quote the address."""
    return MessageUndelivered(
        f"Slack could not be reached: {_named(error)}",
        remedy="Check the network and the proxy; it is tried again at the next run.",
    )


def _refusal(status: int, body: str, headers: Mapping[str, str]) -> MessageUndelivered:
    said = " ".join(body.split())[:100]
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        wait = f"{headers['Retry-After']} s" if "Retry-After" in headers else "a while"
        return MessageUndelivered(
            f"Slack takes no more messages for {wait}",
            remedy="It is tried again; fewer channels need fewer messages.",
        )
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return MessageUndelivered(
            f"Slack is out of order: {status} {said}", remedy="It is tried again at the next run."
        )
    return MessageUndelivered(f"Slack refused the message: {status} {said}", remedy=_REMEDIES.get(said, _ADDRESS))


def _named(error: Exception) -> str:
    reason = getattr(error, "reason", error)
    return type(reason if isinstance(reason, Exception) else error).__name__
