"""What a server says about itself, read leniently: what it omits is *not declared*, which is not "no"."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from adapter.errors import ConfigurationFault
from adapter.input.outside_text import shown
from adapter.input.wire_json import ReadOnlyJson

LONGEST = 100  # characters of what a server calls itself
# R4 and R4B differ in no resource that is read or written here.
_READABLE = ("4.0", "4.3")
# Of https://hl7.org/fhir/R4/valueset-versioning-policy.html, all but no-version.
_VERSIONED = frozenset({"versioned", "versioned-update"})
_NAMES = {"1.0": "DSTU2", "3.0": "STU3", "5.0": "R5", "6.0": "R6"}


class Declared(Enum):
    """What a server declares about one ability; many servers can do more than they declare."""

    YES = "yes"
    NO = "no"
    NOT_SAID = "not said"

    @property
    def worth_asking(self) -> bool:
        """Whether to ask for it: only a plain no is taken for one."""
        return self is not Declared.NO

    @classmethod
    def among(cls, name: str, told: frozenset[str] | None) -> "Declared":
        """Whether it is in a list of what there is; without a list nothing is said."""
        if told is None:
            return cls.NOT_SAID
        return cls.YES if name in told else cls.NO


@dataclass(slots=True)
class ServerRefusals:
    """What a server refused, whatever it declares; kept for as long as the process works with that server."""

    includes: set[str] = field(default_factory=set)  # types whose `_include` it refused
    wide: set[str] = field(default_factory=set)  # types that it must be asked for by code or category
    missing: set[str] = field(default_factory=set)  # types that it must not be asked about by what they lack
    types: set[str] = field(default_factory=set)  # types that may be left out, and that it refused
    versions: bool = False  # it gives whole resources only, or versions that do not tell
    tags: bool = False  # it takes no condition of a create about a tag

    def so_far(self) -> "ServerRefusals":
        """As it is now: other threads learn more meanwhile."""
        return ServerRefusals(
            set(self.includes), set(self.wide), set(self.missing), set(self.types), self.versions, self.tags
        )


@dataclass(frozen=True, slots=True)
class TypeCapabilities:
    """One resource type. None means that the server has no such list."""

    interactions: frozenset[str] | None
    search_params: frozenset[str] | None
    update_create: Declared
    conditional_create: Declared
    conditional_update: Declared
    versioning: str | None


_NOT_DECLARED = TypeCapabilities(None, None, Declared.NOT_SAID, Declared.NOT_SAID, Declared.NOT_SAID, None)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """A CapabilityStatement, as far as this program asks for it."""

    fhir_version: str | None
    software: str | None
    types: Mapping[str, TypeCapabilities]
    system_interactions: frozenset[str] | None

    @classmethod
    def parse(cls, statement: ReadOnlyJson) -> "Capabilities":
        """Never fails on what is missing or odd."""
        rest = _server(statement)
        software = _mapping(statement.get("software"))
        named = " ".join(part for name in ("name", "version") if (part := _text(software.get(name))))
        resources = _mappings(rest.get("resource"))
        return cls(
            fhir_version=shown(version)[:LONGEST]
            if (version := _text(statement.get("fhirVersion")))
            else None,
            software=shown(named)[:LONGEST] or None,
            types={name: _type(entry) for entry in resources if (name := _text(entry.get("type")))},
            system_interactions=_codes(rest.get("interaction"), "code"),
        )

    def require_r4(self) -> "Capabilities":
        """Itself, or ConfigurationFault when the server speaks another version of FHIR."""
        if self.fhir_version is None:
            raise ConfigurationFault("The server does not say which version of FHIR it speaks; R4 is needed.")
        version = ".".join(self.fhir_version.split(".")[:2])
        if version not in _READABLE:
            name = _NAMES.get(version, "another version")
            raise ConfigurationFault(
                f"The server speaks FHIR {name} ({self.fhir_version}); R4 (4.0.1) is needed. "
                "Many servers offer R4 at another base URL."
            )
        return self

    def of(self, resource_type: str) -> TypeCapabilities:
        return self.types.get(resource_type, _NOT_DECLARED)

    def offers(self, resource_type: str, interaction: str) -> Declared:
        """``read``, ``search-type``, ``update`` ... of a type."""
        return Declared.among(interaction, self.of(resource_type).interactions)

    def update_create(self, resource_type: str) -> Declared:
        """May a client choose the id of a new resource (PUT of an id not there yet)?

        HAPI may, and says nothing.
        """
        return self.of(resource_type).update_create

    def conditional_create(self, resource_type: str) -> Declared:
        return self.of(resource_type).conditional_create

    def conditional_update(self, resource_type: str) -> Declared:
        return self.of(resource_type).conditional_update

    def versioned(self, resource_type: str) -> bool:
        """Whether it says that each change makes another version; silence is no promise."""
        return self.of(resource_type).versioning in _VERSIONED

    def search_params(self, resource_type: str) -> frozenset[str] | None:
        return self.of(resource_type).search_params

    @property
    def transaction(self) -> Declared:
        return Declared.among("transaction", self.system_interactions)

    @property
    def batch(self) -> Declared:
        """HAPI declares transaction alone and takes batches as well, so next to it silence is no "no"."""
        found = Declared.among("batch", self.system_interactions)
        silent = found is Declared.NO and self.transaction is Declared.YES
        return Declared.NOT_SAID if silent else found


def _type(entry: ReadOnlyJson) -> TypeCapabilities:
    return TypeCapabilities(
        interactions=_codes(entry.get("interaction"), "code"),
        search_params=_codes(entry.get("searchParam"), "name"),
        update_create=_flag(entry.get("updateCreate")),
        conditional_create=_flag(entry.get("conditionalCreate")),
        conditional_update=_flag(entry.get("conditionalUpdate")),
        versioning=_text(entry.get("versioning")),
    )


def _server(statement: ReadOnlyJson) -> ReadOnlyJson:
    # R4 lets one statement describe a client beside the server (CapabilityStatement.rest.mode).
    rests = _mappings(statement.get("rest"))
    return next((rest for rest in rests if rest.get("mode") == "server"), rests[0] if rests else {})


def _codes(entries: object, name: str) -> frozenset[str] | None:
    found = frozenset(code for entry in _mappings(entries) if (code := _text(entry.get(name))))
    return found or None


def _mappings(value: object) -> list[ReadOnlyJson]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _mapping(value: object) -> ReadOnlyJson:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _flag(value: object) -> Declared:
    if not isinstance(value, bool):
        return Declared.NOT_SAID
    return Declared.YES if value else Declared.NO
