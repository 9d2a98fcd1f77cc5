from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from certs import asic, cades, jws, verify_any, xades
from certs.authority.ca import Profile
from certs.trust import TrustStore
from certs.verdict import Indication, SubIndication
from tests.certs.pki import DOCUMENT, NOW, World


def test_a_key_may_be_for_more_than_signing(world: World) -> None:
    """A certificate for signing that is for encryption too signs like any other."""
    for more in ("key_encipherment", "key_agreement"):
        profile = Profile("both", 2, ("digital_signature", "content_commitment", more))
        signed = xades.sign(DOCUMENT, world.key(profile), signed_at=NOW)
        assert xades.verify(signed, world.trust, at=NOW).passed


def test_the_names_are_those_of_the_standard() -> None:
    """EN 319 102-1 knows 25 sub-indications; each has one name."""
    assert len(SubIndication) == 25
    assert {each.value for each in Indication} == {
        "TOTAL-PASSED",
        "TOTAL-FAILED",
        "INDETERMINATE",
    }


def test_every_form_is_recognised_by_its_content(world: World) -> None:
    """XML, compact and JSON JWS, ASiC-E, CMS in DER and in PEM: one call for all."""
    detached = cades.sign(b"data", world.seal, stamper=world.stamper, signed_at=NOW)
    forms: dict[bytes, str] = {
        xades.sign(DOCUMENT, world.seal, signed_at=NOW): "XAdES",
        b"\xef\xbb\xbf" + xades.sign(DOCUMENT, world.seal, signed_at=NOW): "XAdES",
        jws.sign(b"{}", world.seal, signed_at=NOW): "JAdES",
        jws.sign(b"{}", world.seal, stamper=world.stamper, signed_at=NOW): "JAdES",
        asic.pack({"a": b"1"}, world.seal, signed_at=NOW): "CAdES",
        detached: "CAdES",
    }
    for data, form in forms.items():
        files = {"data": b"data"} if data == detached else {}
        verdict = verify_any(data, world.trust, files, NOW)
        assert verdict.passed, verdict.reason
        assert verdict.signatures[0].format == form


def test_detached_data_may_be_given_in_order(world: World) -> None:
    """A sequence of contents serves as well as named files."""
    signature = cades.sign(b"data", world.seal, signed_at=NOW)
    assert verify_any(signature, world.trust, [b"data"], NOW).passed
    changed = verify_any(signature, world.trust, [b"Data"], NOW)
    assert changed.subindication is SubIndication.HASH_FAILURE
    missing = verify_any(signature, world.trust, (), NOW)
    assert missing.subindication is SubIndication.SIGNED_DATA_NOT_FOUND


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"\x00" * 100, b"PK\x03\x04", b"0\x80", b"{"])
def test_what_is_not_signed_is_failed(world: World, data: bytes) -> None:
    """Anything else gets a verdict with a reason in English and Chinese."""
    verdict = verify_any(data, world.trust)
    assert verdict.indication is Indication.TOTAL_FAILED
    assert verdict.reason is not None
    assert verdict.reason.en
    assert verdict.reason.zh


def test_a_verdict_has_the_shape_of_the_command_line(world: World) -> None:
    """The JSON of `silkgate verify`: names, places and nothing that is not JSON."""
    signed = xades.sign(DOCUMENT, world.seal, stamper=world.stamper, signed_at=NOW)
    told = json.loads(json.dumps(xades.verify(signed, world.trust, at=NOW).as_dict()))
    (signature,) = told["signatures"]
    assert (told["indication"], told["subindication"]) == ("TOTAL-PASSED", None)
    assert {"format", "level", "indication", "subindication", "signer", "time"} < set(signature)
    assert signature["signed_refs"] == [""]
    assert set(signature["timestamps"][0]) >= {"type", "indication", "time"}


def test_trust_comes_from_a_folder(world: World, tmp_path: Path) -> None:
    """PEM and DER anchors and CRLs are read; a broken file trusts nobody and is named."""
    key = world.key()
    revoked = [(key.certificate, NOW)]
    (tmp_path / "root.der").write_bytes(world.domain.root.der)
    (tmp_path / "revoked.crl").write_bytes(world.issuer.revocation_list(revoked, now=NOW))
    (tmp_path / "broken.pem").write_bytes(b"-----BEGIN CERTIFICATE-----\nAAAA\n")
    (tmp_path / "README").write_bytes(b"not looked at")
    trust = TrustStore.from_folder(tmp_path)
    assert trust.anchors == {world.domain.root}
    assert trust.unreadable == ("broken.pem",)
    late = NOW + timedelta(hours=1)
    assert xades.verify(xades.sign(DOCUMENT, world.seal), trust, at=late).passed
    verdict = xades.verify(xades.sign(DOCUMENT, key), trust, at=late)
    assert verdict.subindication is SubIndication.REVOKED_NO_POE
