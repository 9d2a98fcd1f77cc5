"""A process that signs one file to XAdES-B-LTA and prints its peak memory in MB."""

from __future__ import annotations

import resource
import sys
import tempfile
from pathlib import Path

from certs import xades
from certs.authority.ca import CertificateAuthority
from certs.authority.tsa import Authority
from certs.domain import create_domain
from certs.levels import Level
from certs.validation.sources import Gatherer, OwnAuthority
from schemas.xml import parse


def main(document: Path) -> None:
    """Sign the file as a tree, so that its bytes are not kept beside it."""
    with tempfile.TemporaryDirectory() as folder:
        domain = create_domain(Path(folder), "Bench", "SG", secret="")
        keys = domain.keys
        source = OwnAuthority(CertificateAuthority(keys.load("root")))
        xades.sign(
            parse(document.read_bytes()),
            keys.load("seal"),
            stamper=Authority(keys.load("tsa")),
            gatherer=Gatherer(domain.trust, (source,)),
            level=Level.LTA,
        )
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sys.stdout.write(str(used / (1024 * 1024 if sys.platform == "darwin" else 1024)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
