/* The one number, how sure it is, how it went day by day, and how far the aims are. */

import { COLORS, lineChart } from "../chart.js";
import { el } from "../dom.js";
import { explain } from "./explain.js";
import { figure, formula, mark, panel, pngButton, rateLine, scope } from "./parts.js";
import { TOO_FEW, aimOf, count, interval, longDay, percent, seconds, shopTime, shortDay } from "./words.js";

export function hero(view) {
  return el("div.rp-split.wide", {}, rate(view), aims(view.report));
}

function rate(view) {
  const { report, query, keep, drill } = view;
  const { days, automation } = report;
  const aim = aimOf(report, "automation");
  const chart = keep(
    lineChart({
      label: `自动化率逐日变化，${query.from} 至 ${query.to}`,
      labels: days.map((one) => shortDay(one.day)),
      titles: days.map((one) => longDay(one.day)),
      percent: true,
      max: 1,
      height: 330,
      series: [
        { id: "rate", name: "自动化率（阴影为 95% 区间，虚线为暂定）", color: COLORS.green, values: days.map((one) => one.rate), low: days.map((one) => one.low), high: days.map((one) => one.high), dashed: days.map((one) => one.provisional), faint: days.map((one) => one.greyed) },
        { id: "aim", name: `目标 ${percent(aim, 0)}`, color: COLORS.grey, values: days.map(() => aim), plain: true },
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

/** What each aim is called in the page's figures; the others go by the figure's own name. */
const IDS = { automation: "aim-automation", first_contact_resolution: "fcr", csat: "satisfied" };
const MET = { true: ["yes", "达成"], false: ["no", "未达成"], null: ["unknown", ""] };

function aims(report) {
  const one = (aim) => {
    const [met, word] = MET[aim.kept];
    const share = aim.unit === "share";
    const greyed = aim.n != null && aim.n < 30;
    const target = share ? `目标 ≥ ${percent(aim.aim, 0)}` : `目标：95% 不超过 ${aim.aim} 秒`;
    const said = aim.n == null ? "报表不计算" : aim.value == null ? "还没有数据" : share ? `区间 ${interval(aim)}` : `n = ${count(aim.n)}`;
    return el(
      "li.aim",
      { "data-met": met, "data-greyed": greyed, "data-aim": aim.figure },
      el("span", {}, figure(report, aim.figure, aim.name)),
      el("b", { "data-figure": IDS[aim.figure] ?? `aim-${aim.figure}` }, share ? percent(aim.value) : seconds(aim.value)),
      share ? mark({ ...aim, rate: aim.value }, aim.aim) : el("span"),
      el("small", {}, [target, said, greyed && aim.value != null && TOO_FEW].filter(Boolean).join("，"), word && el("strong.aim-word", {}, ` ${word}`)),
    );
  };
  return panel("目标", { spec: "section.panel.rp.rp-aims" }, el("ul.aims", {}, report.aims.map(one)));
}
