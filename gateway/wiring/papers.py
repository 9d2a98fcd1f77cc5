"""What the command line, the API and the pipeline do with a document: judge it, translate it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import adapters
from gateway.clearance.build import outbound
from gateway.clearance.corridor import Corridor
from gateway.clearance.join import join, shipment
from schemas.document import Document


def translate(
    document: Document,
    target: str,
    related: Sequence[Document] = (),
    corridor: Corridor | None = None,
    settings: Mapping[str, object] | None = None,
) -> adapters.Rendering:
    """Return a document in another format, an invoice with the verdict on it there.

    `settings` are for the format (`pdf`: the page of a hybrid). `related` documents of the shipment
    are joined to it; along a corridor only what may cross is written, and the loss report says of
    the rest why it stayed. What joining finds comes first.
    """
    if corridor is not None:
        companion = target if target in corridor.companions else ""
        leaving = outbound(document, related, corridor, companion=companion)
        rendering = adapters.render(leaving.document, target)
        leaving.explain(rendering.report)
        return replace(rendering, findings=[*leaving.findings, *rendering.findings])
    if not related:
        rendering = adapters.render(document, target, profile=settings)
        there = adapters.judge(document, rendering, target)
        return replace(rendering, findings=[*rendering.findings, *there])
    joined = join(shipment(document, *related))
    rendering = adapters.render(joined.document, target)
    return replace(rendering, findings=[*joined.findings, *rendering.findings])
