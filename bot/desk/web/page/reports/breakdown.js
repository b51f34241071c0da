/* By channel, intent and tier: a row opens the episodes behind it. */

import { button, el, fill } from "../dom.js";
import { explain } from "./explain.js";
import { csvButton, formula, mark, panel, rateLine, table } from "./parts.js";
import { TOO_FEW, aimOf, count, percent } from "./words.js";

const SHOWN = 10;

export function breakdowns(view) {
  const { report } = view;
  return el("div.rp-split.wide.flip", {}, el("div.rp-stack", {}, one(view, "channel", "渠道", report.channels), one(view, "tier", "会员等级", report.tiers)), one(view, "intent", "意图", report.intents));
}

function one(view, dimension, name, cells) {
  const { report, query, drill } = view;
  const rows = el("tbody");
  const row = (cell) => {
    const title = `${name}：${cell.name || "未识别"}`;
    const open = cell[dimension] == null ? el("span", {}, cell.name || "未识别") : button(".link.rp-row", cell.name, () => drill(title, { [dimension]: cell[dimension] }), { "aria-label": `${title}，自动化率 ${rateLine(cell)}，查看会话` });
    return el(
      "tr",
      { "data-greyed": cell.greyed, title: cell.greyed ? TOO_FEW : null, "data-cell": cell[dimension] ?? "" },
      el("th", { scope: "row" }, open),
      el("td.num", {}, count(cell.n)),
      el("td.num", {}, el("b", {}, percent(cell.rate))),
      el("td", {}, mark(cell, aimOf(report, "automation"))),
      el("td.num", {}, cell.n ? percent((cell.outcomes.handed_off ?? 0) / cell.n, 0) : "—"),
      el("td.num", {}, cell.csat == null ? "—" : cell.csat.toFixed(2)),
    );
  };
  const all = button(".btn.small", `全部 ${cells.length} 个`, () => (fill(rows, cells.map(row)), all.remove()));
  fill(rows, cells.slice(0, SHOWN).map(row));
  const heads = [name, "会话", explain("自动化率", formula(report, "automation")), el("span", {}, "95% 区间", el("span.sr", {}, "，竖线为目标")), "人工处理", "评分"];
  const csv = csvButton(`按${name}-${query.from}-${query.to}`, [name, "有效会话", "自动化", "自动化率", "区间下限", "区间上限", "暂定", "人工处理", "评分", "负面消息占比"], () =>
    cells.map((cell) => [cell.name || "未识别", cell.n, cell.k, cell.rate, cell.low, cell.high, cell.provisional ? "是" : "否", cell.outcomes.handed_off ?? 0, cell.csat, cell.negative]),
  );
  return panel(`按${name}`, { tools: cells.length ? csv : [] }, cells.length ? table(`按${name}`, heads, rows) : el("p.empty", {}, "没有数据"), cells.length > SHOWN && all);
}
