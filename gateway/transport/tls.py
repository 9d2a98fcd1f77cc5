"""TLS contexts from files: 1.2 or later, and on the calling side one pinned authority."""

from __future__ import annotations

import ssl
from pathlib import Path

from schemas.errors import SettingsError
from schemas.text import Text


class TlsNotSetUp(SettingsError):
    """A certificate or key of the settings cannot be used."""

    code = "SG-9201"
    title = Text(
        "The TLS files {where} cannot be used: {reason}", "TLS 文件 {where} 不可用：{reason}"
    )
    hint = Text(
        "Check that they are PEM, readable, the key belonging to the certificate.",
        "请检查文件：应为可读的 PEM 文件，且私钥与证书匹配。",
    )


def client_context(authority: Path | None) -> ssl.SSLContext:
    """Return a context that trusts `authority` (PEM) and nothing else.

    None means the system's authorities, for parties with a certificate of a public one.
    Raises TlsNotSetUp if the file cannot be used.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        if authority is None:
            context.load_default_certs(ssl.Purpose.SERVER_AUTH)
        else:
            context.load_verify_locations(cafile=authority)
    except (OSError, ssl.SSLError) as error:
        raise TlsNotSetUp(where=str(authority), reason=str(error)) from error
    return context


def server_context(
    certificate: Path, key: Path, *, password: str | bytes | None = None
) -> ssl.SSLContext:
    """Return a context that shows `certificate` (PEM, chain included) with its private `key`.

    Raises TlsNotSetUp if they cannot be used together.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    show(context, certificate, key, password)
    return context


def show(
    context: ssl.SSLContext, certificate: Path, key: Path, password: str | bytes | None = None
) -> None:
    """Have a context show `certificate`, also one in use, from the next handshake on.

    Raises TlsNotSetUp if the files cannot be used together; a context in use may then fail.
    """
    try:
        # An empty password makes OpenSSL fail at once instead of asking on the terminal.
        context.load_cert_chain(certificate, key, password=password or b"")
    except (OSError, ssl.SSLError) as error:
        raise TlsNotSetUp(where=f"{certificate}, {key}", reason=str(error)) from error
