"""Measures of the adapters room: what a declaration costs on one core (process time)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from statistics import median
from time import process_time

from lxml import etree

import adapters
from gateway.cli.serve import tune
from schemas import xml
from schemas.finding import Flag
from tests.bench import Figure

LINES = 50
RUNS = 60

_HEAD = """<?xml version="1.0" encoding="utf-8"?>
<DecMessage xmlns="http://www.chinaport.gov.cn/dec"><DecHead><IEFlag>E</IEFlag>
<AgentCode>3702980001</AgentCode><AgentName>示例桥报关有限公司</AgentName>
<BillNo>SMPLQD26030001</BillNo><ContrNo>LSE-C-2601</ContrNo><CustomMaster>4200</CustomMaster>
<CutMode>101</CutMode><DistinatePort>SGP000</DistinatePort><FeeCurr>USD</FeeCurr>
<FeeMark>3</FeeMark><FeeRate>1850.00000</FeeRate><GrossWet>{gross}</GrossWet>
<IEDate>20260314</IEDate><IEPort>4227</IEPort><NetWt>{net}</NetWt>
<OwnerCode>3702960004</OwnerCode><OwnerName>示例崂山电子有限公司</OwnerName><PackNo>624</PackNo>
<TradeCode>3702960004</TradeCode><TradeCountry>SGP</TradeCountry><TradeMode>0110</TradeMode>
<TradeName>示例崂山电子有限公司</TradeName><TrafMode>2</TrafMode>
<TrafName>SAMPLE PIONEER</TrafName><TransMode>1</TransMode><WrapType>22</WrapType>
<EdiId>1</EdiId><CopName>示例桥报关有限公司</CopName><CopCode>3702980001</CopCode>
<EntryType>M</EntryType><PDate>20260310</PDate><TypistNo>2100000000001</TypistNo>
<InputerName>样例录入员</InputerName><DeclTrnRel>0</DeclTrnRel><ChkSurety>0</ChkSurety>
<CopCodeScc>91370200MA9TETX134</CopCodeScc><OwnerCodeScc>91370212MA9TETX483</OwnerCodeScc>
<AgentCodeScc>91370200MA9TETX134</AgentCodeScc><TradeCoScc>91370212MA9TETX483</TradeCoScc>
<PromiseItmes>00000</PromiseItmes><TradeAreaCode>SGP</TradeAreaCode>
<MarkNo>LCD/SINGAPORE/1-624</MarkNo><EntyPortCode>370201</EntyPortCode>
<DeclareName>样例报关员</DeclareName><NoOtherPack>0</NoOtherPack>
<OverseasConsigneeEname>Sample Lion City Distribution Pte. Ltd.</OverseasConsigneeEname>
</DecHead><DecLists>"""
_LINE = """<DecList><CodeTS>85171300{n:02d}</CodeTS><DeclPrice>{price}</DeclPrice>
<DutyMode>1</DutyMode><GModel>0|3|无品牌|型号S{n}|128GB</GModel><GName>智能手机{n}</GName>
<GNo>{n}</GNo><OriginCountry>CHN</OriginCountry><TradeCurr>USD</TradeCurr>
<DeclTotal>{total}</DeclTotal><GQty>{qty}.00000</GQty><FirstQty>{qty}.00000</FirstQty>
<SecondQty>{kilos}</SecondQty><GUnit>001</GUnit><FirstUnit>001</FirstUnit>
<SecondUnit>035</SecondUnit><DestinationCountry>SGP</DestinationCountry>
<DeclGoodsEname>Smartphone, model S{n}, lot {lot}</DeclGoodsEname>
<DistrictCode>37022</DistrictCode></DecList>"""
_TAIL = """</DecLists><DecContainers><Container><ContainerId>TSTU2603017</ContainerId>
<ContainerMd>11</ContainerMd><GoodsNo>{numbers}</GoodsNo><LclFlag>0</LclFlag>
<ContainerWt>3750</ContainerWt></Container></DecContainers>
<DecFreeTxt><VoyNo>601S</VoyNo></DecFreeTxt><DecSign><OperType>G</OperType>
<ICCode>2100000000001</ICCode><CopCode>3702980001</CopCode><OperName>样例录入员</OperName>
<ClientSeqNo>SMPL{lot}</ClientSeqNo></DecSign></DecMessage>"""


def declaration(lines: int, lot: int) -> bytes:
    """Return a valid invented DecMessage whose lines all differ; `lot` makes it unique."""
    parts = []
    net = Decimal(0)
    for n in range(1, lines + 1):
        quantity = 100 + n * 7 + lot % 91
        price = Decimal(1000 + n * 37 + lot % 53) / 10
        kilos = Decimal(quantity) / 8
        net += kilos
        total = price * quantity
        parts.append(
            _LINE.format(
                n=n,
                lot=lot,
                qty=quantity,
                price=f"{price:.4f}",
                total=f"{total:.2f}",
                kilos=f"{kilos:.5f}",
            )
        )
    head = _HEAD.format(net=f"{net:.5f}", gross=f"{net * 2:.5f}")
    tail = _TAIL.format(numbers=",".join(map(str, range(1, lines + 1))), lot=lot)
    return (head + "".join(parts) + tail).encode("utf-8")


def translate(data: bytes) -> adapters.Rendering:
    """Read, validate, translate and validate again, with the loss report."""
    reading = adapters.read(data)
    findings = adapters.validate(reading)
    rendering = adapters.render(reading.document, "wco-dec")
    if any(f.flag is Flag.FATAL for f in (*findings, *rendering.findings)):
        message = "the measured declaration is not valid"
        raise ValueError(message)
    return rendering


def _times(work: Callable[[bytes], object], lines: int) -> list[float]:
    """Return the process time in seconds of each run, on documents never seen before."""
    documents = [declaration(lines, lot) for lot in range(RUNS + 10)]
    times = []
    for data in documents:
        start = process_time()
        work(data)
        times.append(process_time() - start)
    return sorted(times[10:])


def run() -> Iterator[Figure]:
    """Yield the cost of a declaration, on its own and against the peer in the same run."""
    tune()  # as a serving process does
    fifty, peer = _times(translate, LINES), _times(_peer(), LINES)
    ten = median(_times(lambda data: adapters.convert(data, "wco-dec"), 10))
    reading = _times(adapters.read, LINES)
    ratio = median(fifty) / median(peer)
    yield Figure("cn-dec to wco-dec, 50 lines, median", median(fifty) * 1000, "ms", "<= 5")
    yield Figure("cn-dec to wco-dec, 50 lines, p95", fifty[-3] * 1000, "ms", "<= 10")
    yield Figure("lxml parse and XSD of it, 50 lines, median", median(peer) * 1000, "ms")
    yield Figure("cn-dec to wco-dec against lxml parse and XSD", ratio, "times")
    yield Figure("cn-dec read, 50 lines, median", median(reading) * 1000, "ms")
    yield Figure("convert, 10 lines, per core", 1 / ten, "declarations/s", ">= 200")
    yield Figure("translate, 50 lines, per core", 1 / median(fifty), "declarations/s", ">= 200")


def _peer() -> Callable[[bytes], object]:
    """Return the least anybody could do: parse the document and check it by a schema, all in C."""
    schema = etree.XMLSchema(xml.parse(adapters.schema("cn-dec")))

    def check(data: bytes) -> None:
        schema.assertValid(xml.parse(data))

    return check
