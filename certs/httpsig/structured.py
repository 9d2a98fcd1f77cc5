"""Structured fields of HTTP (RFC 9651), as far as signatures and digests use them.

Dictionaries whose members are inner lists of strings, or byte sequences; both with parameters
that are integers, strings, tokens, byte sequences or booleans. Anything else is refused.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

from certs.errors import HttpSignatureRefused
from certs.httpsig.refusing import refused

_KEY: Final = re.compile(r"[a-z*][a-z0-9_.*-]*")
_INTEGER: Final = re.compile(r"-?[0-9]{1,15}(?![0-9.])")
_STRING: Final = re.compile(r'"(?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])*"')
_TOKEN: Final = re.compile(r"[A-Za-z*][!#$%&'*+.^_`|~0-9A-Za-z:/-]*")
_BYTES: Final = re.compile(r":([A-Za-z0-9+/]*={0,2}):")
_BOOLEAN: Final = re.compile(r"\?[01]")
_SPACE: Final = re.compile(r"[ \t]*")
_MOST: Final = 64
_LONGEST: Final = 16384

_T = TypeVar("_T")


class Token(str):
    """A bare word, which is not a string."""

    __slots__ = ()


Bare = int | str | bytes | bool | Token
Parameters = Mapping[str, Bare]


@dataclass(frozen=True, slots=True)
class Item:
    """A value with its parameters."""

    value: Bare
    parameters: Parameters = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the item as it stands in a field."""
        return _bare(self.value) + written(self.parameters)


@dataclass(frozen=True, slots=True)
class InnerList:
    """Several items in parentheses, with parameters of the whole."""

    items: tuple[Item, ...]
    parameters: Parameters = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the list as it stands in a field (RFC 9651, 4.1.1.1)."""
        return f"({' '.join(map(str, self.items))}){written(self.parameters)}"


def written(parameters: Parameters) -> str:
    """Return parameters as they stand behind a value (RFC 9651, 4.1.1.2)."""
    return "".join(
        f";{name}" if value is True else f";{name}={_bare(value)}"
        for name, value in parameters.items()
    )


def lists(text: str, where: str) -> dict[str, InnerList]:
    """Return a dictionary of inner lists of strings; raises HttpSignatureRefused."""
    return _Reader(text, where).dictionary(_Reader.inner_list)


def sequences(text: str, where: str) -> dict[str, bytes]:
    """Return a dictionary of byte sequences, their parameters left out."""

    def sequence(reader: _Reader) -> bytes:
        found = reader.item()
        if not isinstance(found.value, bytes):
            raise reader.refusal("a byte sequence is expected", "应为字节序列")
        return found.value

    return _Reader(text, where).dictionary(sequence)


def dictionary(members: Mapping[str, Item | InnerList]) -> str:
    """Return a dictionary as the value of a field."""
    return ", ".join(f"{name}={member}" for name, member in members.items())


def _bare(value: Bare) -> str:
    match value:
        case bool():
            return f"?{value:d}"
        case int():
            return str(value)
        case bytes():
            return f":{base64.b64encode(value).decode()}:"
        case Token():
            return str.__str__(value)
        case _:
            escaped = value.replace("\\", "\\\\").replace('"', '\\"')
            return f'"{escaped}"'


class _Reader:
    """Reads one field from left to right."""

    def __init__(self, text: str, where: str) -> None:
        self._text, self._where, self._at = text.strip(" \t"), where, 0
        if len(text) > _LONGEST:
            raise self.refusal("it is too long", "过长")

    def refusal(self, en: str, zh: str) -> HttpSignatureRefused:
        return refused(self._where, en, zh)

    def dictionary(self, member: Callable[[_Reader], _T]) -> dict[str, _T]:
        found: dict[str, _T] = {}
        while self._at < len(self._text):
            name = self._name()
            if not self._take("="):
                raise self.refusal(f"{name} has no value", f"{name} 没有值")
            if name in found or len(found) >= _MOST:
                raise self.refusal(
                    f"{name} is there twice, or there are too many", f"{name} 重复,或成员过多"
                )
            found[name] = member(self)
            self._skip()
            if self._at < len(self._text):
                if not self._take(","):
                    raise self.refusal("a comma is expected", "缺少逗号")
                self._skip()
                if self._at == len(self._text):
                    raise self.refusal("it ends with a comma", "以逗号结尾")
        return found

    def inner_list(self) -> InnerList:
        if not self._take("("):
            raise self.refusal("a list is expected", "应为列表")
        items: list[Item] = []
        while not self._take(")"):
            while self._take(" "):
                pass
            if self._take(")"):
                break
            item = self.item()
            if not isinstance(item.value, str) or isinstance(item.value, Token):
                raise self.refusal("the list is not one of strings", "列表成员不是字符串")
            items.append(item)
            if len(items) > _MOST or not self._text.startswith((" ", ")"), self._at):
                raise self.refusal("the list does not end", "列表没有结尾")
        return InnerList(tuple(items), self._parameters())

    def item(self) -> Item:
        return Item(self._value(), self._parameters())

    def _parameters(self) -> Parameters:
        found: dict[str, Bare] = {}
        while self._take(";"):
            while self._take(" "):
                pass
            name = self._name()
            found.pop(name, None)  # the last counts, in its place (RFC 9651, 4.2.3.2)
            found[name] = self._value() if self._take("=") else True
            if len(found) > _MOST:
                raise self.refusal("there are too many parameters", "参数过多")
        return found

    def _value(self) -> Bare:
        if (text := self._match(_STRING)) is not None:
            return re.sub(r"\\(.)", r"\1", text[1:-1])
        if (text := self._match(_BYTES)) is not None:
            try:
                return base64.b64decode(text[1:-1], validate=True)
            except binascii.Error as error:
                raise self.refusal("a byte sequence is no base64", "字节序列不是 base64") from error
        if (text := self._match(_BOOLEAN)) is not None:
            return text == "?1"
        if (text := self._match(_INTEGER)) is not None:
            return int(text)
        if (text := self._match(_TOKEN)) is not None:
            return Token(text)
        raise self.refusal("a value cannot be read", "无法读取其值")

    def _name(self) -> str:
        found = self._match(_KEY)
        if found is None:
            raise self.refusal("a name cannot be read", "无法读取其名称")
        return found

    def _match(self, pattern: re.Pattern[str]) -> str | None:
        found = pattern.match(self._text, self._at)
        if found is None:
            return None
        self._at = found.end()
        return found[0]

    def _take(self, expected: str) -> bool:
        if not self._text.startswith(expected, self._at):
            return False
        self._at += len(expected)
        return True

    def _skip(self) -> None:
        self._match(_SPACE)
