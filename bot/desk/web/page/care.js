/* Upset customers: cases by deadline, late ones first; what was done, and what is done next. */

import { api } from "./api.js";
import { act, ask, loading, toast } from "./dialog.js";
import { button, el, fill, newId } from "./dom.js";
import { moment, tick } from "./time.js";

const SCOPES = [["open", "进行中"], ["watching", "观察中"], ["over", "已结束"]];
const LEVELS = [["", "全部"], ["severe", "重度"], ["medium", "中度"], ["light", "轻度"]];
const ENDINGS = [["settled", "已妥善处理"], ["turned_positive", "情绪转好"], ["lost", "未能挽回"]];
const EVERY_MS = 60_000; // what the socket told us comes at once; this catches what it missed
const GATHER_MS = 400;

const at = (one) => `/care/${encodeURIComponent(one.id)}`;

export function carePage(place, desk, signal, chosen, go) {
  let scope = "open";
  let level = "";
  let items = [];
  const list = el("ul.case-list", {});
  const detail = el("section.case-detail", { "aria-label": "情绪个案详情" });
  const scopes = el("div.filters", { role: "group", "aria-label": "状态" });
  const levels = el("div.filters", { role: "group", "aria-label": "程度" });
  const summary = el("p.faint", { role: "status" });

  const load = () =>
    loading(list, async () => {
      ({ items } = await api.get(`/care?scope=${scope}`));
      if (!signal.aborted) show();
    });

  const show = () => {
    const shown = items.filter((one) => !level || one.level === level);
    const late = shown.filter((one) => one.late).length;
    summary.textContent = `${shown.length} 件${late ? `，其中 ${late} 件已超时` : ""}`;
    for (const pick of levels.children) {
      const count = items.filter((one) => !pick.dataset.value || one.level === pick.dataset.value).length;
      pick.textContent = `${pick.dataset.label} ${count}`;
    }
    fill(list, shown.length ? shown.map(row) : el("li.empty", {}, el("b", {}, "没有这样的个案")));
    tick(list);
  };

  const row = (one) =>
    el(
      "li",
      {},
      el(
        "a.case-row",
        { href: `#/care/${one.id}`, "aria-current": one.id === chosen ? "true" : null, "data-late": one.late },
        mood(one),
        el("b", {}, one.title.replace(/^.度不满 · /, "")),
        el("span.faint", {}, [one.stage_text, one.owner?.name ?? "待分配", one.channel_name, one.reopened && `重新打开 ${one.reopened} 次`, one.escalation && `升级 ${one.escalation} 次`].filter(Boolean).join(" · ")),
        deadline(one),
      ),
    );

  const showOne = (id) =>
    loading(detail, async () => {
      const one = await api.get(`/care/${encodeURIComponent(id)}`);
      if (!signal.aborted) fill(detail, view(one));
      tick(detail);
    });

  const again = () => Promise.all([load(), chosen && showOne(chosen)]);

  const done = (one, body, said) =>
    api.post(`${at(one)}/actions`, body).then(async () => {
      toast(said);
      await again();
    });

  const view = (one) => [
    el("h2", {}, one.title),
    el("p.chips-line", {}, mood(one), el("span.chip", {}, one.cause), el("span.chip", {}, one.scene), el("span.chip", {}, one.stage_text), deadline(one)),
    el("blockquote.said", {}, one.detail),
    facts(one),
    el("div.side-actions", { role: "group", "aria-label": "处理" }, buttons(one)),
    one.conversation && el("p", {}, button(".link", "打开会话", () => go(`c/${one.conversation}`))),
    one.timers.length > 0 && [
      el("h3", {}, "接下来"),
      el("ul.plain.timers", {}, one.timers.map((timer) => el("li", {}, el("span", {}, timer.text), el("span.faint", {}, moment(timer.due_at)), timer.kind !== "watch" && el("span.sla", { "data-due": timer.due_at })))),
    ],
    el("h3", {}, "经过"),
    el("ol.steps", {}, one.steps.map((step) => el("li", { "data-kind": step.kind }, el("time", { datetime: step.at }, moment(step.at)), el("span", {}, `${step.agent ?? "系统"}：${step.text}`)))),
  ];

  const buttons = (one) => {
    const running = one.stage === "waiting" || one.stage === "acting";
    const looked = button(".btn.small", "已查看", () => act(looked, () => done(one, { action: "checked" }, "已记录")));
    const severe = one.level === "severe";
    return [
      running && one.level === "light" && looked,
      running && button(".btn.small.primary", severe ? "联系客户并给方案" : "给出方案", () => plan(one, severe ? "contacted" : "plan")),
      (running || one.visit_due) && (severe || one.visit_due) && button(".btn.small", "记录回访", () => visit(one)),
      running && button(".btn.small", "客户反馈", () => feedback(one)),
      running && desk.can("coupon") && button(".btn.small", "补偿券", () => coupon(one)),
      running && button(".btn.small", "结束个案", () => end(one)),
    ];
  };

  const plan = (one, action) =>
    ask({
      title: action === "contacted" ? "联系客户，给出方案" : "给出方案",
      submit: "保存",
      fields: [
        { name: "text", label: "具体方案", type: "textarea", rows: 4, required: true, maxlength: 1000 },
        { name: "until", label: "承诺完成时间", type: "datetime-local", required: true, value: local(Date.now() + 4 * 3600_000) },
        { name: "tell", label: "同时发给客户", type: "checkbox", value: Boolean(one.conversation) },
      ],
      onSubmit: ({ text, until, tell }) =>
        done(one, { action, text, promised_at: new Date(until).toISOString(), tell }, tell ? "方案已记录并发给客户" : "方案已记录"),
    });

  const visit = (one) =>
    ask({
      title: "记录回访",
      submit: "保存",
      fields: [
        { name: "text", label: "怎么联系的", value: "电话回访", maxlength: 200 },
        { name: "feedback", label: "客户怎么说", type: "textarea", required: true, maxlength: 1000 },
      ],
      onSubmit: (values) => done(one, { action: "visited", ...values }, "回访已记录"),
    });

  const feedback = (one) =>
    ask({
      title: "客户反馈",
      submit: "保存",
      fields: [{ name: "feedback", label: "客户怎么说", type: "textarea", required: true, maxlength: 1000 }],
      onSubmit: (values) => done(one, { action: "feedback", ...values }, "已记录"),
    });

  const coupon = (one) => {
    const key = newId(); // the same for every try of this window
    return ask({
      title: "发补偿券",
      text: `无门槛，直接到客户账户并通知客户。您单张最多 ${desk.me.coupon_limit_yuan} 元。${one.coupons_yuan ? `这件个案已发 ${one.coupons_yuan} 元。` : ""}`,
      submit: "发放",
      fields: [
        { name: "yuan", label: "金额（元）", type: "number", min: 1, max: desk.me.coupon_limit_yuan, step: 1, value: Math.min(10, desk.me.coupon_limit_yuan), required: true },
        { name: "reason", label: "原因", value: `${one.cause}补偿`, required: true, minlength: 4, maxlength: 200 },
      ],
      onSubmit: async ({ yuan, reason }) => {
        const given = await api.post(`${at(one)}/coupons`, { yuan, reason, key });
        toast(`已发放 ${given.yuan} 元补偿券`);
        await again();
      },
    });
  };

  const end = (one) =>
    ask({
      title: "结束个案",
      text: "结束后观察 7 天；客户再有不满、再次来问或退货，会自动重新打开。",
      submit: "结束",
      fields: [
        { name: "ending", label: "结果", type: "select", options: ENDINGS, required: true },
        { name: "result", label: "说明", type: "textarea", maxlength: 1000 },
      ],
      onSubmit: async (values) => {
        await api.post(`${at(one)}/end`, values);
        toast("个案已结束，进入观察");
        await again();
      },
    });

  choices(scopes, SCOPES, scope, (value) => {
    scope = value;
    load();
  });
  choices(levels, LEVELS, level, (value) => {
    level = value;
    show();
  });
  fill(
    place,
    el("header.page-head", {}, el("h1", {}, "情绪关怀"), summary, el("span.grow"), scopes, levels),
    el("div.case-columns.care-columns", { "data-chosen": Boolean(chosen) }, el("div.case-scroll", {}, list), detail),
  );
  load();
  if (chosen) showOne(chosen);
  else fill(detail, el("p.empty", {}, "选一件个案查看"));
  let soon = null;
  const moved = () => {
    soon ??= setTimeout(() => {
      soon = null;
      if (!document.hidden) again();
    }, GATHER_MS);
  };
  desk.on("frame:care", moved, signal);
  desk.on("frame:snapshot", moved, signal); // back after a broken line
  const timer = setInterval(() => !document.hidden && load(), EVERY_MS);
  signal.addEventListener("abort", () => {
    clearInterval(timer);
    clearTimeout(soon);
  });
}

/** How upset: told apart by word, not by colour alone. */
export const mood = (one) => el("span.mood", { "data-level": one.level }, one.level_text);

const deadline = (one) =>
  one.late || one.stage === "waiting" || one.stage === "acting" || one.visit_due
    ? el("span.sla", { "data-due": one.due_at })
    : el("span.faint", {}, one.ending_text ?? "");

function facts(one) {
  const line = (name, value) => value && [el("dt", {}, name), el("dd", {}, value)];
  return el(
    "dl.facts",
    {},
    line("负责人", one.owner?.name ?? "待分配"),
    line("开始", moment(one.opened_at)),
    line("依据", (one.evidence ?? []).join("、")),
    line("订单", one.facts.order),
    line("商品", (one.facts.products ?? []).join("、")),
    line("承运商", (one.facts.carriers ?? []).join("、")),
    line("已补偿", one.coupons_yuan ? `${one.coupons_yuan} 元` : ""),
    line("客户反馈", one.feedback),
    line("结果", one.ending_text),
    line("观察到", one.watch_until && one.stage === "watching" ? moment(one.watch_until) : ""),
  );
}

function choices(place, pairs, now, onPick) {
  for (const [value, label] of pairs) {
    const pick = button(".filter", label, () => {
      for (const one of place.children) one.setAttribute("aria-pressed", String(one === pick));
      onPick(value);
    }, { "aria-pressed": String(value === now), "data-value": value, "data-label": label });
    place.append(pick);
  }
}

/** A moment as an input of type datetime-local wants it. */
function local(time) {
  const date = new Date(time - new Date(time).getTimezoneOffset() * 60_000);
  return date.toISOString().slice(0, 16);
}

/** The customer's record, for the panel beside a conversation: before one answers, one knows. */
export function careRecord(list) {
  if (!list?.length) return null;
  const [newest] = list;
  const running = newest.stage === "waiting" || newest.stage === "acting";
  const head = running
    ? `正在处理：${newest.level_text}不满，${newest.cause}`
    : `${moment(newest.opened_at)} 曾因${newest.cause}${newest.level_text}不满${newest.ending_text ? `，${newest.ending_text}` : ""}`;
  return el(
    "section.part.care-record",
    { "aria-label": "情绪档案" },
    el("h3", {}, "情绪档案"),
    newest.recent && el("p.care-note", { role: "note", "data-level": newest.level }, head, newest.feedback && `。客户说：“${newest.feedback}”`),
    el(
      "ul.plain",
      {},
      list.map((one) =>
        el(
          "li",
          {},
          el("a", { href: `#/care/${one.id}` }, `${one.level_text} · ${one.cause}`),
          el("span.faint", {}, `${moment(one.opened_at)} · ${one.ending_text ?? one.stage_text}`),
          one.measures.length > 0 && el("span.faint.measures", {}, one.measures.join("；")),
        ),
      ),
    ),
  );
}
