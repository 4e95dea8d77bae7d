"""How a tester tells a server of the sandbox what to answer next: a list, each entry good for one answer."""

from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

Entry = TypeVar("Entry")


async def extend(
    script: deque[Entry], request: Request, read: Callable[[Any], Entry], *, example: dict[str, object]
) -> Response:
    """All entries of the request's JSON list, or none of them if `read` cannot read one."""
    try:
        content = await request.json()
        entries = [read(entry) for entry in (content if isinstance(content, list) else [content])]
    except (ValueError, TypeError, KeyError, AttributeError):
        message = {"message": "this is not a script; see `example`", "example": [example]}
        return JSONResponse(message, status_code=422)
    script.extend(entries)
    return Response(status_code=204)
