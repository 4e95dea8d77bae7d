"""
Expressions in the Common Expression Language, as far as they are understood here: what they may name, and how long.

An expression is compiled when the configuration is read. It may name the variables and functions below and no others,
and no macro stands inside another, so that evaluating it takes no longer than what it is about is long.
"""

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, Field

from config.schema.values import refused

if TYPE_CHECKING:
    import cel

VARIABLES: dict[str, dict[str, str]] = {
    "change": {
        "number": "its number",
        "title": "its title",
        "author": "the login of its author",
        "target": "the branch that it targets",
        "branch": "the branch that it comes from",
        "labels": "the labels that are set",
        "lines": "how many lines it adds and deletes",
        "paths": "every path that it changes",
        "commits": "how many commits it adds",
        "merges": "how many of those merge others",
        "behind": "how many commits of the target branch it lacks",
    },
    "approvals": {
        "count": "how many approvals count",
        "people": "the logins of who approved",
        "teams": "of the teams that the rule names, those of whom somebody approved",
    },
    "hub": {"team": "the team that it belongs to", "repository": "its repository, as `owner/name`"},
}
MOST_PATHS = 3_000
"""Of a pull request that changes more, no expression is evaluated."""

FUNCTIONS = frozenset({"size", "contains", "startsWith", "endsWith", "matches", "int", "string", "double"})

_MACROS = r"all|exists|exists_one|filter|map"
_FIELD = re.compile(rf"\b({'|'.join(VARIABLES)})\s*\.\s*([A-Za-z_][A-Za-z0-9_]*)(?!\s*\(|[A-Za-z0-9_])")
_MACRO = re.compile(rf"\.\s*({_MACROS})\s*\(\s*([A-Za-z_][A-Za-z0-9_]*)\s*,")
_TOKENS = re.compile(
    rf"(?P<raw>[rRbB]*(?:'''.*?'''|\"\"\".*?\"\"\"|'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"))"
    rf"|(?P<macro>\.\s*(?:{_MACROS})\s*\()|(?P<open>\()|(?P<close>\))|(?P<comment>//[^\n]*)",
    re.DOTALL,
)


@lru_cache(maxsize=256)
def compiled(expression: str) -> "cel.Program":
    """Raises ValueError for what is no expression."""
    import cel  # noqa: PLC0415 -- it brings a command line along, which takes longer to load than all the rest

    return cel.compile(expression)


def _expression(text: str) -> str:
    try:
        references = compiled(text).references()
    except ValueError:
        raise refused("is no expression of the Common Expression Language", "mend it") from None
    bound = {name for _, name in _MACRO.findall(text)}
    if unknown := sorted(set(references["variables"]) - VARIABLES.keys() - bound):
        raise refused(f"names `{unknown[0][:60]}`, which is not there", f"use {', '.join(VARIABLES)}")
    if not VARIABLES.keys() & set(references["variables"]):
        raise refused("says the same of every pull request", f"name what it is about: {', '.join(VARIABLES)}")
    for variable, field in _FIELD.findall(_without_texts(text)):
        if field not in VARIABLES[variable]:
            remedy = f"use one of {', '.join(VARIABLES[variable])}"
            raise refused(f"names `{variable}.{field[:60]}`, which is not there", remedy)
    functions = {name for name in references["functions"] if name[0].isalpha()}
    if unknown := sorted(functions - FUNCTIONS):
        raise refused(f"calls `{unknown[0][:60]}`, which is not there", f"use {', '.join(sorted(FUNCTIONS))}")
    if re.search(r"\bhas\s*\(", text):
        raise refused("asks whether something is there", "name it: what is not known is an error, which blocks")
    if _nested(text):
        raise refused("has one of all, exists, filter and map inside another", "take them apart")
    return text


def _without_texts(text: str) -> str:
    return _TOKENS.sub(lambda token: "''" if token["raw"] else "" if token["comment"] else token.group(), text)


def _nested(text: str) -> bool:
    """Whether a macro stands between the parentheses of another."""
    depths: list[bool] = []
    for token in _TOKENS.finditer(text):
        if token["macro"]:
            if any(depths):
                return True
            depths.append(True)
        elif token["open"]:
            depths.append(False)
        elif token["close"] and depths:
            depths.pop()
    return False


Expression = Annotated[str, AfterValidator(_expression), Field(min_length=1, max_length=1_000)]
