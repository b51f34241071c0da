"""A parcel's journey: scans as carriers write them, from the warehouse to the door."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime

from actions.shop.models import Parcel, ParcelState, TraceEvent

CARRIERS = {"顺禾速运": "SH", "云雀快递": "YQ", "川流物流": "CL", "迅鹿快运": "XL"}
"""Invented carriers and how their tracking numbers begin."""

WAREHOUSES = ("嘉兴", "武汉", "东莞")
_COURIERS = ("陈", "李", "张", "刘", "黄", "何", "马", "曹")
_SIGNERS = ("本人签收", "家门口，本人委托代放", "小区快递柜", "物业前台代收", "小区驿站代收")

# Step of the journey -> share of the time between packing and signing at which it happens.
_SHARES = (0.0, 0.10, 0.16, 0.27, 0.62, 0.72, 0.82, 0.93, 1.0)
_PACKED, _AT_HUB, _DELIVERING, _SIGNED = 0, 4, 7, 8
_LAST_STEP = {
    ParcelState.PACKED: _PACKED,
    ParcelState.IN_TRANSIT: _AT_HUB,
    ParcelState.STUCK: _AT_HUB,
    ParcelState.DELIVERING: _DELIVERING,
    ParcelState.SIGNED: _SIGNED,
    ParcelState.SENT_BACK: _SIGNED,
}


@dataclass(frozen=True)
class Journey:
    """What decides a parcel's scans: packed when, last scanned when, going where."""

    state: ParcelState
    packed_at: datetime
    last_at: datetime
    region: str
    eta: date | None = None


def parcel(journey: Journey, skus: tuple[str, ...], rng: random.Random) -> Parcel:
    """A parcel with its scans, newest first."""
    carrier = rng.choice(list(CARRIERS))
    tracking = CARRIERS[carrier] + "".join(rng.choices("0123456789", k=13))
    return Parcel(
        carrier=carrier,
        tracking_number=tracking,
        state=journey.state,
        skus=skus,
        eta=journey.eta,
        trace=tuple(reversed(_scans(journey, rng))),
    )


def _scans(journey: Journey, rng: random.Random) -> list[TraceEvent]:
    origin = rng.choice(WAREHOUSES)
    city, district = split_region(journey.region)
    hub, station = f"{city}转运中心", f"{city}{district}营业部"
    steps = [
        (f"{origin}仓", "包裹已打包完成，等待快递揽收"),
        (f"{origin}仓", "快递员已揽收"),
        (f"{origin}转运中心", f"快件到达【{origin}转运中心】"),
        (f"{origin}转运中心", f"快件离开【{origin}转运中心】，发往【{hub}】"),
        (hub, f"快件到达【{hub}】"),
        (hub, f"快件离开【{hub}】，发往【{station}】"),
        (station, f"快件到达【{station}】，正在安排派送"),
        (station, f"快递员{rng.choice(_COURIERS)}师傅正在为您派送，请保持电话畅通"),
        (station, f"已签收（{rng.choice(_SIGNERS)}），感谢您的等待"),
    ]
    last = _LAST_STEP[journey.state]
    share = _SHARES[last] or 1.0
    span = journey.last_at - journey.packed_at
    return [
        TraceEvent(
            at=_whole_minute(journey.packed_at + span * (_SHARES[step] / share)),
            place=place,
            text=text,
        )
        for step, (place, text) in enumerate(steps[: last + 1])
    ]


def split_region(region: str) -> tuple[str, str]:
    """City and district of a region: 浙江省杭州市西湖区 → 杭州, 西湖区."""
    city, _, district = region.rpartition("市")
    return city.rpartition("省")[2], district


def _whole_minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)
