"""SM2 by the system's libcrypto 3 (OpenSSL or a fork), called through ctypes.

Only its documented EVP functions are used. Where there is none, `library()` is None: keys then
cannot sign (NoLibcrypto), and verification goes on in Python.
"""

from __future__ import annotations

import ctypes
import os
import sys
import weakref
from ctypes import POINTER, byref, c_char_p, c_int, c_long, c_size_t, c_ulong, c_void_p
from ctypes.util import find_library
from functools import cache
from typing import Any, Final

from certs.errors import KeyUnreadable, NoLibcrypto

SETTING: Final = "SILKGATE_LIBCRYPTO"
# macOS aborts a process that loads its own, unversioned library; only named ones are tried there.
_PLACES: Final = {
    "darwin": (
        "libcrypto.3.dylib",
        "/opt/homebrew/opt/openssl@3/lib/libcrypto.3.dylib",
        "/usr/local/opt/openssl@3/lib/libcrypto.3.dylib",
        "/opt/local/lib/libcrypto.3.dylib",
    )
}
_LEAST_VERSION: Final = 0x30000000
_LONGEST_SIGNATURE: Final = 80
_BYTES: Final = POINTER(c_char_p)
# Name: result, arguments (openssl/evp.h, openssl/x509.h).
_FUNCTIONS: Final[dict[str, tuple[Any, list[Any]]]] = {
    "OpenSSL_version_num": (c_ulong, []),
    "d2i_AutoPrivateKey": (c_void_p, [c_void_p, _BYTES, c_long]),
    "d2i_PUBKEY": (c_void_p, [c_void_p, _BYTES, c_long]),
    "i2d_PrivateKey": (c_int, [c_void_p, c_void_p]),
    "i2d_PUBKEY": (c_int, [c_void_p, c_void_p]),
    "EVP_PKEY_free": (None, [c_void_p]),
    "EVP_sm3": (c_void_p, []),
    "EVP_MD_CTX_new": (c_void_p, []),
    "EVP_MD_CTX_free": (None, [c_void_p]),
    "EVP_MD_CTX_set_pkey_ctx": (None, [c_void_p, c_void_p]),
    "EVP_PKEY_CTX_new": (c_void_p, [c_void_p, c_void_p]),
    "EVP_PKEY_CTX_new_from_name": (c_void_p, [c_void_p, c_char_p, c_char_p]),
    "EVP_PKEY_CTX_free": (None, [c_void_p]),
    "EVP_PKEY_keygen_init": (c_int, [c_void_p]),
    "EVP_PKEY_generate": (c_int, [c_void_p, POINTER(c_void_p)]),
    "EVP_PKEY_encrypt_init": (c_int, [c_void_p]),
    "EVP_PKEY_encrypt": (c_int, [c_void_p, c_char_p, POINTER(c_size_t), c_char_p, c_size_t]),
    "EVP_PKEY_decrypt_init": (c_int, [c_void_p]),
    "EVP_PKEY_decrypt": (c_int, [c_void_p, c_char_p, POINTER(c_size_t), c_char_p, c_size_t]),
    "EVP_PKEY_CTX_set1_id": (c_int, [c_void_p, c_char_p, c_int]),
    "EVP_DigestSignInit": (c_int, [c_void_p] * 5),
    "EVP_DigestSign": (c_int, [c_void_p, c_char_p, POINTER(c_size_t), c_char_p, c_size_t]),
    "EVP_DigestVerifyInit": (c_int, [c_void_p] * 5),
    "EVP_DigestVerify": (c_int, [c_void_p, c_char_p, c_size_t, c_char_p, c_size_t]),
    "ERR_clear_error": (None, []),
}


@cache
def library() -> Any | None:  # noqa: ANN401 - ctypes gives functions no types
    """Return libcrypto 3 with its functions declared, or None where there is none with SM2."""
    for place in _places():
        try:
            found = ctypes.CDLL(place)
            for name, (result, arguments) in _FUNCTIONS.items():
                function = getattr(found, name)
                function.restype, function.argtypes = result, arguments
        except (OSError, AttributeError):
            continue
        if found.OpenSSL_version_num() >= _LEAST_VERSION and found.EVP_sm3():
            return found
    return None


def _needed() -> Any:  # noqa: ANN401 - as above
    crypto = library()
    if crypto is None:
        raise NoLibcrypto(setting=SETTING)
    return crypto


def _places() -> tuple[str, ...]:
    if setting := os.environ.get(SETTING):
        return (setting,)
    named = _PLACES.get(sys.platform)
    if named is not None:
        return named
    return ("libcrypto.so.3", found) if (found := find_library("crypto")) else ("libcrypto.so.3",)


class Handle:
    """A key inside libcrypto; it is freed with this object. Usable from several threads."""

    def __init__(self, crypto: Any, key: int | None) -> None:  # noqa: ANN401 - ctypes
        """Take over a key of libcrypto; raises KeyUnreadable when it is none."""
        if not key:
            crypto.ERR_clear_error()
            raise KeyUnreadable(ref="SM2", reason="libcrypto does not take it")
        self._crypto = crypto
        self._key = key
        weakref.finalize(self, crypto.EVP_PKEY_free, key)

    @classmethod
    def private(cls, encoded: bytes) -> Handle:
        """Read a private key, PKCS#8 or SEC 1 (DER); raises NoLibcrypto or KeyUnreadable."""
        crypto = _needed()
        start = byref(c_char_p(encoded))
        return cls(crypto, crypto.d2i_AutoPrivateKey(None, start, len(encoded)))

    @classmethod
    def public(cls, encoded: bytes) -> Handle:
        """Read a SubjectPublicKeyInfo (DER); raises NoLibcrypto or KeyUnreadable."""
        crypto = _needed()
        return cls(crypto, crypto.d2i_PUBKEY(None, byref(c_char_p(encoded)), len(encoded)))

    @classmethod
    def generate(cls) -> Handle:
        """Return a new private key; raises NoLibcrypto."""
        crypto = _needed()
        key = c_void_p()
        context = crypto.EVP_PKEY_CTX_new_from_name(None, b"SM2", None)
        crypto.EVP_PKEY_keygen_init(context)
        crypto.EVP_PKEY_generate(context, byref(key))
        crypto.EVP_PKEY_CTX_free(context)
        return cls(crypto, key.value)

    @property
    def sec1(self) -> bytes:
        """The DER of a private key's ECPrivateKey (RFC 5915), scalar and point in it."""
        return self._encoded(self._crypto.i2d_PrivateKey)

    @property
    def spki(self) -> bytes:
        """The DER of the SubjectPublicKeyInfo."""
        return self._encoded(self._crypto.i2d_PUBKEY)

    def _encoded(self, write: Any) -> bytes:  # noqa: ANN401 - a function of ctypes
        size = write(self._key, None)
        out = ctypes.create_string_buffer(max(size, 1))
        write(self._key, byref(c_void_p(ctypes.addressof(out))))
        return out.raw[:size]

    def sign(self, data: bytes, identity: bytes) -> bytes:
        """Return the signature (DER) over `data` by the signer named `identity`."""
        crypto = self._crypto
        with _Context(crypto, self._key, identity) as context:
            size = c_size_t(_LONGEST_SIGNATURE)
            out = ctypes.create_string_buffer(_LONGEST_SIGNATURE)
            if (
                crypto.EVP_DigestSignInit(context, None, crypto.EVP_sm3(), None, self._key) != 1
                or crypto.EVP_DigestSign(context, out, byref(size), data, len(data)) != 1
            ):
                crypto.ERR_clear_error()
                raise KeyUnreadable(ref="SM2", reason="libcrypto does not sign with it")
            return out.raw[: size.value]

    def verify(self, signature: bytes, data: bytes, identity: bytes) -> bool:
        """Tell whether `signature` (DER) over `data` is by this key and identity."""
        crypto = self._crypto
        with _Context(crypto, self._key, identity) as context:
            begun = crypto.EVP_DigestVerifyInit(context, None, crypto.EVP_sm3(), None, self._key)
            args = (context, signature, len(signature), data, len(data))
            if begun == 1 and crypto.EVP_DigestVerify(*args) == 1:
                return True
            crypto.ERR_clear_error()
            return False

    def encrypt(self, data: bytes) -> bytes:
        """Return the SM2Cipher (DER) of `data`, over SM3."""
        crypto = self._crypto
        return self._ciphered(crypto.EVP_PKEY_encrypt_init, crypto.EVP_PKEY_encrypt, data)

    def decrypt(self, data: bytes) -> bytes:
        """Return what an SM2Cipher (DER) holds; raises KeyUnreadable for one to another key."""
        crypto = self._crypto
        return self._ciphered(crypto.EVP_PKEY_decrypt_init, crypto.EVP_PKEY_decrypt, data)

    def _ciphered(self, begin: Any, work: Any, data: bytes) -> bytes:  # noqa: ANN401 - functions of ctypes
        context = self._crypto.EVP_PKEY_CTX_new(self._key, None)
        size = c_size_t()
        try:
            if begin(context) == 1 and work(context, None, byref(size), data, len(data)) == 1:
                out = ctypes.create_string_buffer(max(size.value, 1))
                if work(context, out, byref(size), data, len(data)) == 1:
                    return out.raw[: size.value]
        finally:
            self._crypto.EVP_PKEY_CTX_free(context)
        self._crypto.ERR_clear_error()
        raise KeyUnreadable(ref="SM2", reason="libcrypto does not take it")


class _Context:
    """A digest context bound to a key context that carries the identity; freed at the end."""

    def __init__(self, crypto: Any, key: int, identity: bytes) -> None:  # noqa: ANN401 - as above
        self._crypto = crypto
        self._digest = crypto.EVP_MD_CTX_new()
        self._inner = crypto.EVP_PKEY_CTX_new(key, None)
        self._named = crypto.EVP_PKEY_CTX_set1_id(self._inner, identity, len(identity)) == 1

    def __enter__(self) -> int:
        if not self._named:
            self.__exit__()
            raise KeyUnreadable(ref="SM2", reason="libcrypto does not take the identity")
        self._crypto.EVP_MD_CTX_set_pkey_ctx(self._digest, self._inner)
        return int(self._digest)

    def __exit__(self, *_: object) -> None:
        self._crypto.EVP_MD_CTX_free(self._digest)
        self._crypto.EVP_PKEY_CTX_free(self._inner)
