/* The figures of a time: loads one report and lays it out; every part below draws from that one answer. */

import { api } from "../api.js";
import { loading } from "../dialog.js";
import { button, el, fill } from "../dom.js";
import { breakdowns } from "./breakdown.js";
import { filterBar } from "./filters.js";
import { hero } from "./hero.js";
import { nowLine } from "./now.js";
import { command, nothing } from "./parts.js";
import { lastDays, params } from "./query.js";
import { money, moods, outcomes, reasons, satisfaction, times } from "./sections.js";
import { tiles } from "./tiles.js";
import { count, shopTime } from "./words.js";

export function overview(place, { query, setQuery, signal, drill }) {
  const body = el("div.rp-body", { "aria-live": "off" });
  const note = el("p.faint.rp-note", { role: "status" });
  const bar = filterBar(query, (next) => setQuery(next));
  const charts = [];
  signal.addEventListener("abort", () => charts.forEach((chart) => chart.destroy()));
  fill(place, bar.element, el("div.rp-line", {}, note, nowLine(signal)), body);
  bar.refocus();

  loading(body, async () => {
    const report = await api.get(`/reports?${params(query)}`);
    if (signal.aborted) return;
    bar.offer(report);
    note.textContent = said(report);
    if (!report.episodes) return fill(body, empty());
    const view = {
      report,
      query,
      keep: (chart) => (charts.push(chart), chart),
      drill: (title, cell = {}) => drill(title, { ...query, ...cell }),
    };
    fill(
      body,
      hero(view),
      tiles(view),
      el("div.rp-split.wide", {}, outcomes(view), reasons(view)),
      breakdowns(view),
      el("div.rp-three", {}, satisfaction(view), moods(view), times(view)),
      money(view),
    );
  });

  const empty = () => {
    if (query.channel || query.tier || query.intent) {
      const clear = button(".btn.primary", "清除筛选", () => setQuery({ ...query, channel: "", tier: "", intent: "" }));
      return nothing("这个条件下没有会话", el("p", {}, "换一个渠道、会员等级或意图，或者放宽日期。"), clear);
    }
    return nothing(
      "这段时间还没有会话",
      el("p", {}, "会话结束后（网页与微信静默 30 分钟、电话挂断）就会出现在这里。想先看看报表的样子，可以在服务器上生成一段演示历史："),
      command("yingda simulate --days 30 --customers 5000"),
      el("p", {}, "生成后刷新本页。"),
      query.from === lastDays(90).from ? null : button(".btn", "看近 90 天", () => setQuery({ ...query, ...lastDays(90) })),
    );
  };
}

function said(report) {
  const parts = [`${shopTime(report.made_at)} 的数据`, `共 ${count(report.episodes)} 个已结束的会话，其中 ${count(report.eligible)} 个计入`];
  if (report.in_progress) parts.push(`${count(report.in_progress)} 个进行中（不计）`);
  return parts.join(" · ");
}
