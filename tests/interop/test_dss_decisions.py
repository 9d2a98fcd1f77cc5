"""Decisions on bent diagnostic data: EU DSS and we agree, also where no one wrote a test.

Each document of ../shared is bent at one to three places by chance: times, trust, revocation,
algorithms, digests, chains. What EU DSS decides about it is the expected answer.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from lxml import etree

from certs import decision
from certs.decision.diagnostic import NAMESPACE
from schemas.xml import Element, parse
from tests.interop.judge import ask

pytestmark = pytest.mark.interop

_NS: Final = f"{{{NAMESPACE}}}"
_DAYS: Final = (-1500, -400, -100, -10, -1, 1, 10, 100, 400, 1500)
_TOKENS: Final = ("Timestamp", "Signature", "Revocation", "Certificate")
_COUNT: Final = 400
_RANK: Final = {"TOTAL_FAILED": 0, "INDETERMINATE": 1, "TOTAL_PASSED": 2}
Bend = Callable[[Element, random.Random], None]


def _pick(root: Element, path: str, chance: random.Random) -> Element | None:
    found = root.findall(".//" + "/".join(_NS + step for step in path.split("/")))
    return chance.choice(found) if found else None


def _shift(*paths: str) -> Bend:
    def bend(root: Element, chance: random.Random) -> None:
        node = _pick(root, chance.choice(paths), chance)
        if node is not None and node.text:
            moment = datetime.fromisoformat(node.text.strip()) + timedelta(chance.choice(_DAYS))
            node.text = moment.strftime("%Y-%m-%dT%H:%M:%SZ")

    return bend


def _set(*choices: tuple[str, str]) -> Bend:
    def bend(root: Element, chance: random.Random) -> None:
        path, text = chance.choice(choices)
        node = _pick(root, path, chance)
        if node is not None:
            node.text = text

    return bend


def _drop(*paths: str) -> Bend:
    def bend(root: Element, chance: random.Random) -> None:
        node = _pick(root, chance.choice(paths), chance)
        parent = node.getparent() if node is not None else None
        if node is not None and parent is not None:
            parent.remove(node)

    return bend


def _revoke(root: Element, chance: random.Random) -> None:
    answer = _pick(root, "CertificateRevocation", chance)
    now = root.findtext(_NS + "ValidationDate", "")
    if answer is None or not now:
        return
    for each in list(answer):
        answer.remove(each)
    when = datetime.fromisoformat(now.strip()) + timedelta(chance.choice(_DAYS))
    for name, text in (
        ("Status", "REVOKED"),
        ("Reason", chance.choice(("keyCompromise", "certificateHold", "unspecified"))),
        ("RevocationDate", when.strftime("%Y-%m-%dT%H:%M:%SZ")),
    ):
        etree.SubElement(answer, _NS + name).text = text


def _forge(root: Element, chance: random.Random) -> None:
    node = _pick(root, f"{chance.choice(_TOKENS)}/BasicSignature", chance)
    for name in ("SignatureIntact", "SignatureValid"):
        found = None if node is None else node.find(_NS + name)
        if found is not None:
            found.text = "false"


BENDS: Final[tuple[Bend, ...]] = (
    _shift("ValidationDate"),
    _shift("Certificate/NotBefore", "Certificate/NotAfter"),
    _shift("Revocation/ThisUpdate", "Revocation/NextUpdate", "Revocation/ProductionDate"),
    _shift("Timestamp/ProductionTime", "Signature/ClaimedSigningTime"),
    _set(("Trusted", "true"), ("Trusted", "false")),
    _set(("CertificateRevocation/Status", "UNKNOWN"), ("CertificateRevocation/Status", "GOOD")),
    _set(("DigestMatcher/DataIntact", "false")),
    _set(
        *(
            (f"{token}/BasicSignature/DigestAlgoUsedToSignThisToken", digest)
            for token in _TOKENS
            for digest in ("SHA1", "MD5", "SHA512")
        )
    ),
    _set(
        *(
            (f"{token}/BasicSignature/KeyLengthUsedToSignThisToken", size)
            for token in _TOKENS
            for size in ("1024", "1536", "3072")
        )
    ),
    _drop("CertificateRevocation"),
    _drop("TimestampedObjects/TimestampedObject"),
    _drop("Signature/SigningCertificate", "Timestamp/SigningCertificate"),
    _revoke,
    _forge,
)


def test_bent_documents_are_decided_as_the_reference_does(shared: Path, tmp_path: Path) -> None:
    """Of 400 bent documents at least 94 % get the same indication and sub-indication.

    At most 1 % get a better indication than the reference gives.
    """
    folder = shared / "data" / "esign" / "dss-decisions"
    policy = folder / "default-policy.xml"
    documents = sorted(each for each in folder.rglob("*.xml") if each != policy)
    chance = random.Random(3191021)
    asked: list[list[str]] = []
    for number in range(_COUNT):
        root = parse(chance.choice(documents).read_bytes())
        for _ in range(chance.choice((1, 1, 2, 3))):
            chance.choice(BENDS)(root, chance)
        place = tmp_path / f"{number}.xml"
        place.write_bytes(etree.tostring(root))
        asked.append(["decide", str(place), str(policy)])
    counted = Counter(
        outcome
        for question, answers in zip(asked, ask(asked), strict=True)
        for outcome in _outcomes(Path(question[1]), answers)
    )
    judged = counted.total() - counted["unasked"]
    assert judged > _COUNT // 2
    assert counted["same"] >= 0.94 * judged, counted
    assert counted["laxer"] <= 0.01 * judged, counted


def _outcomes(place: Path, answers: list[tuple[str, str, str]]) -> list[str]:
    """Compare the decisions on a document; one that is no document any more counts not."""
    if answers[0][0] not in _RANK:
        return ["unasked"]
    found = decision.decide(place.read_bytes()).signatures
    return [
        _outcome(ours.indication.name, ours.subindication or "", theirs)
        for ours, theirs in zip(found, answers, strict=True)
    ]


def _outcome(indication: str, sub: str, theirs: tuple[str, str, str]) -> str:
    if (indication, str(sub)) == theirs[:2]:
        return "same"
    if indication == theirs[0]:
        return "other reason"
    return "laxer" if _RANK[indication] > _RANK[theirs[0]] else "stricter"
