"""The words a configuration is made of: text with a spelling, whole numbers, names that git and GitHub accept."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, Strict
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema


class Section(BaseModel):
    """A mapping of a configuration file. A key that is not declared is refused, never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=True, validate_by_alias=True)


def refused(sentence: str, remedy: str, at: tuple[str | int, ...] = ()) -> PydanticCustomError:
    """`sentence` completes the sentence that the key begins; `at` leads on to the value that is at fault."""
    return PydanticCustomError("refused", "{sentence}", {"sentence": sentence, "remedy": remedy, "at": at})


@dataclass(frozen=True, slots=True)
class Spelling:
    """Text that matches `pattern` as a whole."""

    pattern: str
    meaning: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.spelled, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return handler(schema) | {"pattern": f"^(?:{self.pattern})$"}

    def spelled(self, text: str) -> str:
        if re.fullmatch(self.pattern, text) is None:
            raise refused(f"must be {self.meaning}", "spell it so")
        return text


OWNER = r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}"
REPOSITORY_NAME = r"(?!\.{1,2}$)(?!.*\.git$)[A-Za-z0-9._-]{1,100}"
REFERENCE = r"\$\{[A-Za-z_][A-Za-z0-9_]*\}"

Count = Annotated[int, Strict()]
Truth = Annotated[bool, Strict()]
Line = Annotated[str, Spelling(r"(?=.*\S)[^\x00-\x1f\x7f]+", "one line of text")]
Label = Annotated[str, Spelling(r"(?=.*\S)[^\x00-\x1f\x7f]{1,100}", "the name of a label")]
Login = Annotated[str, Spelling(OWNER, "a login of the code host, such as `alice`")]
Reviewer = Annotated[
    str, Spelling(rf"{OWNER}|@?{OWNER}/[A-Za-z0-9][A-Za-z0-9._-]*", "a login, or a team as `organization/team`")
]
Repository = Annotated[str, Spelling(rf"(?:{OWNER}/)?{REPOSITORY_NAME}", "a repository as `owner/name` or `name`")]

# git's own rules, `git check-ref-format --branch`.
_NOT_IN_A_BRANCH = re.compile(
    r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|^[-/.]|/\.|[/.]$|\.lock(?:/|$)|^@$|^HEAD$|^refs/",
)


def _branch(name: str) -> str:
    if not name or _NOT_IN_A_BRANCH.search(name):
        raise refused("must be the name of a branch, such as `main`", "name a branch as git allows it")
    return name


Branch = Annotated[str, AfterValidator(_branch), Field(min_length=1, max_length=255)]


def _referring(text: str) -> str:
    if "${" in re.sub(REFERENCE, "", text):
        raise refused("holds a `${` that begins no variable", "write `${NAME}`, with letters, digits and underscores")
    return text


# Text in which `${VARIABLE}` stands for an environment variable. It is kept as written until it is used.
Referring = Annotated[Line, AfterValidator(_referring)]


def is_login(text: str) -> bool:
    return re.fullmatch(OWNER, text) is not None


def refers(text: str) -> bool:
    return re.search(REFERENCE, text) is not None


def refuse_repetition(section: str, key: str, names: Sequence[str]) -> None:
    for position, name in enumerate(names):
        if name in names[:position]:
            raise refused(f"is `{name}` again", "give each its own name", (section, position, key))
