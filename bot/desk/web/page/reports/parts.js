/* What the pages of the reports are made of: panels, rates, marks of an interval, an empty state. */

import { save } from "../chart.js";
import { act } from "../dialog.js";
import { button, el, svg } from "../dom.js";
import { icon } from "../icons.js";
import { label } from "../meta.js";
import { explain } from "./explain.js";
import { TOO_FEW, count, interval, percent } from "./words.js";

const MARK = { width: 116, height: 14, pad: 4 };

/** A panel with its name (explained), tools at the right, and what is in it. */
export function panel(name, { lines = [], tools = [], spec = "section.panel.rp" } = {}, ...content) {
  return el(spec, { "aria-label": name }, el("div.rp-head", {}, el("h2", {}, explain(name, lines)), el("span.grow"), tools), content);
}

/** The button that saves a chart as a picture. */
export function pngButton(name, save) {
  const go = button(".icon-button.rp-tool", icon("download"), () => act(go, save), { title: "下载图片（PNG）", "aria-label": `下载图片：${name}` });
  return go;
}

/** The button that saves what a table shows for a spreadsheet; `rows`: lists of texts and numbers. */
export function csvButton(name, heads, rows) {
  const quoted = (value) => (/[",\n]/.test(String(value ?? "")) ? `"${String(value).replaceAll('"', '""')}"` : String(value ?? ""));
  const write = async () => {
    const lines = [heads, ...rows()].map((row) => row.map(quoted).join(","));
    // The mark at the beginning tells Excel that it is UTF-8.
    save(new Blob([`\ufeff${lines.join("\n")}\n`], { type: "text/csv" }), `${name}.csv`);
  };
  const go = button(".icon-button.rp-tool", icon("download"), () => act(go, write), { title: "下载表格（CSV）", "aria-label": `下载表格：${name}` });
  return go;
}

/** What `Report.explained` says of a figure; nothing if it says nothing. */
export const formula = (report, name) => report.explained?.[name]?.formula ?? "";

/** A figure's name with its formula on hover, both as the service says them. */
export const figure = (report, name, fallback) => explain(report.explained?.[name]?.name ?? fallback, formula(report, name));

/** A rate in words, for tips and screen readers: "72.4%，95% 区间 70.1–74.3%，n = 812". */
export function rateLine(rate) {
  if (rate.rate == null) return "没有会话";
  return `${percent(rate.rate)}（${count(rate.k)}/${count(rate.n)}），95% 区间 ${interval(rate)}${rate.greyed ? `，${TOO_FEW}` : ""}`;
}

/** What a picture must say that leaves the page: days and filters. */
export function scope({ query, report }) {
  const named = (cells, dimension) => cells.find((cell) => cell[dimension] === query[dimension])?.name ?? query[dimension];
  const filters = [
    query.channel && `渠道：${label("channels", query.channel)}`,
    query.tier && `会员等级：${named(report.tiers, "tier")}`,
    query.intent && `意图：${named(report.intents, "intent")}`,
  ];
  return [`${query.from} 至 ${query.to}`, ...filters.filter(Boolean)].join(" · ");
}

/** Where a rate lies between 0 and 100 %, how sure that is, and the aim if there is one. */
export function mark(rate, aim = null) {
  const x = (share) => MARK.pad + share * (MARK.width - 2 * MARK.pad);
  const middle = MARK.height / 2;
  const picture = svg("svg", { viewBox: `0 0 ${MARK.width} ${MARK.height}`, width: MARK.width, height: MARK.height, class: "mark", role: "img", "aria-label": rate.rate == null ? "没有数据" : `95% 区间 ${interval(rate)}` });
  picture.append(svg("line", { x1: x(0), x2: x(1), y1: middle, y2: middle, class: "track" }));
  if (aim != null) picture.append(svg("line", { x1: x(aim), x2: x(aim), y1: 1, y2: MARK.height - 1, class: "aim" }));
  if (rate.rate != null) {
    picture.append(
      svg("rect", { x: x(rate.low), width: Math.max(2, x(rate.high) - x(rate.low)), y: middle - 3, height: 6, rx: 3, class: "range" }),
      svg("circle", { cx: x(rate.rate), cy: middle, r: 3.5 }),
    );
  }
  return picture;
}

/** Nothing to show: why, and what to do about it. */
export function nothing(title, ...rest) {
  return el("section.panel.rp-empty", {}, el("span.rp-empty-icon", {}, icon("reports")), el("h2", {}, title), rest);
}

export const command = (text) => el("code.command", {}, text);

/** <table> with its head; `heads`: texts or elements. */
export function table(caption, heads, body) {
  return el("div.table-scroll", {}, el("table.rp-table", {}, el("caption.sr", {}, caption), el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col" }, head)))), body));
}
