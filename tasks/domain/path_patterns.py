"""Whether a path is meant by a pattern: `*` and `?` stay within a name, `**` goes over any folders."""

import re
from functools import cache


def is_meant(path: str, pattern: str) -> bool:
    return _compiled(pattern).fullmatch(path) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """A pattern that ends in `/` means everything below that folder."""
    whole = f"{pattern}**" if pattern.endswith("/") else pattern
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", whole)
    words = {"**/": r"(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile("".join(words.get(part, re.escape(part)) for part in parts), re.DOTALL)
