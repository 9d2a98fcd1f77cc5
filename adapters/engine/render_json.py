"""Rendering into JSON: groups are objects, repeating nodes arrays."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.engine.format import Format
from adapters.engine.json_source import Number, encode
from adapters.engine.render import Renderer
from adapters.engine.render_xml import XmlRenderer
from adapters.engine.trie import Node
from schemas.document import Document

Member = tuple[Node, object]


class JsonRenderer(Renderer[Member]):
    """Builds a JSON value from the same table walk."""

    def _leaf_piece(self, node: Node, text: str, attrs: Mapping[str, str] | None) -> Member:
        """Return a member in the JSON type that the table asks for."""
        del attrs
        match node.leaf.row.type if node.leaf else "":
            case "number" | "integer":
                return node, Number(text)
            case "boolean":
                return node, text == "true"
            case _:
                return node, text

    def _group_piece(
        self, node: Node, attrs: Mapping[str, str] | None, pieces: list[Member]
    ) -> Member:
        """Return an object of its members."""
        del attrs
        members: dict[str, object] = {}
        for kid, value in pieces:
            if kid.repeat:
                items = members.setdefault(kid.name, [])
                if isinstance(items, list):
                    items.append(value)
            else:
                members[kid.name] = value
        return node, members

    def _data(self, pieces: list[Member]) -> bytes:
        """Return the document."""
        return encode(pieces[0][1])


def renderer(
    document: Document, fmt: Format, defaults: Mapping[str, str]
) -> Renderer[str] | Renderer[Member]:
    """Return the renderer for the syntax of a format."""
    if fmt.syntax == "xml":
        return XmlRenderer(document, fmt, defaults)
    return JsonRenderer(document, fmt, defaults)
