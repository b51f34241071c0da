/* The audit log: who saw or did what, and why; append-only, newest first (admin). */

import { api } from "./api.js";
import { act, loading } from "./dialog.js";
import { button, el, fill } from "./dom.js";
import { moment } from "./time.js";

const PAGE = 50;
const KINDS = {
  agent: "坐席", conversation: "会话", customer: "客户", order: "订单", case: "工单", canned: "快捷回复", handoff: "交接资料",
  causes: "不满原因周报", episode: "咨询", gap: "没听懂的话",
};
const FIELDS = { phone: "手机号", name: "姓名", address: "收货地址", message: "消息原文" };

export function auditPage(place, _desk, signal) {
  const rows = el("tbody");
  let last = null;
  let names = null; // agent id → name
  const more = button(".btn", "更早的记录", () => act(more, () => load()), { hidden: true });

  const load = async () => {
    names ??= new Map((await api.get("/agents?all=1")).agents.map((one) => [one.id, one.name]));
    const { items } = await api.get(`/audit?limit=${PAGE}${last ? `&before=${last}` : ""}`);
    if (signal.aborted) return;
    if (!last) rows.replaceChildren();
    rows.append(...items.map(row));
    last = items.at(-1)?.id ?? last;
    more.hidden = items.length < PAGE;
    if (!rows.childElementCount) rows.append(el("tr", {}, el("td", { colspan: 5 }, "还没有记录")));
  };

  /** What it was done to: a name where there is one, a way there where one can go. */
  const subject = (one) => {
    const [kind, id = ""] = one.subject.split(/:(.*)/s);
    const known = KINDS[kind];
    if (!known) return one.subject;
    if (kind === "agent") return id === one.agent?.id ? "本人" : (names.get(id) ?? `${known} ${id}`);
    if (kind === "conversation") return toConversation(id);
    const about = one.data?.conversation;
    return [`${known} ${id}`, about && [" · ", toConversation(about)]];
  };

  const toConversation = (id) => el("a", { href: `#/c/${encodeURIComponent(id)}`, title: id }, `会话 …${id.slice(-6)}`);

  /** What exactly: how much, which part. */
  const detail = ({ data = {} }) =>
    [data.yuan && `${data.yuan} 元`, FIELDS[data.field], data.field && data.order && `订单 ${data.order}`, data.from && names.get(data.from) && `原由${names.get(data.from)}接待`]
      .filter(Boolean)
      .join(" · ");

  const row = (one) =>
    el(
      "tr",
      {},
      el("td", {}, el("time", { datetime: one.at }, moment(one.at))),
      el("td", {}, one.agent?.name ?? ""),
      el("td", {}, el("b", {}, one.action_text ?? one.action), detail(one) && el("span.faint", {}, ` ${detail(one)}`)),
      el("td", {}, subject(one)),
      el("td", {}, one.reason),
    );

  fill(
    place,
    el("header.page-head", {}, el("h1", {}, "审计日志"), el("p.faint", {}, "只增不改；查看完整信息、补偿、接管、旁听等都记在这里。")),
    el("section.panel", {}, el("div.table-scroll", {}, el("table", {}, el("thead", {}, el("tr", {}, ["时间", "谁", "做了什么", "对象", "原因"].map((head) => el("th", { scope: "col" }, head)))), rows)), more),
  );
  loading(rows, load);
}
