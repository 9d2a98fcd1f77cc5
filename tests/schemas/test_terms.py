from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from schemas import terms

ROOM = Path(terms.__file__).parent


@pytest.mark.parametrize("family", ["declaration", "invoice", "lading", "receipt"])
def test_every_term_has_an_english_and_a_chinese_name(family: str) -> None:
    """No row is without a name, and the Chinese one is Chinese."""
    with (ROOM / f"{family}.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len({row["id"] for row in rows}) == len(rows)
    for row in rows:
        assert row["en"], row
        assert re.search(r"[\u4e00-\u9fffA-Z]", row["zh"]), row


@pytest.mark.parametrize(
    ("term_id", "en", "zh"),
    [
        ("GoodsShipment.GovernmentAgencyGoodsItem[7].SequenceNumeric", "Line number", "商品序号"),
        ("BG-25[2]/BT-131", "Line net amount", "行净额"),
        ("ext.cn.TradeMode", "Trade mode", "监管方式"),
        (
            "GoodsShipment.GovernmentAgencyGoodsItem[1].ext.cn.SecondQty@unit",
            "Second statutory quantity (unit)",
            "法定第二数量(单位)",
        ),
        ("no.such.term", "no.such.term", "no.such.term"),
    ],
)
def test_a_term_is_named_whatever_its_index(term_id: str, en: str, zh: str) -> None:
    """Indices, extensions and attributes find their name; an unknown id names itself."""
    assert (terms.name(term_id).en, terms.name(term_id).zh) == (en, zh)


def test_terms_carry_their_wco_ids() -> None:
    """The WCO id of a declaration term is at hand."""
    assert terms.wco_ids()["TotalGrossMassMeasure"] == "131"
