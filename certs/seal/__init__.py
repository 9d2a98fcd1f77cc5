"""Electronic seals of GB/T 38540-2020 and, read only, of its forerunner GM/T 0031-2014."""

from certs.seal.make import SealData, affix, make_seal
from certs.seal.structure import Picture, Seal, is_signature, read_seal, seals_in
from certs.seal.verify import maker_of, verify

__all__ = [
    "Picture",
    "Seal",
    "SealData",
    "affix",
    "is_signature",
    "make_seal",
    "maker_of",
    "read_seal",
    "seals_in",
    "verify",
]
