/* The one number, how sure it is, how it went day by day, and how far the aims are. */

import { COLORS, lineChart } from "../chart.js";
import { el } from "../dom.js";
import { explain } from "./explain.js";
import { figure, formula, mark, panel, pngButton, rateLine, scope } from "./parts.js";
import { AIMS, TOO_FEW, count, interval, longDay, percent, seconds, shopTime, shortDay } from "./words.js";

export function hero(view) {
  return el("div.rp-split.wide", {}, rate(view), aims(view.report));
}

function rate(view) {
  const { report, query, keep, drill } = view;
  const { days, automation } = report;
  const chart = keep(
    lineChart({
      label: `自动化率逐日变化，${query.from} 至 ${query.to}`,
      labels: days.map((one) => shortDay(one.day)),
      titles: days.map((one) => longDay(one.day)),
      percent: true,
      max: 1,
      height: 250,
      series: [
        { id: "rate", name: "自动化率（阴影为 95% 区间，虚线为暂定）", color: COLORS.green, values: days.map((one) => one.rate), low: days.map((one) => one.low), high: days.map((one) => one.high), dashed: days.map((one) => one.provisional), faint: days.map((one) => one.greyed) },
        { id: "aim", name: `目标 ${percent(AIMS.automation, 0)}`, color: COLORS.grey, values: days.map(() => AIMS.automation), plain: true },
      ],
      describe: (index) => [`自动化率 ${rateLine(days[index])}`, days[index].provisional ? "暂定：未满 72 小时" : null, "点击查看会话"].filter(Boolean),
      onPick: (index) => drill(`${longDay(days[index].day)} 的会话`, { from: days[index].day, to: days[index].day }),
    }),
  );
  const save = () => chart.png({ name: `自动化率-${query.from}-${query.to}`, title: `自动化率 ${percent(automation.rate)}（95% 区间 ${interval(automation)}，n = ${count(automation.n)}）`, notes: [`${scope(view)}${report.provisional ? "，虚线为暂定" : ""}`, formula(report, "automation")].filter(Boolean) });
  return panel(
    report.explained?.automation?.name ?? "自动化率",
    { lines: formula(report, "automation"), tools: pngButton("自动化率", save), spec: "section.panel.rp.rp-hero" },
    el(
      "div.rp-lead",
      {},
      el("p.rp-number", { "data-figure": "automation", "data-greyed": automation.greyed, title: automation.greyed ? TOO_FEW : null }, percent(automation.rate)),
      el(
        "div.rp-lead-text",
        {},
        el("p", {}, "95% 区间 ", el("b", { "data-figure": "automation-interval" }, interval(automation)), `，${count(automation.k)} / ${count(automation.n)} 个有效会话`),
        el("p", {}, explain("24 小时口径", formula(report, "automation_24h")), " ", el("b", {}, percent(report.automation_24h.rate)), "　", explain("7 天口径", formula(report, "automation_7d")), " ", el("b", {}, percent(report.automation_7d.rate))),
        report.provisional && el("p.rp-provisional", {}, el("span.chip.quiet", {}, "暂定"), ` ${count(report.provisional_episodes)} 个会话未满 72 小时${report.provisional_until ? `，${shopTime(report.provisional_until)} 后定稿` : ""}`),
      ),
      audited(report),
    ),
    chart.element,
  );
}

/** How many of the "fulfilled" really were, as people read them. */
function audited(report) {
  const { audit } = report;
  const { precision } = audit;
  return el(
    "div.rp-audit",
    { "data-greyed": precision.greyed },
    el("span", {}, figure(report, "audit", "抽检准确率")),
    el("b", { "data-figure": "precision" }, percent(precision.rate)),
    el("small", {}, precision.n ? `区间 ${interval(precision)}，已判 ${count(audit.labelled)}/${count(audit.wanted)}` : "还没有判过，", !precision.n && el("a", { href: "#/reports/review" }, "去抽检")),
  );
}

function aims(report) {
  const { automation, first_contact_resolution: fcr, csat, response_first: first, response_each: each } = report;
  const share = (name, rateOf, aim, key, id) =>
    el(
      "li.aim",
      { "data-met": rateOf.rate == null ? "unknown" : rateOf.rate >= aim ? "yes" : "no", "data-greyed": rateOf.greyed },
      el("span", {}, figure(report, key, name)),
      el("b", { "data-figure": id }, percent(rateOf.rate)),
      mark(rateOf, aim),
      el("small", {}, rateOf.rate == null ? "还没有数据" : `目标 ≥ ${percent(aim, 0)}，区间 ${interval(rateOf)}${rateOf.greyed ? `，${TOO_FEW}` : ""}`),
    );
  const fast = first.p95_s == null ? "unknown" : first.p95_s <= AIMS.response_first_s ? "yes" : "no";
  return panel(
    "目标",
    { spec: "section.panel.rp.rp-aims" },
    el(
      "ul.aims",
      {},
      share("自动化率", automation, AIMS.automation, "automation", "aim-automation"),
      share("首次解决率", fcr, AIMS.first_contact_resolution, "first_contact_resolution", "fcr"),
      share("满意度", csat.satisfied, AIMS.satisfied, "csat", "satisfied"),
      el(
        "li.aim",
        { "data-met": fast },
        el("span", {}, figure(report, "response_first", "首次响应时间")),
        el("b", { "data-figure": "response-first-p95" }, seconds(first.p95_s)),
        el("small.aim-wide", {}, `95% 的会话不超过此值；目标 ≤ ${AIMS.response_first_s} 秒。中位数 ${seconds(first.p50_s)}，每次回复中位数 ${seconds(each.p50_s)}`),
      ),
    ),
  );
}
