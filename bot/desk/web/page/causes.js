/* What upset customers in a week: the top three with share, trend, sentences, goods and carriers. */

import { api } from "./api.js";
import { loading } from "./dialog.js";
import { button, el, fill } from "./dom.js";

const percent = (share) => `${Math.round(share * 1000) / 10}%`;

export function causesPage(place, desk, signal, chosen, go) {
  const body = el("div.causes", {});
  const title = el("p.faint", { role: "status" });
  const csv = el("a.btn", { href: "#", download: "" }, "导出 CSV");

  const load = (week) =>
    loading(body, async () => {
      const report = await api.get(`/care/causes${week ? `?week=${encodeURIComponent(week)}` : ""}`);
      if (signal.aborted) return;
      title.textContent = `${report.from} 至 ${report.to}${report.complete ? "" : "（本周未结束）"}`;
      csv.setAttribute("href", `/api/desk/care/causes.csv?week=${report.week}`);
      fill(steps, button(".btn", "上一周", () => go(`causes/${shift(report.from, -7)}`)), !report.complete ? null : button(".btn", "下一周", () => go(`causes/${shift(report.from, 7)}`)), csv);
      fill(body, tiles(report), report.causes.length ? report.causes.map(cause) : el("p.empty", {}, "这一周没有客户不满的个案"));
    });

  const steps = el("div.filters", {});
  fill(place, el("header.page-head", {}, el("h1", {}, "不满原因"), title, el("span.grow"), steps), body);
  load(chosen);
}

function tiles(report) {
  const before = report.cases_before;
  const tile = (name, value, note) => el("div.tile", {}, el("span", {}, name), el("b", {}, value), note && el("small", {}, note));
  return el(
    "div.tiles",
    {},
    tile("个案", report.cases, before ? `上周 ${before}` : "上周没有"),
    tile("客户", report.customers),
    tile("重度", report.levels.severe),
    tile("曾超时", report.late),
    tile("重新打开", report.reopened),
    tile("转好 / 处理 / 流失", `${report.endings.turned_positive} / ${report.endings.settled} / ${report.endings.lost}`),
  );
}

function cause(one, place) {
  const width = Math.max(2, Math.round(one.share * 100));
  const bar = el("meter.share", { min: 0, max: 100, value: width, "aria-hidden": "true" });
  const head = el(
    "header.cause-head",
    {},
    one.top && el("span.place", {}, `第 ${place + 1}`),
    el("h2", {}, one.cause),
    el("b", {}, `${one.cases} 件 · ${percent(one.share)}`),
    trend(one),
  );
  if (!one.top) return el("section.panel.cause.small-cause", {}, head, bar);
  const named = (name, list) => list.length > 0 && [el("dt", {}, name), el("dd", {}, list.map((item) => `${item.name}（${item.cases}）`).join("、"))];
  return el(
    "section.panel.cause",
    { "aria-label": one.cause },
    head,
    bar,
    one.examples.length > 0 && el("ul.examples", {}, one.examples.map((text) => el("li", {}, `“${text}”`))),
    el("dl.facts", {}, [el("dt", {}, "程度"), el("dd", {}, `重度 ${one.levels.severe}，中度 ${one.levels.medium}，轻度 ${one.levels.light}`)], named("涉及商品", one.products), named("承运商", one.carriers)),
  );
}

function trend(one) {
  if (one.change == null) return el("span.trend", {}, "上周无数据");
  const points = Math.round(one.change * 1000) / 10;
  const word = points > 0 ? `↑ ${points}` : points < 0 ? `↓ ${-points}` : "持平";
  return el("span.trend", { "data-trend": points > 0 ? "up" : points < 0 ? "down" : "same" }, points === 0 ? "占比与上周持平" : `占比较上周 ${word} 个百分点`);
}

/** The ISO week of a day some days away from a Monday: "2026-W47". */
function shift(monday, days) {
  const day = new Date(`${monday}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() + days + 3); // its Thursday says which year it belongs to
  const first = new Date(Date.UTC(day.getUTCFullYear(), 0, 4));
  const week = 1 + Math.round(((day - first) / 86_400_000 - 3 + ((first.getUTCDay() + 6) % 7)) / 7);
  return `${day.getUTCFullYear()}-W${String(week).padStart(2, "0")}`;
}
