"""Electronic seals of GB/T 38540-2020 and, read only, of its forerunner GM/T 0031-2014."""

from certs.seal.make import Picture, SealData, affix, make_seal
from certs.seal.structure import is_signature
from certs.seal.verify import verify

__all__ = ["Picture", "SealData", "affix", "is_signature", "make_seal", "verify"]
