"""Which handler answers which request: GitHub's own path templates; `{name:path}` takes slashes too."""

import re
from collections.abc import Callable
from typing import TypeAlias

from .call import Call, Listing, Reply

Handler: TypeAlias = Callable[[Call], Reply | Listing]
PARAMETER = re.compile(r"\{(\w+)(:path)?\}")


class Routes:
    def __init__(self, *included: "Routes") -> None:
        self._routes: dict[str, list[tuple[re.Pattern[str], Handler]]] = {}
        for routes in included:
            for method, entries in routes._routes.items():  # noqa: SLF001 - its own class
                self._routes.setdefault(method, []).extend(entries)

    def add(self, method: str, template: str) -> Callable[[Handler], Handler]:
        def register(handler: Handler) -> Handler:
            self._routes.setdefault(method, []).append((_pattern(template), handler))
            return handler

        return register

    def get(self, template: str) -> Callable[[Handler], Handler]:
        return self.add("GET", template)

    def post(self, template: str) -> Callable[[Handler], Handler]:
        return self.add("POST", template)

    def put(self, template: str) -> Callable[[Handler], Handler]:
        return self.add("PUT", template)

    def patch(self, template: str) -> Callable[[Handler], Handler]:
        return self.add("PATCH", template)

    def delete(self, template: str) -> Callable[[Handler], Handler]:
        return self.add("DELETE", template)

    def find(self, method: str, path: str) -> tuple[Handler, dict[str, str]] | None:
        """The first template registered that fits."""
        for pattern, handler in self._routes.get(method, ()):
            match = pattern.match(path)
            if match:
                return handler, match.groupdict()
        return None


def _pattern(template: str) -> re.Pattern[str]:
    expression = ""
    position = 0
    for match in PARAMETER.finditer(template):
        expression += re.escape(template[position : match.start()])
        expression += f"(?P<{match[1]}>{'.+' if match[2] else '[^/]+'})"
        position = match.end()
    return re.compile(f"^{expression}{re.escape(template[position:])}/?$")
