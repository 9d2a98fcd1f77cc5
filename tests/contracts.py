"""Kinds of import contract that import-linter does not bring with it.

Its own "protected" contract needs every module it names to exist already, and its "independence"
contract needs every format listed; these two hold from the first day and for formats to come.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from grimp import Layer
from importlinter import Contract, ContractCheck, fields, output

if TYPE_CHECKING:
    from grimp import ImportGraph


class OnlyIn(Contract):
    """Libraries that match `libraries` are imported by `importers` and what lies below them only.

    Both are lists of shell patterns; a library is named by its top-level package.
    """

    libraries: Any = fields.ListField(subfield=fields.StringField())
    importers: Any = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002, FBT001
        """List every import of a confined library from elsewhere."""
        patterns = [p for name in self.importers for p in (name, f"{name}.*")]
        found = sorted(
            f"{importer} imports {library}"
            for library in graph.modules
            if graph.is_module_squashed(library) and _matches(library, self.libraries)
            for importer in graph.find_modules_that_directly_import(library)
            if not _matches(importer, patterns)
        )
        return ContractCheck(kept=not found, metadata={"found": found})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print one line for each import."""
        _print_found(check)


class IndependentFolders(Contract):
    """The sub-packages of `package` never import one another, except for those named `shared`.

    The shared ones import none of the others either, unless they are named in `over`.
    """

    package: Any = fields.StringField()
    shared: Any = fields.ListField(subfield=fields.StringField())
    over: Any = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002, FBT001
        """List every import, direct or not, that goes sideways or up."""
        children = {name.rpartition(".")[2] for name in graph.find_children(self.package)}
        middle = children - {*self.shared, *self.over}
        layers = [
            Layer(*names, independent=independent)
            for names, independent in (
                (children & {*self.over}, False),
                (middle, True),
                (children & {*self.shared}, False),
            )
            if names
        ]
        wrong = graph.find_illegal_dependencies_for_layers(layers, containers={self.package})
        found = sorted(f"{each.importer} depends on {each.imported}" for each in wrong)
        return ContractCheck(kept=not found, metadata={"found": found})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print one line for each dependency."""
        _print_found(check)


def _matches(name: str, patterns: list[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _print_found(check: ContractCheck) -> None:
    for line in check.metadata["found"]:
        output.print_error(f"- {line}", bold=False)
