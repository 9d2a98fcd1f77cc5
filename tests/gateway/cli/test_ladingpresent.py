"""`silkgate lading present`: from the first record to the bank's asking for it again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.gateway.cli.conftest import Silkgate
from tests.gateway.lading.envelopes import document, issuance, new_signer, party
from tests.gateway.lading.platforms import House

BILL = "SGP00001"


def test_a_bill_is_presented_and_a_corrupted_record_asked_for_again(
    silkgate: Silkgate, tmp_path: Path
):
    """Opened, one record, completed; the bank alone asks again, and the record takes its place."""
    house = House(tmp_path, platform="CARX", parties=["Shipper", "Bank"])
    carrier = new_signer()
    house.knows("MAEU", "http://127.0.0.1:9", carrier, carriers=["MAEU"])
    house.ladings.issuing.request(issuance(carrier, document(BILL), "Shipper", "CARX"), "MAEU")
    house.ladings.issuing.decide(BILL, "ISSU")
    house.close()
    bank, invoice = tmp_path / "bank.json", tmp_path / "invoice.pdf"
    bank.write_text(json.dumps(party("Bank", "CARX")), "utf-8")
    invoice.write_bytes(b"invoice")

    def present(*words: str | Path, tenant: str = "shipper") -> tuple[int, Any]:
        run = silkgate(
            "lading", "present", *words, "--tenant", tenant, "--home", house.home, "--json"
        )
        said = [json.loads(line) for line in run.out.splitlines() if line.startswith("{")]
        return run.code, said[-1] if said else None

    credit = ("--credit", "LC-1")
    opened = present("open", BILL, *credit, "--expiry", "2099-12-31", "--bank", bank)
    number = opened[1]["presentation"]
    assert present("record", number, invoice, "--credit", "LC-2")[1]["received"] is False
    assert present("record", number, invoice, *credit)[1]["received"] is True
    assert present("corrupted", number, "invoice.pdf", tenant="bank")[0] == 1
    assert present("complete", number)[1]["state"] == "presented"
    assert present("corrupted", number, "invoice.pdf")[0] == 2
    assert present("corrupted", number, "invoice.pdf", tenant="bank")[1]["state"] == "stopped"
    assert present("record", number, invoice, *credit)[1]["received"] is True
    assert present("show", number, tenant="bank")[1]["state"] == "presented"
    assert present("show", "none")[0] == 4
