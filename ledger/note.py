"""Signed notes: a text and the signatures under it (C2SP signed-note).

    TEXT, ends with a newline
    (blank line)
    — NAME BASE64(key id || signature)        one line for each signature

The text ends at the last blank line. Signatures by unknown keys are ignored; a signature by a
known key that does not hold rejects the note.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from ledger.errors import NoteRefused
from ledger.vkey import VerifierKey, decode_base64, is_name

_MAX_BYTES: Final = 1_000_000
_MAX_SIGNATURES: Final = 100
_ID_BYTES: Final = 4
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
_LINE: Final = re.compile("\u2014 (?P<name>[^ ]+) (?P<blob>[A-Za-z0-9+/=]+)")


class NoteSigner(Protocol):
    """Signs the text of notes under one name."""

    @property
    def key(self) -> VerifierKey:
        """The key that verifies what is signed here."""
        ...

    def sign(self, text: bytes) -> bytes:
        """Return the signature over `text`, as it stands behind the key id."""
        ...


class NoteVerifier(Protocol):
    """Checks signatures of one key."""

    @property
    def key(self) -> VerifierKey:
        """The key this verifier knows."""
        ...

    def verify(self, text: bytes, signature: bytes) -> bool:
        """Tell whether `signature` (without key id) is this key's over `text`."""
        ...


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: name, key id (4 bytes), and what follows the id."""

    name: str
    key_id: bytes
    value: bytes

    def __str__(self) -> str:
        """Return the line, with its newline."""
        return f"\u2014 {self.name} {b64encode(self.key_id + self.value).decode()}\n"

    def by(self, key: VerifierKey) -> bool:
        """Tell whether the line claims to be this key's."""
        return self.name == key.name and self.key_id == key.id


@dataclass(frozen=True, slots=True)
class Note:
    """A text and its signatures; nothing is verified yet."""

    text: bytes
    signatures: tuple[Signature, ...] = ()

    @classmethod
    def parse(cls, data: bytes) -> Note:
        """Read a note strictly; raises NoteRefused."""
        whole = _decode(data)
        head, blank, tail = whole.rpartition("\n\n")
        if not blank or not head or not tail.endswith("\n"):
            raise NoteRefused(reason="text, blank line and signature lines are expected")
        lines = tail.split("\n")[:-1]
        if not 1 <= len(lines) <= _MAX_SIGNATURES:
            raise NoteRefused(reason=f"1 to {_MAX_SIGNATURES} signatures are expected")
        return cls(f"{head}\n".encode(), tuple(_signature(line) for line in lines))

    def __bytes__(self) -> bytes:
        """Return the note as it is stored and sent."""
        return self.text + b"\n" + "".join(str(line) for line in self.signatures).encode()

    def signed(self, *signers: NoteSigner) -> Note:
        """Return the note with one more signature of each signer."""
        lines = (Signature(s.key.name, s.key.id, s.sign(self.text)) for s in signers)
        return self.joined(lines)

    def joined(self, lines: Iterable[Signature]) -> Note:
        """Return the note with signature lines of others; a line that is there stays once."""
        return replace(self, signatures=tuple(dict.fromkeys((*self.signatures, *lines))))

    def verified(self, verifiers: Sequence[NoteVerifier]) -> list[VerifierKey]:
        """Return the known keys that signed, in the order of `verifiers`.

        Raises NoteRefused if a signature by a known key does not hold, or if there is none.
        """
        found = []
        for verifier in verifiers:
            theirs = [line.value for line in self.signatures if line.by(verifier.key)]
            if not all(verifier.verify(self.text, value) for value in theirs):
                raise NoteRefused(reason=f"the signature of {verifier.key.name} does not hold")
            if theirs:
                found.append(verifier.key)
        if not found:
            raise NoteRefused(reason="no known key signed it")
        return found


def parse_signature_lines(data: bytes) -> tuple[Signature, ...]:
    """Read signature lines alone, as a witness answers them; raises NoteRefused."""
    whole = _decode(data)
    if not whole.endswith("\n"):
        raise NoteRefused(reason="signature lines are expected")
    return tuple(_signature(line) for line in whole.split("\n")[:-1])


def _decode(data: bytes) -> str:
    if len(data) > _MAX_BYTES:
        raise NoteRefused(reason=f"it has more than {_MAX_BYTES} bytes")
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError:
        raise NoteRefused(reason="it is not UTF-8") from None
    if _CONTROL.search(whole):
        raise NoteRefused(reason="it contains control characters")
    return whole


def _signature(line: str) -> Signature:
    found = _LINE.fullmatch(line)
    blob = decode_base64(found["blob"]) if found else None
    if found is None or blob is None or len(blob) <= _ID_BYTES or not is_name(found["name"]):
        raise NoteRefused(reason="a signature line is malformed")
    return Signature(found["name"], blob[:_ID_BYTES], blob[_ID_BYTES:])
