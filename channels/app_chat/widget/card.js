/* Cards: pictures of what the text beside them already says in words. */

import { el } from "./dom.js";

/** The element for a card, or null for a kind that this version does not know. */
export function renderCard(card, t, dates) {
  return card?.type === "order" ? orderCard(card, t, dates) : null;
}

function orderCard(order, t, dates) {
  const parcels = list(order.parcels);
  return el(
    "section.card",
    { "aria-label": `${t.order} ${order.number}` },
    el(
      "header.card-head",
      {},
      el("span.card-number", {}, `${t.order} `, el("b", {}, String(order.number ?? ""))),
      el("span.pill", { "data-state": order.state }, String(order.state_text ?? "")),
    ),
    el(
      "ul.items",
      { "aria-label": t.items },
      ...list(order.items).map((item) =>
        el("li", {}, el("span", {}, String(item.title)), el("span.times", {}, `× ${item.quantity}`)),
      ),
    ),
    el(
      "p.card-sum",
      {},
      order.placed_at && el("span", {}, t.placedAt(dates.moment(order.placed_at))),
      order.total && el("span.total", {}, `${t.total} `, el("b", {}, String(order.total))),
    ),
    ...parcels.map((parcel, index) => parcelPart(parcel, index, parcels.length, t, dates)),
  );
}

function parcelPart(parcel, index, count, t, dates) {
  const trace = list(parcel.trace);
  const [latest, ...earlier] = trace;
  return el(
    "div.parcel",
    {},
    el(
      "p.parcel-head",
      {},
      el("b", {}, count > 1 ? `${t.parcel(index + 1)} · ` : "", String(parcel.state_text ?? "")),
      parcel.eta && el("span.eta", {}, t.eta(dates.moment(parcel.eta))),
    ),
    el("p.carrier", {}, [parcel.carrier, parcel.tracking_number].filter(Boolean).join(" ")),
    latest && el("ol.trace", {}, scan(latest, dates)),
    earlier.length > 0 &&
      el(
        "details.more-trace",
        {},
        el("summary", {}, t.trace(trace.length)),
        el("ol.trace", {}, ...earlier.map((event) => scan(event, dates))),
      ),
  );
}

function scan(event, dates) {
  return el(
    "li",
    {},
    el("time", { datetime: event.at }, dates.moment(event.at ?? "")),
    el("span", {}, [event.place, event.text].filter(Boolean).join(" · ")),
  );
}

function list(value) {
  return Array.isArray(value) ? value : [];
}
