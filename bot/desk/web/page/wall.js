/* The supervisor's wall: who waits, who answers, who is about to be let down; everything live. */

import { api } from "./api.js";
import { loading } from "./dialog.js";
import { button, el, fill, keyed } from "./dom.js";
import { label } from "./meta.js";
import { moment, span, tick } from "./time.js";
import { ALARMS, PRESENCE, STATUS, alarmText, channelIcon, lastSaid, light, tierBadge } from "./words.js";

const EVERY_MS = 3_000;

export function wallPage(place, desk, signal, _id, go) {
  const tiles = el("div.tiles", { "aria-live": "off" });
  const alarms = el("ul.alarms", { "aria-live": "polite" });
  const agents = el("tbody");
  const live = el("tbody");
  const reasons = el("div.bars");
  const note = el("p.faint");

  const load = async () => {
    const [wall, all] = await Promise.all([api.get("/wall"), api.get("/conversations?list=all"), ]);
    if (signal.aborted) return;
    for (const item of all.items) desk.items.set(item.conversation, item);
    showTiles(wall);
    showAlarms(wall.alarms ?? desk.alarms);
    keyed(agents, wall.agents ?? [], (one) => one.id, agentRow);
    keyed(live, all.items.filter((item) => item.status !== "closed").sort(byTrouble), (item) => item.conversation, liveRow);
    showReasons(wall.by_reason ?? {});
    note.textContent = `${moment(new Date().toISOString())} 更新`;
    tick(place);
  };

  const tile = (name, value, kind = "", hint = "") => el(`div.tile.${kind || "plain"}`, {}, el("span", {}, name), el("b", {}, value), hint && el("small", {}, hint));

  const showTiles = ({ counts = {}, longest_wait_s, sla_at_risk = 0, sla_broken = 0, negative = 0, today = {} }) =>
    fill(
      tiles,
      tile("排队", counts.waiting ?? 0, counts.waiting ? "warm" : ""),
      tile("最长等待", longest_wait_s ? span(longest_wait_s) : "—", longest_wait_s > 120 ? "hot" : ""),
      tile("人工接待中", counts.assigned ?? 0),
      tile("小禾接待中", counts.bot ?? 0),
      tile("即将超时", sla_at_risk, sla_at_risk ? "warm" : "", sla_broken ? `已超时 ${sla_broken}` : ""),
      tile("情绪激动", negative, negative ? "hot" : ""),
      tile("今日转人工", today.opened ?? 0, "", `已结束 ${today.resolved ?? 0} · 交还 ${today.handed_back ?? 0}`),
      tile("首次响应中位数", today.median_answer_s == null ? "—" : span(today.median_answer_s)),
    );

  const showAlarms = (list) =>
    fill(
      alarms,
      list.length
        ? list.map((alarm) =>
            el("li.alarm-row", { "data-kind": alarm.kind }, el("span.chip.alarm", {}, ALARMS[alarm.kind] ?? "告警"), el("span", {}, alarm.text), el("time", { datetime: alarm.at }, moment(alarm.at)), alarm.conversation && button(".btn.small", "查看", () => go(`c/${alarm.conversation}`))),
          )
        : el("li.faint", {}, "没有告警"),
    );

  const agentRow = (one) =>
    el(
      "tr",
      { "data-presence": one.presence },
      el("td", {}, el("span.presence-dot", { "data-presence": one.presence }), el("b", {}, one.name), " ", el("span.faint", {}, PRESENCE[one.presence] ?? "")),
      el("td.load", {}, el("meter", { min: 0, max: Math.max(1, one.capacity), value: one.load, "aria-label": `${one.name} 接待量` }), el("span", {}, `${one.load}/${one.capacity}`)),
      el("td.faint", {}, (one.skills ?? []).join("、")),
    );

  const liveRow = (item) =>
    el(
      "tr",
      { "data-light": item.emotion?.light },
      el("td", {}, light(item.emotion?.light, item.emotion?.score), channelIcon(item), el("b", {}, item.customer_name), tierBadge(item)),
      el("td", {}, item.agent?.name ?? STATUS[item.status], item.alarm && el("span.chip.alarm", {}, alarmText(item))),
      el("td.last", {}, lastSaid(item)),
      el("td", {}, item.waiting_since && item.status === "waiting" ? el("span", { "data-since": item.waiting_since, "data-before": "等 " }) : item.unanswered_since ? el("span", { "data-since": item.unanswered_since, "data-before": "未回 " }) : ""),
      el("td", {}, item.sla_due && item.status !== "bot" && el("span.sla", { "data-due": item.sla_due })),
      el("td", {}, button(".btn.small", "打开", () => go(`c/${item.conversation}`), { "aria-label": `打开 ${item.customer_name}` })),
    );

  const showReasons = (counts) => {
    const entries = Object.entries(counts).sort((a, b) => b[1] - a[1]);
    const most = Math.max(1, ...entries.map(([, count]) => count));
    fill(
      reasons,
      entries.length
        ? entries.map(([reason, count]) => el("p.bar", {}, el("span", {}, label("reasons", reason)), el("meter", { min: 0, max: most, value: count, "aria-hidden": "true" }), el("b", {}, count)))
        : el("p.faint", {}, "现在没有转人工的会话"),
    );
  };

  const table = (heads, body, caption) => el("table", {}, el("caption.sr", {}, caption), el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col" }, head)))), body);
  fill(
    place,
    el("header.page-head", {}, el("h1", {}, "实时监控"), note, el("span.grow"), desk.can("report") && el("a.btn.small", { href: "#/reports" }, "看报表")),
    tiles,
    el(
      "div.wall-columns",
      {},
      el("section.panel", {}, el("h2", {}, "全部会话"), el("div.table-scroll", {}, table(["客户", "接待", "最近一句", "等待", "SLA", ""], live, "全部会话"))),
      el("div.wall-right", {}, el("section.panel", {}, el("h2", {}, "告警"), alarms), el("section.panel", {}, el("h2", {}, "坐席"), table(["姓名", "接待量", "技能"], agents, "坐席")), el("section.panel", {}, el("h2", {}, "当前转人工原因"), reasons)),
    ),
  );
  loading(note, load);
  let busy = false;
  const timer = setInterval(async () => {
    if (busy || document.hidden) return;
    busy = true;
    await load().catch(() => (note.textContent = "暂时没有更新"));
    busy = false;
  }, EVERY_MS);
  signal.addEventListener("abort", () => clearInterval(timer));
  desk.on("alarms", () => load().catch(() => {}), signal);
}

/** Trouble first: alarms, then the longest waits. */
function byTrouble(a, b) {
  const rank = (item) => (item.alarm ? 0 : item.status === "waiting" ? 1 : item.unanswered_since ? 2 : item.status === "bot" ? 4 : 3);
  const since = (item) => Date.parse(item.unanswered_since ?? item.waiting_since ?? item.last?.at ?? 0);
  return rank(a) - rank(b) || since(a) - since(b);
}
