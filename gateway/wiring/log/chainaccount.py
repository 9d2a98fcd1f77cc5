"""The chain account that the settings name: an encrypted file, a token, or a remote signer.

file:chain.key                                        PKCS#8 PEM, encrypted; made if missing
pkcs11:token=NAME;object=LABEL?module-path=/lib.so    RFC 7512; PIN from pin-source=env:|file:
web3signer:https://HOST:PORT#0xADDRESS                eth_signTransaction over JSON-RPC
"""

from __future__ import annotations

from pathlib import Path

from certs.keys import read_secret
from gateway import setup
from gateway.settings import Settings
from ledger.anchors.account import Account
from ledger.anchors.errors import BadChainKey
from ledger.anchors.transaction import ChainSigner


def chain_account(settings: Settings, key: str = "") -> ChainSigner:
    """Return the account of a reference, by default `anchor.key`.

    Raises BadChainKey, SecretMissing.
    """
    key = key or settings.anchor.key
    kind, _, place = key.partition(":")
    match kind:
        case "file":
            return _from_file(settings.path(place), setup.secret(settings))
        case "pkcs11":
            from ledger.anchors import token

            found = token.TokenUri.parse(key)
            return token.open_account(found, _pin(settings, found.pin_source))
        case "web3signer":
            from ledger.anchors import remote

            url, _, address = place.partition("#")
            return remote.RemoteAccount(url, address)
    raise BadChainKey(where=key, reason="use file:, pkcs11: or web3signer:")


def _from_file(path: Path, secret: bytes) -> Account:
    if not path.exists():
        Account.generate().save(path, secret)
    return Account.load(path, secret)


def _pin(settings: Settings, source: str) -> str:
    """Return the PIN of a token; without `pin-source` it is the gateway's secret."""
    if not source:
        return setup.secret(settings).decode()
    kind, _, place = source.partition(":")
    return read_secret(f"file:{settings.path(place)}" if kind == "file" else source).decode()
