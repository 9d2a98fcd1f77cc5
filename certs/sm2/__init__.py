"""SM2 with SM3 (GB/T 32918): keys, signatures through libcrypto 3, verification also without."""

from certs.sm2.keys import DEFAULT_ID, Sm2PrivateKey, Sm2PublicKey

__all__ = ["DEFAULT_ID", "Sm2PrivateKey", "Sm2PublicKey"]
