"""The words a configuration is made of: text with a spelling, whole numbers, names that git and GitHub accept."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ModelWrapValidatorHandler,
    Strict,
    ValidationError,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, ErrorDetails, InitErrorDetails, PydanticCustomError, core_schema


class Section(BaseModel):
    """
    A mapping of a configuration file. A key that is not declared is refused, never ignored.

    What keys say against each other is a contradiction. It is told beside what is wrong with a key alone, where a
    validator of the finished section would be silent until every key is right.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=True, validate_by_alias=True)

    @classmethod
    def contradictions(cls, said: Mapping[str, Any]) -> Iterator[PydanticCustomError]:  # noqa: ARG003 -- nothing here
        """`said` is the section as written: any key may be missing or hold anything."""
        yield from ()

    @model_validator(mode="wrap")
    @classmethod
    def _all_at_once(cls, value: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        found = list(cls.contradictions(value)) if isinstance(value, dict) else []
        more = [InitErrorDetails(type=contradiction, input=value) for contradiction in found]
        try:
            section = handler(value)
        except ValidationError as error:
            if not more:
                raise
            raise joined(error.errors(include_url=False), more) from error
        if more:
            raise joined((), more)
        return section


def refused(sentence: str, remedy: str, at: tuple[str | int, ...] = ()) -> PydanticCustomError:
    """`sentence` completes the sentence that the key begins; `at` leads on to the value that is at fault."""
    return PydanticCustomError("refused", "{sentence}", {"sentence": sentence, "remedy": remedy, "at": at})


def joined(errors: Iterable[ErrorDetails], more: Iterable[InitErrorDetails]) -> ValidationError:
    return ValidationError.from_exception_data("configuration", [*map(once_more, errors), *more])


def once_more(error: ErrorDetails, *before: str) -> InitErrorDetails:
    """`before` goes before its place."""
    context: dict[str, Any] = error.get("ctx", {})
    kind = refused(**context) if error["type"] == "refused" else error["type"]
    return InitErrorDetails(type=kind, loc=(*before, *error["loc"]), input=error["input"], ctx=context)


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
Command = Annotated[str, Spelling(r"[^\x00]*\S[^\x00]*", "a command")]
Label = Annotated[str, Spelling(r"(?=.*\S)[^\x00-\x1f\x7f]{1,100}", "the name of a label")]
GateName = Annotated[str, Spelling(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", "a name of letters, digits, `.`, `_` and `-`")]
TeamName = Annotated[
    str, Spelling(r"(?!all$)[a-z0-9][a-z0-9_-]{0,99}", "a name of small letters, digits, `_` and `-`, and not `all`")
]
Login = Annotated[str, Spelling(OWNER, "a login of the code host, such as `alice`")]


def _no_bot(text: str) -> str:
    if re.fullmatch(rf"@?{OWNER}\[bot\]", text, re.IGNORECASE):
        raise refused(f"is `{text}`, and a bot cannot approve", "remove it, or name a person")
    return text


Approver = Annotated[str, AfterValidator(_no_bot), Spelling(OWNER, "a login of the code host, such as `alice`")]
Robot = Annotated[str, Spelling(rf"{OWNER}(?:\[bot\])?", "a login of the code host, such as `dependabot[bot]`")]
Reviewer = Annotated[
    str,
    AfterValidator(_no_bot),
    Spelling(rf"{OWNER}|@?{OWNER}/[A-Za-z0-9][A-Za-z0-9._-]*", "a login, or a team as `organization/team`"),
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


def repetitions(said: Mapping[str, Any], key: str, *sections: str) -> Iterator[PydanticCustomError]:
    """Of the items of some sections, those that bear the name of one before."""
    first: set[str] = set()
    for section, position, item in ((named, *each) for named in sections for each in _items(said, named)):
        name = item.get(key) if isinstance(item, dict) else getattr(item, key, None)
        if isinstance(name, str) and name in first:
            yield refused(f"is `{name[:100]}` again", "give each its own name", (section, position, key))
        first |= {name} if isinstance(name, str) else set()


def label_contradictions(said: Mapping[str, Any], *, absent: str, present: str) -> Iterator[PydanticCustomError]:
    """The code host ignores the case of a label's name, so that only one of two spellings can ever be there."""
    demanded = {label.casefold(): label for _, label in _items(said, present) if isinstance(label, str)}
    for position, label in _items(said, absent):
        if isinstance(label, str) and label.casefold() in demanded:
            spelling = demanded[label.casefold()]
            same = f"is `{label[:100]}`, which `{present}` demands"
            sentence = f"{same}: nothing could ever land" if label == spelling else f"{same} as `{spelling[:100]}`"
            yield refused(sentence, "remove it from one of them", (absent, position))


def _items(said: Mapping[str, Any], section: str) -> Iterable[tuple[int, Any]]:
    items = said.get(section)
    return enumerate(items if isinstance(items, list | tuple) else ())
