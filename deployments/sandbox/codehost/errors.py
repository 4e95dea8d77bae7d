"""
Answers that are refusals, in GitHub's words.

    Refusal
    ├── NotFound            404, also for what the caller may not see
    ├── Invalid             422, with GitHub's list of errors
    ├── NotImplementedHere  501, what this server does not do
    └── Redirect            301 or 307, after a rename
"""

from http import HTTPStatus
from typing import Any

DOCUMENTATION = "https://docs.github.com/rest"


class Refusal(Exception):
    """Ends a request with a status and GitHub's error document."""

    def __init__(self, status: int, message: str, **extra: Any) -> None:
        super().__init__(message)
        self.status = int(status)
        self.message = message
        self.extra = extra
        self.headers: dict[str, str] = {}

    def document(self) -> dict[str, Any]:
        return {
            "message": self.message,
            **self.extra,
            "documentation_url": DOCUMENTATION,
            "status": str(self.status),
        }


class NotFound(Refusal):
    def __init__(self, message: str = "Not Found") -> None:
        super().__init__(HTTPStatus.NOT_FOUND, message)


class Invalid(Refusal):
    def __init__(self, *errors: dict[str, Any], message: str = "Validation Failed") -> None:
        extra = {"errors": list(errors)} if errors else {}
        super().__init__(HTTPStatus.UNPROCESSABLE_ENTITY, message, **extra)

    @classmethod
    def field(cls, resource: str, field: str, code: str, **more: Any) -> "Invalid":
        return cls({"resource": resource, "field": field, "code": code, **more})

    @classmethod
    def custom(cls, resource: str, message: str, field: str | None = None) -> "Invalid":
        where = {"field": field} if field else {}
        return cls({"resource": resource, **where, "code": "custom", "message": message})


class NotImplementedHere(Refusal):
    def __init__(self, method: str, path: str) -> None:
        super().__init__(HTTPStatus.NOT_IMPLEMENTED, f"The sandbox code host does not implement {method} {path}")


class Redirect(Refusal):
    def __init__(self, status: int, location: str) -> None:
        message = "Moved Permanently" if status == HTTPStatus.MOVED_PERMANENTLY else "Temporary Redirect"
        super().__init__(status, message, url=location)
        self.headers["location"] = location


def bad_credentials() -> Refusal:
    return Refusal(HTTPStatus.UNAUTHORIZED, "Bad credentials")


def forbidden(message: str) -> Refusal:
    return Refusal(HTTPStatus.FORBIDDEN, message)


def conflict(message: str) -> Refusal:
    return Refusal(HTTPStatus.CONFLICT, message)


def not_allowed(message: str) -> Refusal:
    return Refusal(HTTPStatus.METHOD_NOT_ALLOWED, message)
