"""OFD files (GB/T 33190-2016): their signatures and electronic seals, verified and written."""

from certs.ofd.package import is_ofd
from certs.ofd.sign import Place, sign
from certs.ofd.verify import verify

__all__ = ["Place", "is_ofd", "sign", "verify"]
