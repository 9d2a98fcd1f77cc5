"""Ways to falsify a proof file with the line layout of `tlog-proof`, each a class of its own."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Final

_NODE: Final = 2
"""Line number of the first node, after header and index."""


def _line(number: int, change: Callable[[bytes], bytes | None]) -> Callable[[bytes], bytes]:
    def mutate(proof: bytes) -> bytes:
        lines = proof.split(b"\n")
        changed = change(lines[number])
        lines[number : number + 1] = [] if changed is None else changed.split(b"\n")
        return b"\n".join(lines)

    return mutate


def _flip(line: bytes) -> bytes:
    data = bytearray(b64decode(line))
    data[0] ^= 1
    return b64encode(bytes(data))


def _sub(pattern: str, replacement: str) -> Callable[[bytes], bytes]:
    return lambda proof: re.sub(pattern.encode(), replacement.encode(), proof, count=1)


def _signature(mark: str, change: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """Change the decoded blob of the signature line that starts with `mark`."""

    def mutate(proof: bytes) -> bytes:
        found = re.search(rb"\n\xe2\x80\x94 " + mark.encode() + rb"[^ ]* ([^\n]+)", proof)
        assert found is not None
        blob = b64encode(change(b64decode(found[1])))
        return proof[: found.start(1)] + blob + proof[found.end(1) :]

    return mutate


def _swap_nodes(proof: bytes) -> bytes:
    lines = proof.split(b"\n")
    lines[_NODE], lines[_NODE + 1] = lines[_NODE + 1], lines[_NODE]
    return b"\n".join(lines)


MUTATIONS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "header": _sub("proof@v1", "proof@v2"),
    "index one more": _sub("index 77", "index 78"),
    "index beyond the tree": _sub("index 77", "index 300"),
    "index with leading zero": _sub("index 77", "index 077"),
    "negative index": _sub("index 77", "index -1"),
    "index plus 2^64": _sub("index 77", "index 18446744073709551693"),
    "no index": _sub("index 77\n", ""),
    "node flipped": _line(_NODE + 3, _flip),
    "node left out": _line(_NODE, lambda _: None),
    "node doubled": _line(_NODE, lambda line: line + b"\n" + line),
    "nodes swapped": _swap_nodes,
    "node cut": _line(_NODE, lambda line: b64encode(b64decode(line)[:31])),
    "node without padding": _line(_NODE, lambda line: line.rstrip(b"=")),
    "64 nodes": _line(_NODE, lambda line: b"\n".join([line] * 64)),
    "origin": _sub("\nlog.example/one\n", "\nlog.example/two\n"),
    "size larger": _sub("\n300\n", "\n301\n"),
    "size smaller": _sub("\n300\n", "\n299\n"),
    "size with leading zero": _sub("\n300\n", "\n0300\n"),
    "root": _sub("\n300\n.", "\n300\n+"),
    "line added to the checkpoint": _sub("\n300\n", "\n300\nmore\n"),
    "log signature flipped": _signature("log", lambda blob: blob[:-1] + bytes([blob[-1] ^ 1])),
    "log signature cut": _signature("log", lambda blob: blob[:-1]),
    "log signature left out": _sub("\u2014 log[^\n]+\n", ""),
    "log signature under another name": _sub("\u2014 log.example/one", "\u2014 log.example/six"),
    "cosignature flipped": _signature("wit", lambda blob: blob[:-1] + bytes([blob[-1] ^ 1])),
    "cosignature of another time": _signature(
        "wit", lambda blob: blob[:11] + bytes([blob[11] ^ 1]) + blob[12:]
    ),
    "cosignature left out": _sub("\u2014 wit[^\n]+\n", ""),
    "no final newline": lambda proof: proof[:-1],
    "no checkpoint": lambda proof: proof[: proof.index(b"\n\n") + 1],
    "empty": lambda _: b"",
    "carriage returns": lambda proof: proof.replace(b"\n", b"\r\n"),
}
