/* Outcomes, reasons, satisfaction, feelings, times, money: one panel each. */

import { COLORS, bars, stackedBars } from "../chart.js";
import { button, el } from "../dom.js";
import { explain } from "./explain.js";
import { csvButton, figure, formula, mark, panel, pngButton, rateLine, scope, table } from "./parts.js";
import { EXCLUDED, LEVELS, OUTCOMES, TOO_FEW, count, interval, longDay, percent, seconds, shortDay, yuan } from "./words.js";

export function outcomes(view) {
  const { report, query, keep, drill } = view;
  const { days } = report;
  const chart = keep(
    stackedBars({
      label: `每天会话的结果，${scope(view)}`,
      labels: days.map((one) => shortDay(one.day)),
      titles: days.map((one) => longDay(one.day)),
      height: 240,
      legend: false,
      series: OUTCOMES.map(([id, name, color]) => ({ id, name, color, values: days.map((one) => one.outcomes[id] ?? 0) })),
      describe: (index) => [`计入 ${count(days[index].n)} 个会话`, ...OUTCOMES.filter(([id]) => days[index].outcomes[id]).map(([id, name]) => `${name} ${count(days[index].outcomes[id])}`)],
      onPick: (index, outcome) => {
        const name = OUTCOMES.find(([id]) => id === outcome)?.[1];
        drill(`${longDay(days[index].day)}${name ? `：${name}` : ""}`, { from: days[index].day, to: days[index].day, outcome });
      },
    }),
  );
  const save = () => chart.png({ name: `会话结果-${query.from}-${query.to}`, title: "每天会话的结果", notes: [scope(view), formula(report, "outcomes")].filter(Boolean) });
  const whole = report.eligible || 1;
  const key = el(
    "ul.rp-key",
    {},
    OUTCOMES.map(([id, name]) =>
      el("li", {}, el("span.outcome", { "data-outcome": id }, explain(name, formula(report, id) || formula(report, `outcomes.${id}`))), button(".rp-count", count(report.outcomes[id] ?? 0), () => drill(name, { outcome: id }), { "data-figure": id, "aria-label": `${name} ${report.outcomes[id] ?? 0} 个，查看会话` }), el("small", {}, percent((report.outcomes[id] ?? 0) / whole))),
    ),
  );
  return panel("会话结果", { lines: [formula(report, "outcomes") || "每个有效会话恰好归入一种结果。"], tools: pngButton("会话结果", save) }, chart.element, key);
}

export function reasons(view) {
  const { report, query, keep, drill } = view;
  const list = report.handoff_reasons;
  if (!list.length) return panel("转人工原因", {}, el("p.empty", {}, "这段时间没有转人工。"));
  const chart = keep(
    bars({
      label: `转人工原因，${scope(view)}`,
      items: list.map((one) => ({ id: one.reason, name: one.name, value: one.count, tag: count(one.count), color: COLORS.blue, note: `${count(one.count)} 次，占 ${percent(one.share)}` })),
      onPick: (index) => drill(`转人工：${list[index].name}`, { handoff_reason: list[index].reason }),
    }),
  );
  const save = () => chart.png({ name: `转人工原因-${query.from}-${query.to}`, title: "转人工原因", notes: [scope(view)] });
  const total = list.reduce((sum, one) => sum + one.count, 0);
  return panel("转人工原因", { lines: formula(report, "handoff_reasons"), tools: pngButton("转人工原因", save) }, el("p.rp-sub", {}, `共 ${count(total)} 次，最多的是「${list[0].name}」（${percent(list[0].share, 0)}）`), chart.element);
}

export function satisfaction(view) {
  const { report, query, keep, drill } = view;
  const { csat } = report;
  const name = "满意度";
  if (!csat.answered) return panel(name, { lines: formula(report, "csat") }, el("p.empty", {}, "还没有客户评价。"));
  const colors = { 1: COLORS.red, 2: COLORS.amber, 3: COLORS.sand, 4: COLORS.greenLight, 5: COLORS.green };
  const chart = keep(
    bars({
      label: "评分分布",
      onPick: (index) => drill(`评分：${5 - index} 分`, { csat: 5 - index }),
      items: [5, 4, 3, 2, 1].map((score) => ({ id: String(score), name: `${score} 分`, value: csat.scores[score] ?? 0, color: colors[score], note: `${count(csat.scores[score] ?? 0)} 人，占 ${percent((csat.scores[score] ?? 0) / csat.answered)}` })),
    }),
  );
  const save = () => chart.png({ name: `满意度-${query.from}-${query.to}`, title: `客户满意度：平均 ${csat.mean.toFixed(2)} 分`, notes: [scope(view), formula(report, "csat")].filter(Boolean) });
  return panel(
    name,
    { lines: formula(report, "csat"), tools: pngButton(name, save) },
    el("p.rp-sub", { "data-greyed": csat.satisfied.greyed }, "平均 ", el("b", { "data-figure": "csat-mean" }, csat.mean.toFixed(2)), ` 分 · 满意 ${percent(csat.satisfied.rate)}（区间 ${interval(csat.satisfied)}）· 邀请 ${count(csat.asked)}，评价 ${count(csat.answered)}`),
    chart.element,
  );
}

export function moods(view) {
  const { report, query, keep, drill } = view;
  const { emotion } = report;
  const whole = LEVELS.reduce((sum, [id]) => sum + (emotion.episodes[id] ?? 0), 0);
  const messages = Object.values(emotion.messages).reduce((sum, one) => sum + one, 0);
  const share = (mood) => (messages ? percent((emotion.messages[mood] ?? 0) / messages) : "—");
  const name = "客户情绪";
  if (!whole) return panel(name, { lines: formula(report, "emotion") }, el("p.empty", {}, "还没有情绪数据。"));
  const chart = keep(
    bars({
      label: "每个会话最激烈时的情绪",
      onPick: (index) => drill(`情绪：${LEVELS[index][1]}`, { worst: LEVELS[index][0] }),
      items: LEVELS.map(([id, text, color]) => ({ id, name: text, value: emotion.episodes[id] ?? 0, color, note: `${count(emotion.episodes[id] ?? 0)} 个会话，占 ${percent((emotion.episodes[id] ?? 0) / whole)}` })),
    }),
  );
  const save = () => chart.png({ name: `客户情绪-${query.from}-${query.to}`, title: "客户情绪：每个会话最激烈时", notes: [scope(view)] });
  return panel(name, { lines: formula(report, "emotion"), tools: pngButton(name, save) }, el("p.rp-sub", {}, `客户消息：正面 ${share("positive")} · 中性 ${share("neutral")} · 负面 `, el("b", { "data-figure": "negative" }, percent(emotion.negative)), "。下图：每个会话最激烈的一句"), chart.element);
}

export function times({ report, query }) {
  const rows = [
    ["首次响应", "response_first"],
    ["首次响应（在线）", "response_online"],
    ["首次响应（热线）", "response_hotline"],
    ["每次回复", "response_each"],
    ["排队等人工", "queue_wait"],
  ];
  const sla = report.sla_kept;
  const body = el(
    "tbody",
    {},
    rows.map(([name, key]) => {
      const one = report[key];
      return el("tr", {}, el("th", { scope: "row" }, figure(report, key, name)), el("td", { "data-figure": `${key}-p50` }, seconds(one.p50_s)), el("td", { "data-figure": `${key}-p95` }, seconds(one.p95_s)), el("td.faint", {}, count(one.n)));
    }),
  );
  const csv = csvButton(`时间-${query.from}-${query.to}`, ["指标", "中位数(秒)", "95分位(秒)", "次数"], () => rows.map(([name, key]) => [name, report[key].p50_s, report[key].p95_s, report[key].n]));
  return panel(
    "时间与 SLA",
    { tools: csv },
    table("响应与排队时间", ["", "中位数", "95% 不超过", "次数"], body),
    el("div.rp-sla", { "data-greyed": sla.greyed, title: sla.greyed ? TOO_FEW : null }, el("span", {}, figure(report, "sla_kept", "人工按时响应率")), el("b", { "data-figure": "sla_kept" }, percent(sla.rate)), mark(sla), el("small", {}, rateLine(sla))),
  );
}

export function money({ report, drill }) {
  const { saving, excluded } = report;
  const inputs = Object.entries(saving.inputs);
  return el(
    "div.rp-split",
    {},
    panel(
      "节省的成本",
      { lines: formula(report, "saving") },
      el("p.rp-number.small", { "data-figure": "saving" }, yuan(saving.yuan)),
      el("p.rp-formula", {}, saving.formula),
      el("dl.rp-inputs", {}, inputs.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, String(value))))),
    ),
    panel(
      "不计入的会话",
      { lines: formula(report, "excluded") || "没有实质请求的会话不计入自动化率，但在这里全部列出。" },
      el(
        "ul.rp-excluded",
        {},
        Object.entries(EXCLUDED).map(([id, name]) => el("li", {}, el("span", {}, name), button(".rp-count", count(excluded[id] ?? 0), () => drill(`不计入：${name}`, { excluded: id }), { "data-figure": `excluded-${id}`, "aria-label": `${name} ${excluded[id] ?? 0} 个，查看会话` }))),
      ),
    ),
  );
}
