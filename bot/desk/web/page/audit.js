/* The audit log: who saw or did what, and why; append-only, newest first (admin). */

import { api } from "./api.js";
import { act, loading } from "./dialog.js";
import { button, el, fill } from "./dom.js";
import { moment } from "./time.js";

const PAGE = 50;

export function auditPage(place, _desk, signal) {
  const rows = el("tbody");
  let last = null;
  const more = button(".btn", "更早的记录", () => act(more, () => load()), { hidden: true });

  const load = async () => {
    const { items } = await api.get(`/audit?limit=${PAGE}${last ? `&before=${last}` : ""}`);
    if (signal.aborted) return;
    if (!last) rows.replaceChildren();
    rows.append(...items.map(row));
    last = items.at(-1)?.id ?? last;
    more.hidden = items.length < PAGE;
    if (!rows.childElementCount) rows.append(el("tr", {}, el("td", { colspan: 5 }, "还没有记录")));
  };

  const row = (one) =>
    el(
      "tr",
      {},
      el("td", {}, el("time", { datetime: one.at }, moment(one.at))),
      el("td", {}, one.agent?.name ?? ""),
      el("td", {}, el("b", {}, one.action_text ?? one.action)),
      el("td", {}, one.subject),
      el("td", {}, one.reason),
    );

  fill(
    place,
    el("header.page-head", {}, el("h1", {}, "审计日志"), el("p.faint", {}, "只增不改；查看完整信息、补偿、接管、旁听等都记在这里。")),
    el("section.panel", {}, el("div.table-scroll", {}, el("table", {}, el("thead", {}, el("tr", {}, ["时间", "谁", "做了什么", "对象", "原因"].map((head) => el("th", { scope: "col" }, head)))), rows)), more),
  );
  loading(rows, load);
}
