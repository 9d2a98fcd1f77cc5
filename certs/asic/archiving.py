"""Archive time-stamps of a container (EN 319 162-1, A.7): a manifest of all files, and a token.

The newest is ASiCArchiveManifest.xml; when it is renewed it gets a number and is listed by the
next one, as the end of the chain. Each manifest names digests of its own, so that a container
outlives a hash function as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from certs import cades
from certs.asic import manifest
from certs.asic.files import META
from certs.asic.manifest import Manifest
from certs.authority.tsa import TimeStamper
from certs.cades import edit
from certs.cades.verify import Archived
from certs.digests import SHA256, Digest
from certs.errors import NotExtendable
from certs.timestamp import Imprint
from certs.validation.judge import Stamp, identifier, inside
from certs.validation.sources import Gatherer
from certs.verdict import Refused

_MANIFEST: Final = f"{META}ASiCArchiveManifest"
_NEWEST: Final = f"{_MANIFEST}.xml"
_SUFFIX: Final = ".tst"
_MOST: Final = 64


@dataclass(frozen=True, slots=True)
class _Layer:
    """One archive manifest with its token."""

    listed: Manifest
    archived: Archived


@dataclass(frozen=True, slots=True)
class Layers:
    """The archive time-stamps of a container."""

    layers: tuple[_Layer, ...]

    def over(self, name: str) -> tuple[Archived, ...]:
        """Return those that cover a file."""
        return tuple(
            each.archived
            for each in self.layers
            if any(one.name == name for one in each.listed.files)
        )


def read(files: Mapping[str, bytes]) -> Layers:
    """Return the archive time-stamps; one whose manifest does not fit the files fails its imprint.

    Raises Refused for a manifest that is malformed or has no token.
    """
    found = []
    for name in _manifests(files):
        listed = manifest.read(files[name])
        token = files.get(listed.signature)
        if token is None:
            raise manifest.malformed()
        found.append(_Layer(listed, _archived(files, name, listed, token)))
    return Layers(tuple(found))


def _manifests(files: Mapping[str, bytes]) -> list[str]:
    found = [name for name in files if name.startswith(_MANIFEST) and name.endswith(".xml")]
    if len(found) > _MOST:
        raise manifest.malformed()
    return found


def _archived(files: Mapping[str, bytes], name: str, listed: Manifest, token: bytes) -> Archived:
    covers: set[str] = set()
    for each in listed.files:
        if each.name.endswith(_SUFFIX) and each.name in files:
            covers |= {identifier(files[each.name]), *inside(files[each.name]).tokens}
    stamp = Stamp("archive", token, _imprint(files, name, listed), frozenset(covers))
    return Archived(stamp, inside(token))


def _imprint(files: Mapping[str, bytes], name: str, listed: Manifest) -> Imprint:
    octets = files[name]

    def imprint(digest: Digest) -> bytes:
        failure = listed.failure(files)
        if failure is not None:
            raise failure
        return digest.of(octets)

    return imprint


def accounts_for(rest: Mapping[str, bytes]) -> bool:
    """Tell whether these files are archive manifests and their tokens, and nothing else."""
    manifests = _manifests(rest)
    tokens = {manifest.read(rest[name]).signature for name in manifests}
    return set(rest) == {*manifests, *tokens}


def add(
    files: Mapping[str, bytes], stamper: TimeStamper, digest: Digest = SHA256
) -> dict[str, bytes]:
    """Return the files with an archive manifest over all of them, and a time-stamp over that."""
    arranged = dict(files)
    former = ""
    count = len(_manifests(files))
    if _NEWEST in arranged:
        former = f"{_MANIFEST}{count:03d}.xml"
        arranged = {(former if name == _NEWEST else name): arranged[name] for name in arranged}
    token = f"{META}timestamp{count + 1:03d}{_SUFFIX}"
    named = {name: data for name, data in arranged.items() if name != "mimetype"}
    written = manifest.write(
        token, named, media_type=manifest.TIME_STAMP, digest=digest, root=former
    )
    return {**arranged, _NEWEST: written, token: stamper.stamp(digest.of(written))}


def is_archived(files: Mapping[str, bytes]) -> bool:
    """Tell whether an archive time-stamp covers the container."""
    return _NEWEST in files


def signed(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the manifests that are signed, by the name of the signature over each.

    Raises NotExtendable when a file is not as it is listed.
    """
    found: dict[str, bytes] = {}
    try:
        for name in files:
            if name.startswith(f"{META}ASiCManifest") and name.endswith(".xml"):
                listed = manifest.read(files[name])
                _check(listed.failure(files))
                if not listed.signature.endswith(_SUFFIX):
                    found[listed.signature] = files[name]
    except Refused as refused:
        raise NotExtendable(reason=refused.reason.en) from refused
    return found


def renew(
    files: Mapping[str, bytes], stamper: TimeStamper, gatherer: Gatherer, digest: Digest
) -> dict[str, bytes]:
    """Return the files archived anew; what the signatures or the last token need is put in."""
    completed = dict(files)
    try:
        if _NEWEST in files:
            newest = manifest.read(files[_NEWEST])
            _check(newest.failure(files))
            completed[newest.signature] = _completed(files[newest.signature], gatherer)
        else:
            for name in signed(files):
                completed[name] = cades.extend(files[name], gatherer)
    except Refused as refused:
        raise NotExtendable(reason=refused.reason.en) from refused
    except KeyError as error:
        raise NotExtendable(reason=f"{error.args[0]!r} is missing") from error
    return add(completed, stamper, digest)


def _check(failure: Refused | None) -> None:
    if failure is not None:
        raise failure


def _completed(token: bytes, gatherer: Gatherer) -> bytes:
    """Return a token with what verifying it takes later, in its unsigned places."""
    return edit.open_data(token).with_material(gatherer.gather_newest([token])).encode()
