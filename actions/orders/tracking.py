"""Where the parcels of an order are, in words; stuck and split ones explained."""

from __future__ import annotations

import re
from datetime import date

from actions.dialogue import Turn
from actions.orders.naming import short_title
from actions.shop.models import Order, Parcel, ParcelState
from actions.wording import business_day, day, joined, mask_trace, mask_tracking, moment

MAX_HEARD = 2
_THANKS = re.compile(r"[，,。！!]?\s*(?:感谢|谢谢)")


def parcel_sentences(turn: Turn, order: Order) -> list[str]:
    """A sentence per parcel, the split explained first; on the phone only the essentials."""
    if not order.parcels:
        return []
    sentences = [parcel_sentence(turn, order, parcel) for parcel in order.parcels]
    if len(order.parcels) == 1:
        return sentences
    intro = turn.text("utter_split", count=len(order.parcels))
    if turn.on_phone:
        return [intro, *sentences[:MAX_HEARD]]
    numbered = [f"包裹{i}：{text}" for i, text in enumerate(sentences, 1)]
    return [intro, *numbered]


def stuck_parcel(order: Order) -> Parcel | None:
    """The first parcel that does not move, if any."""
    return next((p for p in order.parcels if p.state is ParcelState.STUCK), None)


def quiet_days(turn: Turn, parcel: Parcel) -> int:
    """Days since the last scan of a parcel (at least one)."""
    if not parcel.trace:
        return 1
    return max(1, (turn.today - business_day(parcel.trace[0].at)).days)


def goods_in(order: Order, parcel: Parcel) -> str:
    """The goods of a parcel by name; empty where the parcel has the whole order."""
    titles = [short_title(line.title) for line in order.lines if line.sku in parcel.skus]
    return joined(titles) if len(titles) < len(order.lines) or len(order.parcels) > 1 else ""


def scan_text(parcel: Parcel) -> str:
    """What the last scan says, without the carrier's thanks; empty without a scan."""
    return _THANKS.split(mask_trace(parcel.trace[0].text))[0] if parcel.trace else ""


def parcel_sentence(turn: Turn, order: Order, parcel: Parcel) -> str:
    """Where one parcel is, and when it comes."""
    last = parcel.trace[0] if parcel.trace else None
    text, place = (mask_trace(last.text), mask_trace(last.place)) if last else ("", "")
    values = {
        "carrier": parcel.carrier,
        "number": mask_tracking(parcel.tracking_number),
        "goods": goods_in(order, parcel),
        "last": text,
        "record": scan_text(parcel),
        "place": place,
        "where": f"在{place}" if place not in text else "",
        "at": moment(last.at, turn.today) if last else "",
        "eta": day(parcel.eta, turn.today) if parcel.eta else "",
        "days": quiet_days(turn, parcel),
    }
    match parcel.state:
        case ParcelState.PACKED:
            text = turn.text("utter_parcel_packed", **values)
            return text + (turn.text("utter_eta", **values) if parcel.eta else "")
        case ParcelState.SIGNED:
            return turn.text("utter_parcel_signed", **values)
        case ParcelState.SENT_BACK:
            return turn.text("utter_parcel_sent_back", **values)
        case ParcelState.STUCK:
            return turn.text("utter_parcel_stuck", **values)
        case ParcelState.DELIVERING:
            return turn.text("utter_parcel_delivering", **values)
        case _:
            late = parcel.eta is not None and parcel.eta < turn.today
            eta = "utter_eta_late" if late else "utter_eta" if parcel.eta else None
            text = turn.text("utter_parcel_moving", **values)
            return text + (turn.text(eta, **values) if eta else "")


def say_eta(turn: Turn, eta: date | None) -> None:
    """Say by when a parcel is expected, unless that day is past."""
    if eta and eta >= turn.today:
        turn.use("utter_eta", eta=day(eta, turn.today))
