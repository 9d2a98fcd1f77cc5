"""The unsigned components of JAdES (etsiU; TS 119 182-1, 5.3): read, and written for the long term.

As base64url text a component is time-stamped as it stands. As clear JSON it has no canonical form
that the standard names; the usual ones are tried, and a time-stamp that fits none proves nothing.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from certs import jose, timestamp
from certs.jose.serialization import Json
from certs.jws.jades import constraint
from certs.timestamp import Imprint
from certs.validation.judge import Stamp, identifier
from certs.validation.material import Material
from certs.verdict import BlockIndication, Refused, TimestampReport
from schemas.jcs import canonical_json
from schemas.text import Text

_MOST_COMPONENTS: Final = 64
_MOST_STAMPS: Final = 32
_VALUES: Final = frozenset({"xVals", "axVals", "rVals", "arVals", "anyValData", "tstVD"})
_REFERENCES: Final = frozenset({"xRefs", "axRefs", "rRefs", "arRefs"})
_STAMPS: Final = frozenset({"sigTst", "arcTst", "sigRTst", "rfsTst"})
_KNOWN: Final = _VALUES | _REFERENCES | _STAMPS | {"cSig", "sigPSt"}


@dataclass(slots=True)
class Unsigned:
    """What etsiU holds: time-stamps in order, validation data, counter-signatures, names."""

    stamps: list[Stamp] = field(default_factory=list)
    reports: list[TimestampReport] = field(default_factory=list)
    material: Material = field(default_factory=Material)
    countersignatures: list[object] = field(default_factory=list)
    names: set[str] = field(default_factory=set)

    @property
    def level(self) -> str:
        """The baseline level that the components make up."""
        if "sigTst" not in self.names:
            return "JAdES-BASELINE-B"
        if "arcTst" in self.names:
            return "JAdES-BASELINE-LTA"
        complete = self.names & {"xVals", "rVals", "tstVD"}
        return "JAdES-BASELINE-LT" if complete else "JAdES-BASELINE-T"


@dataclass(frozen=True, slots=True)
class Signed:
    """The three parts of a JWS; the payload as it was signed."""

    protected: str
    payload: bytes
    value: str

    def archived(self, components: str) -> bytes:
        """Return what an archive time-stamp over these components is over (5.3.6.2)."""
        rest = f".{self.protected}.{self.value}.{components}"
        return self.payload + rest.encode()


@dataclass(frozen=True, slots=True)
class _Component:
    name: str
    content: object
    text: str | None


def read(unprotected: Json, signed: Signed) -> Unsigned:
    """Return what etsiU holds; anything unknown is refused (SIG_CONSTRAINTS_FAILURE)."""
    found = Unsigned()
    before: list[_Component] = []
    covered: frozenset[str] = frozenset()
    for each in _components(unprotected):
        found.names.add(each.name)
        if each.name in _VALUES:
            material = _material(each.name, each.content)
            found.material += material
            covered |= material.tokens
        elif each.name == "cSig":
            found.countersignatures.append(each.content)
        elif each.name in _STAMPS:
            covered |= _stamps(each, before, covered, signed, found)
        before.append(each)
    return found


def _components(unprotected: Json) -> Iterator[_Component]:
    if not unprotected:
        return
    listed = unprotected.get("etsiU")
    if set(unprotected) != {"etsiU"} or not isinstance(listed, list):
        raise constraint("Unprotected headers are not understood.", "无法识别未受保护的头部。")
    if len(listed) > _MOST_COMPONENTS:
        raise constraint("“etsiU” is too long.", "“etsiU” 过长。")
    for each in listed:
        opened = jose.parse(jose.decode(each)) if isinstance(each, str) else each
        if not isinstance(opened, dict) or len(opened) != 1 or not set(opened) <= _KNOWN:
            raise constraint("“etsiU” is not understood.", "无法识别 “etsiU”。")
        ((name, content),) = opened.items()
        yield _Component(name, content, each if isinstance(each, str) else None)


def _stamps(
    each: _Component,
    before: list[_Component],
    covered: frozenset[str],
    signed: Signed,
    found: Unsigned,
) -> frozenset[str]:
    """Note the time-stamps of one component, and return their identifiers."""
    tokens = _tokens(each.content)
    if len(found.stamps) + len(found.reports) + len(tokens) > _MOST_STAMPS:
        raise constraint("There are too many time-stamps.", "时间戳数量过多。")
    readings = list(dict.fromkeys(_readings(each, before, signed)))
    kind = {"sigTst": "signature", "arcTst": "archive"}.get(each.name, "references")
    covers = covered if each.name == "arcTst" else frozenset()
    for token in tokens:
        fitting = [one for one in readings if _fits(token, one)]
        if fitting or len(readings) == 1:
            found.stamps.append(Stamp(kind, token, _over((fitting or readings)[0]), covers))
        else:
            found.reports.append(_unjudged(kind))
    return frozenset(identifier(token) for token in tokens)


def _over(octets: bytes) -> Imprint:
    return lambda digest: digest.of(octets)


def _fits(token: bytes, octets: bytes) -> bool:
    try:
        info = timestamp.read(token).info
    except Refused:
        return False
    return info.digest.of(octets) == info.imprint


def _readings(each: _Component, before: Iterable[_Component], signed: Signed) -> Iterator[bytes]:
    """Yield what a time-stamp may be over, by each form of clear JSON; nothing when undefined."""
    if each.name == "sigTst":
        yield signed.value.encode()
        return
    wanted = _REFERENCES | ({"sigTst"} if each.name == "sigRTst" else set())
    parts = [one for one in before if each.name == "arcTst" or one.name in wanted]
    if isinstance(each.content, dict) and each.content.get("timeStamped", "all") != "all":
        return
    for form in (_canonical, _as_ordered):
        joined = "".join(one.text or form({one.name: one.content}) for one in parts)
        if each.name == "arcTst":
            yield signed.archived(joined)
        else:
            yield (f"{signed.value}.{joined}" if each.name == "sigRTst" else joined).encode()


def _canonical(component: dict[str, object]) -> str:
    """Return JSON in the order of its names (RFC 8785)."""
    return canonical_json(component).decode()


def _as_ordered(component: dict[str, object]) -> str:
    """Return JSON without white space, its names in the order in which they stood."""
    return json.dumps(component, separators=(",", ":"), ensure_ascii=False)


def _unjudged(kind: str) -> TimestampReport:
    return TimestampReport(
        type=kind,
        indication=BlockIndication.INDETERMINATE,
        reason=Text(
            "A time-stamp over clear JSON or a part of it is over no usual form of what is here.",
            "覆盖明文 JSON 或其部分内容的时间戳与现有内容的常用形式均不相符。",
        ),
    )


def _material(name: str, content: object) -> Material:
    if name in {"tstVD", "anyValData"}:
        members = content if isinstance(content, dict) else {}
        inner = (_material(each, value) for each, value in members.items() if each in _VALUES)
        return sum(inner, Material())
    if name in {"xVals", "axVals"}:
        listed = content if isinstance(content, list) else []
        return Material.read(_octets(one.get("x509Cert") for one in listed if _is_map(one)))
    members = content if isinstance(content, dict) else {}
    return Material.read((), _group(members, "crlVals"), _group(members, "ocspVals"))


def _is_map(value: object) -> bool:
    return isinstance(value, dict)


def _group(members: Json, name: str) -> Iterator[bytes]:
    listed = members.get(name)
    return _octets(listed if isinstance(listed, list) else [])


def _octets(listed: Iterable[object]) -> Iterator[bytes]:
    """Yield the values of pkiOb objects; what is none gives an empty value."""
    for each in listed:
        try:
            yield jose.decode_plain(each["val"]) if isinstance(each, dict) else b""
        except (KeyError, Refused):
            yield b""


def content_stamps(header: Json, octets: bytes) -> Iterator[Stamp]:
    """Yield the time-stamps on what was to be signed, in the header adoTst (5.2.6)."""
    if "adoTst" in header:
        for token in _tokens(header["adoTst"]):
            yield Stamp("content", token, _over(octets))


def _tokens(content: object) -> list[bytes]:
    listed = content.get("tstTokens") if isinstance(content, dict) else None
    if not isinstance(listed, list) or not listed:
        raise constraint("A time-stamp is malformed.", "时间戳格式错误。")
    return [_token(each) for each in listed]


def _token(member: object) -> bytes:
    if not isinstance(member, dict) or "val" not in member:
        raise constraint("A time-stamp is malformed.", "时间戳格式错误。")
    return jose.decode_plain(member["val"])


def time_stamp(token: bytes, name: str = "sigTst") -> str:
    """Return the component of etsiU that carries a time-stamp."""
    return _component({name: {"tstTokens": [_value(token)]}})


def validation_data(found: Material) -> list[str]:
    """Return the components xVals and rVals, each when there is something to put in."""
    components = [{name: value} for name, value in _members(found).items()]
    return [_component(each) for each in components]


def stamp_validation_data(found: Material) -> str:
    """Return the component tstVD, for what time-stamps need later."""
    return _component({"tstVD": _members(found)})


def _members(found: Material) -> dict[str, object]:
    members: dict[str, object] = {}
    if found.certificates:
        members["xVals"] = [{"x509Cert": _value(each.der)} for each in found.certificates]
    revocation: dict[str, object] = {}
    if found.lists:
        revocation["crlVals"] = [_value(each.encoded) for each in found.lists]
    if found.answers:
        revocation["ocspVals"] = [_value(each.encoded) for each in found.answers]
    if revocation:
        members["rVals"] = revocation
    return members


def _value(octets: bytes) -> dict[str, str]:
    return {"val": base64.b64encode(octets).decode()}


def _component(value: object) -> str:
    return jose.encode(canonical_json(value))
