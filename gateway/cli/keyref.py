"""Keys named on the command line: of the gateway by name, or in two PEM files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from schemas.errors import InputError
from schemas.text import Text

if TYPE_CHECKING:
    from certs.keys import SigningKey

_FILES: Final = "file:"


class BadKeyReference(InputError):
    """A key reference in files does not name both of them."""

    code = "SG-1128"
    title = Text("{where} does not name a key.", "{where} 未指明密钥。")
    hint = Text("Write file:KEY.pem,CERT.pem.", "请写作 file:KEY.pem,CERT.pem。")
    exit_code = 2


def load_key(ref: str, secret: str, home: Path) -> SigningKey:
    """Return the key that a reference means: `NAME`, or `file:KEY.pem,CERT.pem`."""
    from certs.keys import open_files

    if not ref.startswith(_FILES):
        from gateway import setup
        from gateway.settings import load

        return setup.key_store(load(home)).load(ref)
    key_file, comma, chain_file = ref.removeprefix(_FILES).partition(",")
    if not comma or not key_file or not chain_file:
        raise BadKeyReference(where=ref)
    return open_files(Path(key_file), Path(chain_file), secret)
