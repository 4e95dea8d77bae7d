"""Pages of a list, and the Link header that leads through them."""

from collections.abc import Mapping
from urllib.parse import urlencode

from .call import Listing, Reply

DEFAULT_SIZE, LARGEST_SIZE = 30, 100


def page(listing: Listing, url: str, query: Mapping[str, str]) -> Reply:
    size = min(_positive(query.get("per_page"), DEFAULT_SIZE), LARGEST_SIZE)
    number = _positive(query.get("page"), 1)
    start = (number - 1) * size
    rendered = [listing.render(item) for item in listing.items[start : start + size]]
    last = max(1, -(-len(listing.items) // size))
    link = _links(url, query, number, last)
    payload = (
        {"total_count": len(listing.items), listing.envelope: rendered, **listing.more}
        if listing.envelope
        else rendered
    )
    return Reply(payload, headers={"link": link} if link else {})


def _links(url: str, query: Mapping[str, str], number: int, last: int) -> str:
    targets = {}
    if number > 1:
        targets["prev"] = min(number - 1, last)
    if number < last:
        targets |= {"next": number + 1, "last": last}
    if number > 1:
        targets["first"] = 1
    return ", ".join(
        f'<{url}?{urlencode({**query, "page": target})}>; rel="{relation}"' for relation, target in targets.items()
    )


def _positive(text: str | None, default: int) -> int:
    return int(text) if text and text.isdecimal() and int(text) > 0 else default
