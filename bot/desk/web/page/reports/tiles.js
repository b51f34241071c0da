/* The figures beside the rate, so that none of them can hide behind it. */

import { button, el } from "../dom.js";
import { figure, rateLine } from "./parts.js";
import { TOO_FEW, count, interval, percent } from "./words.js";

export function tiles({ report, drill }) {
  const tile = (key, name, cell) => {
    const rate = report[key];
    return el(
      "div.tile.rp-tile",
      { "data-greyed": rate.greyed, title: rate.greyed ? TOO_FEW : null },
      el("span", {}, figure(report, key, name)),
      cell
        ? button(".rp-figure", percent(rate.rate), () => drill(report.explained?.[key]?.name ?? name, cell), { "data-figure": key, "aria-label": `${name} ${rateLine(rate)}，查看会话`, title: "查看会话" })
        : el("b.rp-figure", { "data-figure": key }, percent(rate.rate)),
      el("small", {}, rate.rate == null ? "没有数据" : `${count(rate.k)} 个 · ${interval(rate)}`),
    );
  };
  return el(
    "div.rp-tiles",
    { role: "group", "aria-label": "其他比率" },
    volume(report),
    tile("containment", "未转人工率", { handed: false }),
    tile("handoff", "转人工率", { handed: true }),
    tile("repeats_72h", "72 小时重复来访率", { repeated: true }),
    tile("abandonment", "客户离开率", { outcome: "abandoned" }),
    tile("bot_errors", "系统出错率", { outcome: "bot_error" }),
  );
}

/** How much there was to begin with. */
function volume(report) {
  const few = report.automation.greyed;
  return el(
    "div.tile.rp-tile",
    { "data-greyed": few, title: few ? TOO_FEW : null },
    el("span", {}, figure(report, "eligible", "有效会话")),
    el("b.rp-figure", { "data-figure": "eligible" }, count(report.eligible)),
    el("small", {}, `已结束 ${count(report.episodes)} 个`),
  );
}
