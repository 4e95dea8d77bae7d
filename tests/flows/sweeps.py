"""Parameters of which the first few are looked at each time, and the others where there is more time."""

from collections.abc import Iterable
from typing import Any

import pytest


def mostly_long(values: Iterable[Any], *, often: int = 1) -> list[Any]:
    """A tuple is one value for each name."""
    each = [value if isinstance(value, tuple) else (value,) for value in values]
    return [pytest.param(*value, marks=[] if at < often else pytest.mark.long) for at, value in enumerate(each)]
