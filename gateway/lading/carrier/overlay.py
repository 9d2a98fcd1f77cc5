"""One JSON laid over another: what a carrier adds to what a shipper, or a document, has said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_BOX: Final = "equipmentReference"


def laid_over(below: Any, above: Any) -> Any:  # noqa: ANN401 - JSON
    """Return JSON with other JSON over it: objects by their properties, anything else whole.

    Lists of containers go together by their numbers.
    """
    if _of_containers(below) and _of_containers(above):
        said = {_number(each): each for each in above}
        known = [laid_over(each, said.pop(_number(each), {})) for each in below]
        return [*known, *said.values()]
    if not isinstance(below, Mapping) or not isinstance(above, Mapping):
        return above
    return {
        **below,
        **{
            name: laid_over(below[name], value) if name in below else value
            for name, value in above.items()
        },
    }


def _of_containers(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(each, Mapping) and _number(each) is not None for each in value
    )


def _number(each: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """Return the number of a container, in DCSA's flat or nested form; None for none."""
    equipment = each.get("equipment")
    return equipment.get(_BOX) if isinstance(equipment, Mapping) else each.get(_BOX)
