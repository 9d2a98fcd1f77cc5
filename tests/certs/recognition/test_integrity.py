"""Mandates with a Data Integrity proof: by an issuer that the operator has listed, and whole."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from pyld import jsonld

from certs.errors import BadTrustList
from certs.keys import SigningKey
from certs.recognition import Domains
from certs.recognition import mandate as mandates
from certs.recognition.levels import Level
from certs.records import contexts, ecdsa_sd, multikey
from schemas.clock import iso
from tests.certs.pki import NOW, World
from tests.certs.recognition.world import (
    DAY,
    Folder,
    authority,
    body,
    granted,
    person,
    service,
)

IDENTIFIER = "NTRSG-201912345K"
KEY = ec.derive_private_key(11, ec.SECP256R1())
STRANGER = ec.derive_private_key(13, ec.SECP256R1())
NAME = multikey.encode(multikey.of_p256(KEY.public_key()))
BY_KEY, BY_WEB = f"did:key:{NAME}", "did:web:port.example"
METHODS = {BY_KEY: f"{BY_KEY}#{NAME}", BY_WEB: f"{BY_WEB}#keys-1"}

Json = dict[str, Any]
Sign = Callable[[Json, Json], Json]


def document(agent: SigningKey, issuer: str = BY_KEY, **changes: object) -> Json:
    """Return a mandate as a credential without proof."""
    said = {
        "@context": [contexts.CREDENTIALS, contexts.DATA_INTEGRITY, contexts.UNDEFINED],
        "type": ["VerifiableCredential", "MandateCredential"],
        "issuer": issuer,
        "validFrom": iso(NOW - 10 * DAY),
        "validUntil": iso(NOW + 10 * DAY),
        "credentialSubject": {
            "principal": {"name": "Port", "identifier": IDENTIFIER},
            "agent": {"certificate": agent.certificate.sha256.hex()},
            "scope": ["declaration"],
        },
        **changes,
    }
    return {name: value for name, value in said.items() if value is not None}


def proof(suite: str, issuer: str = BY_KEY, **changes: str) -> Json:
    """Return the options of a proof."""
    return {
        "type": "DataIntegrityProof",
        "created": iso(NOW - 10 * DAY),
        "verificationMethod": METHODS[issuer],
        "cryptosuite": suite,
        "proofPurpose": "assertionMethod",
        **changes,
    }


def by_rdfc(said: Json, options: Json, key: ec.EllipticCurvePrivateKey = KEY) -> Json:
    """Return it with a proof ecdsa-rdfc-2019, made with another canonicaliser than ours."""
    form = {
        "algorithm": "URDNA2015",
        "format": "application/n-quads",
        "documentLoader": contexts.load,
    }
    parts = ({"@context": said["@context"], **options}, said)
    hashed = b"".join(
        hashlib.sha256(jsonld.normalize(each, form).encode()).digest() for each in parts
    )
    r, s = decode_dss_signature(key.sign(hashed, ec.ECDSA(hashes.SHA256())))
    value = "z" + multikey.base58_encode(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
    return {**said, "proof": {**options, "proofValue": value}}


def by_sd(said: Json, options: Json) -> Json:
    """Return it with a base proof ecdsa-sd-2023."""
    return ecdsa_sd.sign(said, options, KEY, ("/issuer",))


SUITES: dict[str, Sign] = {"ecdsa-rdfc-2019": by_rdfc, "ecdsa-sd-2023": by_sd}


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Return a trust folder that lists two names of the port: a key, and a recorded did:web."""
    made = Folder(tmp_path)
    domains = tmp_path / "domains"
    (domains / "issuers.toml").write_text(
        f'["{BY_KEY}"]\nidentifier = "{IDENTIFIER}"\n'
        f'["{BY_WEB}"]\nidentifier = "{IDENTIFIER}"\ndocument = "port.did.json"\n'
    )
    found = multikey.did_document(BY_WEB, "keys-1", NAME)
    (domains / "port.did.json").write_text(json.dumps(found))
    return made


@pytest.mark.parametrize("issuer", [BY_KEY, BY_WEB])
@pytest.mark.parametrize("suite", SUITES)
def test_a_listed_issuer_mandates(folder: Folder, world: World, suite: str, issuer: str) -> None:
    """Under both suites, by a did:key and by a recorded did:web; what is unsure of it does not."""
    root = authority("CA", "SG")
    folder.put(body("SG", [service(root.root.certificate, granted("secure"))]))
    agent = person(root)
    sign = SUITES[suite]

    def standing(given: Json) -> tuple[str, bool, Level]:
        encoded = json.dumps(given).encode()
        assert mandates.is_mandate(encoded)
        found = folder.worth(agent, world.stamper, mandates=[encoded])
        assert found.acts_for is not None
        return found.acts_for.principal, found.acts_for.ok, found.accorded

    good = sign(document(agent, issuer), proof(suite, issuer))
    assert standing(good) == ("Port", True, Level.HIGH)
    subject = good["credentialSubject"]
    changed = {**good, "credentialSubject": {**subject, "scope": ["declaration", "invoice"]}}
    another = document(agent, issuer, credentialSubject={**subject, "scope": ["invoice"]})
    status = {"type": "BitstringStatusListEntry", "statusPurpose": "revocation"}
    ended = proof(suite, issuer, expires=iso(NOW - DAY))
    for wrong in (
        changed,
        sign(another, proof(suite, issuer)),
        sign(document(agent, issuer, validUntil=iso(NOW - DAY)), proof(suite, issuer)),
        sign(document(agent, issuer, credentialStatus=status), proof(suite, issuer)),
        sign(document(agent, issuer), ended),
        {**good, "proof": {**good["proof"], "proofValue": "z1"}},
        {**good, "issuer": "did:web:else.example"},
    ):
        assert standing(wrong)[1:] == (False, Level.NONE), wrong


def test_who_is_not_listed_mandates_nobody(folder: Folder, world: World) -> None:
    """A good proof of a DID that the operator does not know, and one listed as somebody else."""
    root = authority("CA", "SG")
    folder.put(body("SG", [service(root.root.certificate, granted("secure"))]))
    agent = person(root)
    name = multikey.encode(multikey.of_p256(STRANGER.public_key()))
    did = f"did:key:{name}"
    options = {**proof("ecdsa-rdfc-2019"), "verificationMethod": f"{did}#{name}"}
    stranger = by_rdfc(document(agent, did), options, STRANGER)
    for listed in ("", f'["{did}"]\nidentifier = "NTRSG-999999999Z"\n'):
        (folder.path / "domains" / "issuers.toml").write_text(listed)
        given = json.dumps(stranger).encode()
        found = folder.worth(agent, world.stamper, mandates=[given])
        assert found.acts_for is not None
        assert (found.acts_for.ok, found.accorded) == (False, Level.NONE)


def test_what_was_left_out_makes_it_unsure(folder: Folder, world: World) -> None:
    """A holder who shows a part could leave out that its status has to be asked."""
    root = authority("CA", "SG")
    folder.put(body("SG", [service(root.root.certificate, granted("secure"))]))
    agent = person(root)
    status = {"type": "BitstringStatusListEntry", "statusPurpose": "revocation"}
    whole = by_sd(document(agent, credentialStatus=status), proof("ecdsa-sd-2023"))
    bare = {name: value for name, value in whole.items() if name != "proof"}
    shown = [f"/{name}" for name in bare if name not in {"@context", "credentialStatus"}]
    derived = ecdsa_sd.derive(bare, whole["proof"], shown)
    assert "credentialStatus" not in derived
    found = folder.worth(agent, world.stamper, mandates=[json.dumps(derived).encode()])
    assert found.acts_for is not None
    assert not found.acts_for.ok
    assert "left out" in found.acts_for.why.en


WITHOUT_DOCUMENT = '["did:web:a"]\nidentifier = "NTRSG-1"\ndocument = "a"\n'


@pytest.mark.parametrize("said", ["x", '["did:web:a"]\n', WITHOUT_DOCUMENT])
def test_a_list_of_issuers_out_of_form_is_refused(tmp_path: Path, said: str) -> None:
    """An operator is told of a mistake, which would otherwise look like nobody's mandate."""
    made = Folder(tmp_path)
    (tmp_path / "domains" / "issuers.toml").write_text(said)
    with pytest.raises(BadTrustList):
        Domains.load(made.path)
