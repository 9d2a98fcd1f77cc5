"""EU DSS validates what we sign, in every form at every level, renewed too."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from certs import asic, cades, jws, pades, xades
from certs.ca import CertificateAuthority
from certs.digests import SHA512
from certs.domain import create_domain
from certs.keys import SigningKey
from certs.levels import Level
from certs.renewal import renew_any
from certs.tsa import Authority
from certs.validation.sources import Gatherer, OwnAuthority
from certs.xades import Layout
from schemas.clock import utc_now
from tests.certs.pki import DOCUMENT
from tests.interop.judge import ask

pytestmark = pytest.mark.interop


def _pdf() -> bytes:
    from reportlab.pdfgen import canvas

    out = io.BytesIO()
    drawn = canvas.Canvas(out, invariant=True)
    drawn.drawString(72, 720, "INVOICE 1")
    drawn.save()
    return out.getvalue()


class Signer:
    """One operator of today, with all that signing at every level takes."""

    def __init__(self, folder: Path) -> None:
        """Make the keys, and write down what the judge is to trust."""
        self.folder = folder
        began = utc_now() - timedelta(days=1)
        domain = create_domain(folder / "home", "Port A", "SG", secret="", now=began)
        authority = CertificateAuthority(domain.keys.load("root"))
        self.seal: SigningKey = domain.keys.load("seal")
        self.stamper = Authority(domain.keys.load("tsa"))
        self.gatherer = Gatherer(domain.trust, (OwnAuthority(authority),))
        (folder / "root.pem").write_bytes(domain.root.pem)
        (folder / "list.crl").write_bytes(authority.revocation_list())
        (folder / "document.xml").write_bytes(DOCUMENT)

    def sign(self, form: str, level: Level) -> bytes:
        """Return the form at a level."""
        level_of = {"stamper": self.stamper, "gatherer": self.gatherer, "level": level}
        kind, _, layout = form.partition(" ")
        made: Mapping[str, Callable[..., bytes]] = {
            "XAdES": partial(xades.sign, DOCUMENT, self.seal, name="document.xml"),
            "CAdES": partial(cades.sign, DOCUMENT, self.seal),
            "JAdES": partial(jws.sign, b'{"a":1}', self.seal),
            "ASiC-E": partial(asic.pack, {"document.xml": DOCUMENT, "b/c.json": b"{}"}, self.seal),
            "PAdES": partial(pades.sign, _pdf(), self.seal),
        }
        given = {**level_of, "layout": Layout(layout)} if layout else level_of
        return made[kind](**given)

    def question(self, name: str, data: bytes, *, detached: bool) -> list[str]:
        """Return what to ask about a signed file."""
        place = self.folder / name
        place.write_bytes(data)
        asked = ["validate", str(self.folder / "root.pem"), str(self.folder / "list.crl")]
        beside = [str(self.folder / "document.xml")] if detached else []
        return [*asked, str(place), *beside]


FORMS = {
    "XAdES enveloped": "XAdES",
    "XAdES enveloping": "XAdES",
    "XAdES detached": "XAdES",
    "CAdES": "CAdES",
    "JAdES": "JAdES",
    "ASiC-E": "CAdES",
    "PAdES": "PAdES",
}
DETACHED = {"XAdES detached", "CAdES"}


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    """Return the operator whose root and list the judge is given."""
    return Signer(tmp_path_factory.mktemp("dss"))


def test_the_reference_validator_passes_every_form_at_every_level(signer: Signer) -> None:
    """TOTAL_PASSED at exactly the level that was asked for: 7 forms, 4 levels."""
    asked, expected = [], []
    for form, kind in FORMS.items():
        for level in Level:
            data = signer.sign(form, level)
            name = f"{form} {level.name}"
            asked.append(signer.question(name, data, detached=form in DETACHED))
            expected.append((name, [("TOTAL_PASSED", "", f"{kind}-BASELINE-{level.name}")]))
    answers = ask(asked)
    assert list(zip([name for name, _ in expected], answers, strict=True)) == expected


def test_the_reference_validator_passes_what_was_renewed(signer: Signer) -> None:
    """After renewal with SHA-512 each form is LTA still."""
    asked = []
    forms = ("XAdES enveloped", "CAdES", "JAdES", "ASiC-E", "PAdES")
    for form in forms:
        files = {"document.xml": DOCUMENT}
        data = renew_any(
            signer.sign(form, Level.LTA),
            signer.stamper,
            signer.gatherer,
            detached=files,
            digest=SHA512,
        )
        asked.append(signer.question(f"renewed {form}", data, detached=form in DETACHED))
    assert ask(asked) == [[("TOTAL_PASSED", "", f"{FORMS[form]}-BASELINE-LTA")] for form in forms]


def test_the_reference_validator_refuses_what_was_changed(signer: Signer) -> None:
    """The judge is awake: a changed document fails there as well."""
    data = signer.sign("XAdES enveloped", Level.LTA).replace(b"Widget", b"Gadget")
    ((answer,),) = ask([signer.question("changed", data, detached=False)])
    assert answer[:2] == ("TOTAL_FAILED", "HASH_FAILURE")
