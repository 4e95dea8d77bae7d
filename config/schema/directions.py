"""In which respect one rule is looser than another: the words in which directions of strictness are said."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

Place = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Looser:
    """One respect in which a team's rule is looser; `at` leads from the rule to what is at fault."""

    at: Place
    written: str
    demanded: str
    remedy: str


def parameter(key: str) -> tuple[str, ...]:
    return ("with", key)


def kept(key: str, demanded: str, written: str) -> Looser:
    return Looser(tuple(key.split(".")), is_(written), f"`{demanded}`", f"write `{demanded}`")


def same(at: Place, base: str | tuple[str, ...], own: str | tuple[str, ...]) -> Iterator[Looser]:
    """For what cannot be compared."""
    if base != own:
        demanded = f"{these(base)}, which cannot be compared" if base else "none"
        yield Looser(at, lists(own), demanded, f"write {these(base)} as it is" if base else "leave it out")


def least(at: Place, base: int, own: int, written: int | None) -> Iterator[Looser]:
    """`own` is what comes of `written`, which may be nothing."""
    if own < base:
        told = "is missing" if written is None else f"is {written}"
        yield Looser(at, told, f"{base} or more", f"write {base} or more")


def most(at: Place, base: int | None, own: int | None) -> Iterator[Looser]:
    if base is not None and (own is None or own > base):
        written = "is missing" if own is None else f"is {own}"
        yield Looser(at, written, f"{base} or less", f"write {base} or less")


def switched_on(at: Place, base: object, own: object) -> Iterator[Looser]:
    if base and not own:
        yield Looser(at, "is missing" if own is None else "is not `true`", "`true`", "write `true`")


def at_least_these(
    at: Place, base: tuple[str, ...], own: Collection[str], fold: Callable[[str], str] = str
) -> Iterator[Looser]:
    there = {fold(each) for each in own}
    if lacking := tuple(each for each in base if fold(each) not in there):
        yield Looser(at, f"lacks {these(lacking)}", these(base), f"add {these(lacking)}")


def only_these(
    at: Place, base: Collection[str], own: tuple[str, ...], fold: Callable[[str], str] = str
) -> Iterator[Looser]:
    allowed = {fold(each) for each in base}
    if more := tuple(each for each in own if fold(each) not in allowed):
        demanded = f"no more than {these(tuple(base))}" if base else "none"
        yield Looser(at, f"adds {these(more)}", demanded, f"remove {these(more)}")


def some_of_these(at: Place, base: tuple[str, ...], own: tuple[str, ...]) -> Iterator[Looser]:
    """For what would be about everything where nothing is named."""
    if not own:
        yield Looser(at, "is missing", these(base), "name some of these")


def is_(text: str) -> str:
    return f"is `{text[:60]}`"


def lists(names: str | tuple[str, ...]) -> str:
    return f"is {these(names)}" if names else "is missing"


def these(names: str | Iterable[object]) -> str:
    return ", ".join(f"`{name}`" for name in ([names] if isinstance(names, str) else names))
