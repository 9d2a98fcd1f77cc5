"""What a hook is told: an event in the JSON of CloudEvents 1.0, with ids and states, no content."""

from __future__ import annotations

from typing import Final

from gateway.store.hooks import Delivery
from schemas.clock import iso
from schemas.jcs import canonical_json

MEDIA_TYPE: Final = "application/cloudevents+json"
TEST: Final = "hook.test"
_DIGITS: Final = 12


def compose(source: str, delivery: Delivery) -> bytes:
    """Return the event of a delivery, the same bytes however often it is tried.

    `source` is the gateway's id. Events with one `source` and `subject` come in the order of
    `sequence`, which sorts as text (CloudEvents, extension Sequence).
    """
    return canonical_json(
        {
            "specversion": "1.0",
            "id": f"{delivery.subject}/{delivery.n}",
            "source": source,
            "type": delivery.event,
            "subject": delivery.subject,
            "time": iso(delivery.at),
            "sequence": f"{delivery.n:0{_DIGITS}}",
            "datacontenttype": "application/json",
            "data": {**delivery.body},
        }
    )
