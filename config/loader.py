"""
Reads the configuration from its directory, whole or not at all.

Everything that is wrong in any file is said at once, so that a person mends it in one round. A file with a name we do
not know is an error: it would look like a setting and be none.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from config.crosscheck import Drafts, disagreements
from config.errors import ConfigurationError, Problem
from config.needs import references
from config.rules import loosened
from config.schema import (
    BASELINE_POLICIES,
    AccessFile,
    Configuration,
    GlobalFile,
    HealthCheck,
    Network,
    PolicyFile,
    SignersFile,
    TeamFile,
    WaiversFile,
    Written,
)
from config.schema.allowed_signers import AllowedSigners, parse_allowed_signers
from config.schema.team_rules import rules_of_file
from config.signing import disagreements_about_signing
from config.validation import Draft, Model, Source, spelled, validated
from config.waivers import disagreements_about_waivers
from config.wording import likely
from config.yaml12 import LARGEST_FILE, parse

_YAML = (".yml", ".yaml")
_KEYS = "allowed_signers"
_WAIVERS = "waivers"
_NOT_SETTINGS = (".py", ".pyc", ".md")


@dataclass(frozen=True, slots=True)
class Sources:
    """The files that are valid by themselves, for who must name their lines."""

    global_: Source[GlobalFile] | None
    teams: tuple[Source[TeamFile], ...]
    policies: tuple[Source[PolicyFile], ...]
    access: Source[AccessFile] | None
    signers: Source[SignersFile] | None = None
    keys: AllowedSigners | None = None
    waivers: Source[WaiversFile] | None = None


@dataclass(frozen=True, slots=True)
class Survey:
    """All that was found in the directory. Only without problems it is a configuration."""

    sources: Sources
    problems: tuple[Problem, ...]
    digest: str


def load(directory: Path) -> Configuration:
    """ConfigurationError carries every problem of every file."""
    found = survey(directory)
    sources = found.sources
    if found.problems or sources.global_ is None:
        raise ConfigurationError(found.problems)
    policies = sorted((source.model for source in sources.policies), key=lambda policy: policy.name)
    return Configuration(
        global_=sources.global_.model,
        teams=tuple(sorted((source.model for source in sources.teams), key=lambda team: team.name)),
        policies=tuple(policies) or BASELINE_POLICIES,
        access=sources.access.model if sources.access else None,
        digest=found.digest,
        signers=sources.signers.model if sources.signers else None,
        allowed_signers=sources.keys or AllowedSigners(),
        references=tuple(references(sources.global_)),
        without_network=tuple(_without_network(sources)),
        waivers=sources.waivers.model.waivers if sources.waivers else (),
    )


def load_policies(directory: Path) -> tuple[PolicyFile, ...]:
    """
    Those of a directory of policies, or of a configuration with what its teams have in their place.

    ConfigurationError carries every problem of theirs.
    """
    reading = _Reading(directory)
    drafts, teams = reading.policies(), reading.teams()
    policies: tuple[Source[PolicyFile], ...] = tuple(_valid(drafts))
    sources = Sources(None, tuple(_valid(teams)), policies, None)
    twice = disagreements(Drafts(None, teams, drafts, None, all_teams=False))
    problems = (*reading.problems, *twice, *loosened(sources))
    if problems:
        raise ConfigurationError(problems)
    own = (policy for team in sources.teams for policy in rules_of_file(team.model))
    return (*sorted((source.model for source in policies), key=lambda policy: policy.name), *own)


def _without_network(sources: Sources) -> Iterator[Written]:
    files: tuple[Source[GlobalFile] | Source[TeamFile], ...] = sources.teams
    for source in (*([sources.global_] if sources.global_ else []), *files):
        sections = ("global_gates",) if isinstance(source.model, GlobalFile) else ("gates", "post_landing")
        for section in sections:
            for position, gate in enumerate(getattr(source.model, section)):
                if not isinstance(gate, HealthCheck) and gate.network is Network.NONE:
                    path = (section, position, "network")
                    place = source.content.places.get(path)
                    line, column = (place.line, place.column) if place else (None, None)
                    yield Written(file=source.file, line=line, column=column, key=spelled(path))


def survey(directory: Path) -> Survey:
    reading = _Reading(directory)
    sources, drafts = reading.files_of_settings()
    signing = disagreements_about_signing(
        sources.global_, sources.teams, sources.signers, sources.keys, complete=not reading.problems
    )
    waivers = () if reading.problems else disagreements_about_waivers(sources)
    problems = (*reading.problems, *disagreements(drafts), *loosened(sources), *signing, *waivers)
    return Survey(sources, problems, digest_of_files(reading.files))


def digest_of_files(files: Mapping[str, bytes]) -> str:
    """The digest of what `sha256sum` prints for the files in the order of their names, so that anybody can check it."""
    listing = "".join(f"{hashlib.sha256(raw).hexdigest()}  {name}\n" for name, raw in sorted(files.items()))
    return f"sha256:{hashlib.sha256(listing.encode()).hexdigest()}"


def _valid(drafts: Iterable[Draft | Source[Model] | None]) -> Iterator[Source[Model]]:
    return (draft for draft in drafts if isinstance(draft, Source))


@dataclass(slots=True)
class _Reading:
    directory: Path
    files: dict[str, bytes] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def files_of_settings(self) -> tuple[Sources, Drafts]:
        if not self.directory.is_dir():
            self._problem(str(self.directory), "there is no such directory", "name the configuration with --config DIR")
            return Sources(None, (), (), None), Drafts(None, (), (), None, all_teams=False)
        top = {path.name: path for path in self._entries(self.directory) if self._is_settings(path)}
        team_paths = self._settings_in("teams")
        if not team_paths:
            self._problem("teams", "no team is configured", "write teams/NAME.yml with the team's name and repos")
        # Whatever else is wrong with this directory may be a team's file.
        strays = any(problem.file.split("/")[0] == "teams" for problem in self.problems)
        teams = self._drafts(team_paths, TeamFile)
        global_ = self._one(top, "global", GlobalFile, needed=True)
        access = self._one(top, "access", AccessFile, needed=False)
        policy_paths = self._settings_in("policies")
        policies = self._drafts([path for path in policy_paths if path.stem != _WAIVERS], PolicyFile)
        waivers = self._one({path.name: path for path in policy_paths}, _WAIVERS, WaiversFile, needed=False)
        signers = self._one(top, "signers", SignersFile, needed=False)
        sources = Sources(
            global_=next(_valid([global_]), None),
            teams=tuple(_valid(teams)),
            policies=tuple(_valid(policies)),
            access=next(_valid([access]), None),
            signers=next(_valid([signers]), None),
            keys=self._keys(self.directory / _KEYS),
            waivers=next(_valid([waivers]), None),
        )
        return sources, Drafts(global_, teams, policies, access, all_teams=len(teams) == len(team_paths) and not strays)

    def teams(self) -> tuple[Draft | Source[TeamFile], ...]:
        return self._drafts(self._settings_in("teams"), TeamFile)

    def policies(self) -> tuple[Draft | Source[PolicyFile], ...]:
        """At least one, or a problem."""
        folder = "policies" if (self.directory / "policies").is_dir() else "."
        if not self.directory.is_dir():
            self._problem(str(self.directory), "there is no such directory", "name one that holds policies")
            return ()
        paths = [path for path in self._settings_in(folder) if path.stem != _WAIVERS]
        if not paths:
            self._problem(str(self.directory), "holds no policy", "name a directory with files of policies")
        return self._drafts(paths, PolicyFile)

    def _one(
        self, top: Mapping[str, Path], stem: str, model: type[Model], *, needed: bool
    ) -> Draft | Source[Model] | None:
        found = [top[stem + suffix] for suffix in _YAML if stem + suffix in top]
        if needed and not found:
            remedy = "write it: `organization: {name: …}` is enough"
            self._problem(f"{stem}.yml", "there is no such file", remedy)
        for other in found[1:]:
            self._problem(self._name(other), f"stands beside {found[0].name}", "keep one of them")
        return next(iter(self._drafts(found[:1], model)), None)

    def _keys(self, path: Path) -> AllowedSigners | None:
        """None where there is no such file, or where it cannot be read."""
        if not path.exists() and not path.is_symlink():
            return None
        raw = self._bytes(path)
        if raw is None or len(raw) > LARGEST_FILE or not raw.isascii():
            self._problem(_KEYS, "is no list of keys", "write a line for each key, in letters of ASCII")
            return None
        keys, flaws = parse_allowed_signers(raw.decode("ascii"))
        for flaw in flaws:
            self.problems.append(Problem(file=_KEYS, line=flaw.line, message=flaw.message, remedy=flaw.remedy))
        return keys

    def _settings_in(self, folder: str) -> list[Path]:
        """The YAML files of a folder, which may be absent; whatever else lies there is a problem."""
        path = self.directory / folder
        entries = self._entries(path) if path.is_dir() else []
        if not path.is_dir() and (path.exists() or path.is_symlink()):
            self._problem(folder, "is no directory", "make it one, or remove it")
        for entry in entries:
            if entry.suffix not in _YAML:
                self._stray(entry, f"give it a name that ends in .yml, or move it out of {folder}/")
        return [entry for entry in entries if entry.suffix in _YAML]

    def _is_settings(self, path: Path) -> bool:
        known = path.stem in {"global", "access", "signers"} and path.suffix in _YAML
        if path.is_file() and not known and path.suffix not in _NOT_SETTINGS and path.name != _KEYS:
            self._stray(path, likely(path.name, ("access.yml", "allowed_signers", "global.yml", "signers.yml")))
        return known

    def _drafts(self, paths: Iterable[Path], model: type[Model]) -> tuple[Draft | Source[Model], ...]:
        found = []
        for path in paths:
            raw = self._bytes(path)
            if raw is not None:
                draft, problems = validated(self._name(path), parse(raw), model)
                self.problems += problems
                found.append(draft)
        return tuple(found)

    def _bytes(self, path: Path) -> bytes | None:
        try:
            if not path.is_file():
                self._problem(self._name(path), "is no regular file", "mend or remove it")
                return None
            with path.open("rb") as file:
                raw = file.read(LARGEST_FILE + 1)
        except OSError as error:
            self._problem(self._name(path), f"cannot be read: {error.strerror}", "mend or remove it")
            return None
        self.files[self._name(path)] = raw
        return raw

    def _entries(self, path: Path) -> list[Path]:
        try:
            return sorted(entry for entry in path.iterdir() if not entry.name.startswith("."))
        except OSError as error:
            self._problem(self._name(path), f"cannot be read: {error.strerror}", "mend its permissions")
            return []

    def _name(self, path: Path) -> str:
        """Relative to the configuration; a byte that is no text is escaped, so that the name can always be printed."""
        relative = path.relative_to(self.directory).as_posix()
        return relative.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")

    def _stray(self, path: Path, remedy: str) -> None:
        self._problem(self._name(path), "is no file of a configuration", remedy)

    def _problem(self, file: str, message: str, remedy: str) -> None:
        self.problems.append(Problem(file=file, message=message, remedy=remedy))
