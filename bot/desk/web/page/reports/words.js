/* How figures are written, and what outcomes are called and coloured everywhere. */

import { COLORS, percent } from "../chart.js";

/** The seven outcomes, best first; names as the service has them (tested). */
export const OUTCOMES = [
  ["automated_confirmed", "机器人解决（客户确认）", COLORS.green],
  ["automated_fulfilled", "机器人解决", COLORS.greenLight],
  ["handed_off", "人工处理", COLORS.blue],
  ["abandoned", "客户离开", COLORS.sand],
  ["unresolved", "未解决", COLORS.amber],
  ["handoff_failed", "转人工未接通", COLORS.rust],
  ["bot_error", "系统出错", COLORS.red],
];

export const EXCLUDED = { greeting_only: "只打了招呼", spam: "无效会话", test: "内部测试", proactive: "我方主动发起" };
export const LEVELS = [
  ["none", "平稳", COLORS.greenLight],
  ["light", "轻度不满", COLORS.sand],
  ["medium", "明显不满", COLORS.amber],
  ["severe", "激烈", COLORS.red],
];
/** What we set out to reach with a figure. */
export const aimOf = (report, figure) => report.aims.find((one) => one.figure === figure)?.aim ?? null;
export const TOO_FEW = "少于 30 个会话，只供参考";

export { percent };

const grouped = new Intl.NumberFormat("zh-CN");
export const count = (value) => (value == null ? "—" : grouped.format(value));

/** "70.1–74.3%" */
export const interval = ({ low, high }) => (low == null ? "—" : `${(low * 100).toFixed(1)}–${percent(high)}`);

/** A duration in seconds as one says it. */
export function seconds(value) {
  if (value == null) return "—";
  if (value < 10) return `${Number(value.toFixed(value < 1 ? 2 : 1))} 秒`;
  if (value < 60) return `${Math.round(value)} 秒`;
  const whole = Math.round(value);
  if (whole < 3600) return two(Math.floor(whole / 60), "分", whole % 60, "秒");
  const minutes = Math.round(whole / 60);
  return two(Math.floor(minutes / 60), "小时", minutes % 60, "分");
}

const two = (large, unit, small, rest) => `${large} ${unit}${small ? ` ${small} ${rest}` : ""}`;

export const yuan = (value) => `${new Intl.NumberFormat("zh-CN", { minimumFractionDigits: 0, maximumFractionDigits: Math.abs(value) < 100 ? 2 : 0 }).format(value)} 元`;

const weekday = new Intl.DateTimeFormat("zh-CN", { month: "long", day: "numeric", weekday: "short", timeZone: "UTC" });
export const shortDay = (day) => `${+day.slice(5, 7)}/${+day.slice(8)}`;
export const longDay = (day) => weekday.format(new Date(`${day}T00:00:00Z`));

const shop = new Intl.DateTimeFormat("zh-CN", {
  month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai",
});
/** An instant in the shop's time, as days are the shop's too. */
export const shopTime = (at) => shop.format(new Date(at));
