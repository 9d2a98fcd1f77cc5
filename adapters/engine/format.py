"""A format: its profile, and its table compiled once per process."""

from __future__ import annotations

import importlib
import tomllib
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Final

from adapters.engine.alternate import Alternate, alternate
from adapters.engine.container import Container
from adapters.engine.conversion import Conversion
from adapters.engine.leaf import Leaf
from adapters.engine.markup import dress
from adapters.engine.nested import Nested, nested
from adapters.engine.plan import Plan, Scope, plan
from adapters.engine.table import Row, load
from adapters.engine.trie import Builder, Node
from schemas.document import Document, Family
from schemas.finding import Flag
from schemas.text import Text

_PLANS: Final = 256

ReadHook = Callable[[Any], None]
"""Takes an `adapters.engine.reading.Draft`."""
RenderHook = Callable[[Document, Mapping[str, object]], Document]


@dataclass(frozen=True, slots=True)
class Detection:
    """One way to recognise a format; see adapters/README.md."""

    root: str = ""
    namespace: str | None = None
    has: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Format:
    """A format by its profile; the table is compiled on first use."""

    id: str
    title: Text
    family: Family
    syntax: str
    media_type: str
    edition: str
    ext: str
    package: str
    unknown: Flag = Flag.WARNING
    bare: Flag = Flag.FATAL
    sequence: Flag = Flag.FATAL
    rulesets: tuple[str, ...] = ()
    official: tuple[str, ...] = ()
    namespaces: Mapping[str, str] = field(default_factory=dict)
    detections: tuple[Detection, ...] = ()
    alternates: tuple[Alternate, ...] = ()
    alternate: Alternate | None = None
    nests: tuple[Nested, ...] = ()
    implied: Mapping[str, str] = field(default_factory=dict)
    magic: bytes = b""
    table: str = ""

    @property
    def ruleset(self) -> str:
        """The name under which structural findings of this format are reported."""
        return f"{self.id}:{self.edition}"

    @cached_property
    def rows(self) -> Sequence[Row]:
        """The rows of the mapping table."""
        text = (self.folder / "mapping.csv").read_text(encoding="utf-8")
        rows = load(text.splitlines(), ext=self.ext, where=f"{self.tables}/mapping.csv")
        for nest in self.nests:
            rows = nest.rows(rows)
        if self.alternate is not None:
            return self.alternate.rows(rows)
        others = {other.root for other in self.alternates}
        return [row for row in rows if row.steps[0].name not in others]

    @cached_property
    def marks(self) -> Mapping[str, AbstractSet[str]]:
        """Leaves that the syntax fixes, terms without indices by value: they inform nobody."""
        found: dict[str, set[str]] = {}
        for row in self.rows:
            if row.fixed:
                bare = [t.bare for t in row.targets if t.attr or "ext." in t.pattern]
                found.setdefault(row.fixed, set()).update(bare)
        return found

    def reading(self, root: str) -> Format:
        """Return the format as it reads a document with this root (a tag in Clark notation)."""
        for one, other in zip(self._others, self.alternates, strict=True):
            if root in (f"{{{other.namespace}}}{other.root}", other.root):
                return one
        return self

    def writing(self, document: Document) -> Format:
        """Return the format as it writes a document: under the root that is meant for it."""
        for one, other in zip(self._others, self.alternates, strict=True):
            if other.takes(document):
                return one
        return self

    @cached_property
    def _others(self) -> tuple[Format, ...]:
        return tuple(
            replace(
                self,
                namespaces={**self.namespaces, "": other.namespace},
                alternates=(),
                alternate=other,
            )
            for other in self.alternates
        )

    @property
    def tables(self) -> str:
        """The package of the table and its quirks: the format's own, or the one it shares."""
        return self.table or self.package

    @cached_property
    def folder(self) -> Traversable:
        """The folder of the table."""
        return files(self.tables)

    @cached_property
    def container(self) -> Container | None:
        """What puts the document into a file of another kind, and takes it out."""
        if not self.magic:
            return None
        module: Any = importlib.import_module(f"{self.package}.container")
        found: Container = module
        return found

    @cached_property
    def trie(self) -> Node:
        """The compiled table."""
        return self._compile(self.namespaces)

    @cached_property
    def bare_trie(self) -> Node:
        """The same table for documents that carry no namespace."""
        return self._compile({})

    @cached_property
    def after_read(self) -> ReadHook | None:
        """The hook of the format's quirks that completes what was read."""
        hook: ReadHook | None = getattr(self._quirks, "after_read", None)
        return hook

    @cached_property
    def before_render(self) -> RenderHook | None:
        """The hook of the format's quirks that completes what is to be written."""
        hook: RenderHook | None = getattr(self._quirks, "before_render", None)
        return hook

    @cached_property
    def reasons(self) -> Mapping[str, str]:
        """Why the format leaves a term out, by term id without indices."""
        found: Mapping[str, str] = getattr(self._quirks, "REASONS", {})
        return found

    @cached_property
    def _quirks(self) -> Any:  # noqa: ANN401 - a module
        if not (self.folder / "quirks.py").is_file():
            return None
        return importlib.import_module(f"{self.tables}.quirks")

    def plan(self, node: Node, scope: Scope, only: frozenset[int] | None) -> Plan:
        """Return the plan of a node for documents with these terms; the latest are kept."""
        key = (id(node), scope.present, scope.many, scope.defaults, only)
        found = self._plans.get(key)
        if found is None:
            if len(self._plans) >= _PLANS:
                self._plans.clear()
            found = self._plans[key] = plan(node, scope, only)
        return found

    @cached_property
    def leaves(self) -> tuple[Leaf, ...]:
        """Every leaf of the table, variants included, in its order."""
        found: dict[int, Leaf] = {}
        stack = [self.trie]
        while stack:
            node = stack.pop()
            stack += [*node.children(), *(variant for _, variant in node.variants)]
            for leaf in (node.leaf, *node.attrs.values()):
                if leaf is not None:
                    found[leaf.row.number] = leaf
        return tuple(found[number] for number in sorted(found))

    def as_dict(self, *, full: bool = False) -> dict[str, object]:
        """Return the format as plain values; with `full` its rule sets and placeholders too."""
        found: dict[str, object] = {
            "format": self.id,
            "family": self.family.value,
            "title": self.title.as_dict(),
            "media_type": self.media_type,
            "editions": [self.edition],
        }
        if full:
            found["rulesets"] = list(self.rulesets)
            found["placeholders"] = [
                "/".join(step.name for step in row.steps)
                for row in self.rows
                if "placeholder" in row.note.lower()
            ]
        return found

    @cached_property
    def _plans(self) -> dict[object, Plan]:
        return {}

    def _compile(self, namespaces: Mapping[str, str]) -> Node:
        quirks: Mapping[str, Conversion] = getattr(self._quirks, "CONVERSIONS", {})
        builder = Builder(
            self.rows,
            namespaces,
            quirks,
            where=f"{self.tables}/mapping.csv",
            ext=self.ext,
        )
        if self.syntax == "json":
            return builder.json()
        root = builder.xml()
        dress(root, namespaces)
        return root


def from_package(package: str) -> Format:
    """Return the format whose folder is the package; reads `profile.toml` only."""
    profile = tomllib.loads((files(package) / "profile.toml").read_text(encoding="utf-8"))
    return Format(
        id=profile["id"],
        title=Text(profile["title"]["en"], profile["title"]["zh"]),
        family=Family(profile["family"]),
        syntax=profile["syntax"],
        media_type=profile["media_type"],
        edition=profile["edition"],
        ext=profile["ext"],
        package=package,
        bare=Flag(profile.get("bare", "fatal")),
        unknown=Flag(profile.get("unknown", "warning")),
        sequence=Flag(profile.get("sequence", "fatal")),
        rulesets=tuple(profile.get("rulesets", ())),
        official=tuple(profile.get("official", ())),
        namespaces=profile.get("namespaces", {}),
        detections=tuple(_detection(entry) for entry in profile.get("detect", ())),
        alternates=tuple(alternate(entry) for entry in profile.get("alternates", ())),
        implied=profile.get("implied", {}),
        magic=profile.get("container", "").encode(),
        table=profile.get("table", ""),
        nests=tuple(nested(entry) for entry in profile.get("nested", ())),
    )


def _detection(entry: Mapping[str, Any]) -> Detection:
    has = entry.get("has", ())
    return Detection(
        root=entry.get("root", ""),
        namespace=entry.get("namespace"),
        has=(has,) if isinstance(has, str) else tuple(has),
        values=entry.get("values", {}),
    )
