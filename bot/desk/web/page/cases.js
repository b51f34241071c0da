/* Work orders: what is due, what was done, and the answer on the channel the customer came by. */

import { api } from "./api.js";
import { act, ask, loading, toast } from "./dialog.js";
import { button, el, fill } from "./dom.js";
import { moment, tick } from "./time.js";
import { CASE_STATUS, GRADES } from "./words.js";

const FILTERS = [["open", "待处理"], ["doing", "处理中"], ["done", "已办结"], ["", "全部"]];

export function casesPage(place, desk, signal, chosen, go) {
  let status = chosen ? "" : "open";
  const list = el("ul.case-list", {});
  const detail = el("section.case-detail", { "aria-label": "工单详情" });
  const filters = el("div.filters", { role: "group", "aria-label": "状态" });
  const summary = el("p.faint");

  const load = () =>
    loading(list, async () => {
      const { items, total } = await api.get(`/cases${status ? `?status=${status}` : ""}`);
      if (signal.aborted) return;
      const late = items.filter((one) => one.overdue).length;
      summary.textContent = `${total ?? items.length} 件${late ? `，其中 ${late} 件已超期` : ""}`;
      fill(list, items.length ? items.map(row) : el("li.empty", {}, el("b", {}, "没有这样的工单")));
      tick(list);
    });

  const row = (one) =>
    el(
      "li",
      {},
      el(
        "a.case-row",
        { href: `#/cases/${one.id}`, "aria-current": one.id === chosen ? "true" : null },
        el("span.grade", { "data-grade": one.grade }, one.grade_text ?? GRADES[one.grade]),
        el("b", {}, one.title),
        el("span.faint", {}, `${one.kind_text ?? one.kind} · ${one.channel_name ?? ""}${one.owner ? ` · ${one.owner.name}` : ""}`),
        one.status === "done" ? el("span.faint", {}, `办结 ${moment(one.closed_at)}`) : el("span.sla", { "data-due": one.due_at }),
      ),
    );

  const showOne = (id) =>
    loading(detail, async () => {
      const one = await api.get(`/cases/${encodeURIComponent(id)}`);
      if (!signal.aborted) fill(detail, view(one));
      tick(detail);
    });

  const again = () => Promise.all([load(), chosen && showOne(chosen)]);

  const change = (pressed, one, values, said) =>
    act(pressed, async () => {
      await api.patch(`/cases/${encodeURIComponent(one.id)}`, values);
      toast(said);
      await again();
    });

  const view = (one) => {
    const steps = one.steps ?? [];
    const mine = button(".btn.small", "我来处理", () => change(mine, one, { owner: desk.me.id, status: "doing" }, "已归你处理"));
    const step = button(".btn.small", "记一步", () =>
      ask({
        title: "记录进展",
        submit: "保存",
        fields: [{ name: "text", label: "做了什么", type: "textarea", required: true, maxlength: 1000 }],
        onSubmit: async ({ text }) => {
          await api.post(`/cases/${encodeURIComponent(one.id)}/steps`, { text });
          again();
        },
      }),
    );
    const answer = button(".btn.small.primary", "答复客户并办结", () =>
      ask({
        title: "答复客户并办结",
        text: `会从${one.channel_name ?? "原渠道"}发给客户。`,
        submit: "发送并办结",
        fields: [{ name: "text", label: "答复", type: "textarea", rows: 5, required: true, maxlength: 2000 }],
        onSubmit: async ({ text }) => {
          await api.post(`/cases/${encodeURIComponent(one.id)}/answer`, { text });
          toast("已答复客户，工单办结");
          again();
        },
      }),
    );
    return [
      el("h2", {}, one.title),
      el("p.chips-line", {}, el("span.grade", { "data-grade": one.grade }, one.grade_text ?? GRADES[one.grade]), el("span.chip", {}, one.kind_text ?? one.kind), el("span.chip", {}, one.status_text ?? CASE_STATUS[one.status]), one.status !== "done" && el("span.sla", { "data-due": one.due_at })),
      el("p.case-text", {}, one.detail),
      el("dl.facts", {}, el("dt", {}, "负责人"), el("dd", {}, one.owner?.name ?? "还没有人"), el("dt", {}, "建立"), el("dd", {}, moment(one.opened_at)), el("dt", {}, "期限"), el("dd", {}, moment(one.due_at)), one.result && [el("dt", {}, "结果"), el("dd", {}, one.result)]),
      one.status !== "done" && el("div.side-actions", {}, one.owner?.id !== desk.me.id && mine, step, one.conversation && answer),
      one.conversation && el("p", {}, button(".link", "打开会话", () => go(`c/${one.conversation}`))),
      el("h3", {}, "经过"),
      el("ol.steps", {}, steps.map((done) => el("li", {}, el("time", { datetime: done.at }, moment(done.at)), el("span", {}, `${done.agent ?? "系统"}：${done.text}`)))),
    ];
  };

  for (const [value, label] of FILTERS) {
    const pick = button(".filter", label, () => {
      status = value;
      for (const one of filters.children) one.setAttribute("aria-pressed", String(one === pick));
      load();
    }, { "aria-pressed": String(value === status) });
    filters.append(pick);
  }
  fill(
    place,
    el("header.page-head", {}, el("h1", {}, "工单"), summary, el("span.grow"), filters),
    el("div.case-columns", {}, el("div.case-scroll", {}, list), detail),
  );
  load();
  if (chosen) showOne(chosen);
  else fill(detail, el("p.empty", {}, "选一件工单查看"));
}
