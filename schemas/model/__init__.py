"""The canonical documents as typed models; each field names its business term.

    from_document(document) -> Declaration | Invoice | Lading
    dictionary of a model: schemas.term.dictionary(Declaration)

Built on demand from the term list; a model is frozen and slotted.
"""

from schemas.model.build import NoModel, from_document
from schemas.model.declaration import Declaration
from schemas.model.invoice import Invoice
from schemas.model.lading import Lading
from schemas.model.values import Amount, Attachment, Identifier, Quantity

__all__ = [
    "Amount",
    "Attachment",
    "Declaration",
    "Identifier",
    "Invoice",
    "Lading",
    "NoModel",
    "Quantity",
    "from_document",
]
