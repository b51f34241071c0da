/* Days, channel, tier and intent. */

import { button, el } from "../dom.js";
import { options } from "../meta.js";
import { PRESETS, lastDays, params, presetOf, today } from "./query.js";

const FIRST_DAY = "2020-01-01"; // a year that is half typed is not meant
const known = { tier: new Map(), intent: new Map() }; // what reports named so far: a filtered one names less

const nameOf = (control) => control?.getAttribute("aria-label") ?? control?.textContent ?? null;
let used = null; // the control that changed the query: the page is built anew, the hand stays where it was

/** `onlyDays`: no other filter and no CSV. */
export function filterBar(query, change, { onlyDays = false } = {}) {
  const preset = presetOf(query);
  const onChange = (next) => {
    used = nameOf(document.activeElement);
    change(next);
  };
  const presets = PRESETS.map((days) =>
    button(".filter", `近 ${days} 天`, () => onChange({ ...query, ...lastDays(days) }), { "aria-pressed": String(preset === days) }),
  );
  const from = dayInput("开始日期", query.from);
  const to = dayInput("结束日期", query.to);
  const changed = () => {
    if (!from.checkValidity() || !to.checkValidity()) return; // still being typed
    const [first, last] = from.value <= to.value ? [from.value, to.value] : [to.value, from.value];
    onChange({ ...query, from: first, to: last });
  };
  for (const input of [from, to]) input.addEventListener("change", changed);
  const selects = {
    channel: select("渠道", "全部渠道", options("channels"), query.channel),
    tier: select("会员等级", "全部等级", [...known.tier], query.tier),
    intent: select("意图", "全部意图", [...known.intent], query.intent),
  };
  for (const [name, one] of Object.entries(selects)) one.addEventListener("change", () => onChange({ ...query, [name]: one.value }));
  const csv = el("a.btn.small.rp-csv", { href: `/api/desk/reports.csv?${params(query)}`, download: `yingda-${query.from}-${query.to}.csv` }, "下载 CSV");
  const element = el(
    "div.rp-filters",
    { role: "group", "aria-label": "报表筛选" },
    el("div.filters.rp-presets", { role: "group", "aria-label": "时间范围" }, presets),
    el("span.rp-range", {}, from, el("span.faint", { "aria-hidden": "true" }, "至"), to),
    onlyDays ? null : [Object.values(selects), el("span.grow"), csv],
  );
  return {
    element,
    /** Back to the control that brought us here; call it when the bar is on the page. */
    refocus() {
      const control = [...element.querySelectorAll("input, select, button")].find((one) => nameOf(one) === used);
      used = null;
      control?.focus({ preventScroll: true });
    },
    /** Add the tiers and intents that this report names. */
    offer(report) {
      for (const [name, cells] of [["tier", report.tiers], ["intent", report.intents]]) {
        for (const cell of cells) {
          if (cell[name] == null || known[name].has(cell[name])) continue;
          known[name].set(cell[name], cell.name);
          selects[name].append(el("option", { value: cell[name] }, cell.name));
        }
        selects[name].value = query[name];
      }
    },
  };
}

function dayInput(label, value) {
  const input = el("input", { type: "date", "aria-label": label, min: FIRST_DAY, max: today(), required: true });
  input.value = value;
  return input;
}

function select(label, all, pairs, value) {
  const element = el("select", { "aria-label": label });
  const offered = value && !pairs.some(([id]) => id === value) ? [...pairs, [value, value]] : pairs;
  for (const [id, text] of [["", all], ...offered]) element.append(el("option", { value: id }, text));
  element.value = value;
  return element;
}
