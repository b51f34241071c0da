/* Cards of the conversation: what the text beside them already says in words, easier on the eye. */

import { el } from "./dom.js";
import { moment } from "./time.js";

/** The element for a card, or null for a kind that this version does not know. */
export function renderCard(card) {
  return card?.type === "order" ? orderCard(card) : null;
}

function orderCard(order) {
  return el(
    "section.card",
    { "aria-label": `订单 ${order.number}` },
    el("header.card-head", {}, el("span", {}, "订单 ", el("b", {}, order.number)), pill(order)),
    el("ul.card-items", {}, list(order.items).map((item) => el("li", {}, el("span", {}, item.title), el("span.faint", {}, `× ${item.quantity}`)))),
    el("p.card-sum", {}, el("span", {}, `下单 ${moment(order.placed_at)}`), order.total && el("b", {}, order.total)),
    list(order.parcels).map((one, index, all) => parcel(one, index, all.length)),
  );
}

export const pill = (order) => el("span.pill", { "data-state": order.state }, order.state_text ?? "");

/** A parcel with its trace folded behind the newest event. */
export function parcel(one, index, count) {
  const [latest, ...earlier] = list(one.trace);
  const name = count > 1 ? `包裹 ${index + 1} · ` : "";
  return el(
    "div.parcel",
    {},
    el("p.parcel-head", {}, el("b", {}, `${name}${one.state_text ?? ""}`), one.eta && el("span.faint", {}, `预计 ${moment(one.eta)}`)),
    el("p.faint", {}, [one.carrier, one.tracking_number].filter(Boolean).join(" ")),
    latest && el("ol.trace", {}, scan(latest)),
    earlier.length > 0 && el("details", {}, el("summary", {}, `物流轨迹（${earlier.length + 1} 条）`), el("ol.trace", {}, earlier.map(scan))),
  );
}

const scan = (event) =>
  el("li", {}, el("time", { datetime: event.at }, moment(event.at)), el("span", {}, [event.place, event.text].filter(Boolean).join(" · ")));

const list = (value) => (Array.isArray(value) ? value : []);
