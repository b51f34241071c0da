/* Instants and spans as agents read them; shop time is the reader's own. */

const clock = new Intl.DateTimeFormat("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false });
const short = new Intl.DateTimeFormat("zh-CN", {
  month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false,
});
const day = new Intl.DateTimeFormat("zh-CN", { month: "long", day: "numeric", weekday: "short" });

const SOON_S = 120; // a deadline nearer than this turns amber

export const hm = (at) => (at ? clock.format(new Date(at)) : "");

/** "14:05" today, "11/21 14:05" before; text that is no instant is returned as it came. */
export function moment(at) {
  if (!at) return "";
  if (/^\d{4}-\d{2}-\d{2}$/.test(at)) return `${+at.slice(5, 7)}/${+at.slice(8)}`;
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return String(at);
  return date.toDateString() === new Date().toDateString() ? clock.format(date) : short.format(date);
}

export function dayLabel(at) {
  const date = new Date(at);
  const days = Math.round((midnight(new Date()) - midnight(date)) / 86_400_000);
  return days === 0 ? "今天" : days === 1 ? "昨天" : day.format(date);
}

const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();

/** "02:15" below an hour, "1小时05分", "2天3小时". */
export function span(seconds) {
  const s = Math.max(0, Math.round(seconds));
  if (s < 3600) return `${two(Math.floor(s / 60))}:${two(s % 60)}`;
  if (s < 86_400) return `${Math.floor(s / 3600)}小时${two(Math.floor((s % 3600) / 60))}分`;
  return `${Math.floor(s / 86_400)}天${Math.floor((s % 86_400) / 3600)}小时`;
}

/** A span in words, for expectations: "约 4 分钟". */
export const about = (seconds) =>
  seconds < 60 ? "不到 1 分钟" : `约 ${Math.round(seconds / 60)} 分钟`;

const two = (n) => String(n).padStart(2, "0");

/* What ticks: elements with data-since (a moment in the past) or data-due (a deadline). */

export function tick(root = document) {
  const now = Date.now();
  for (const node of root.querySelectorAll("[data-since]")) {
    write(node, `${node.dataset.before ?? ""}${span((now - Date.parse(node.dataset.since)) / 1000)}`);
  }
  for (const node of root.querySelectorAll("[data-due]")) {
    const left = (Date.parse(node.dataset.due) - now) / 1000;
    const state = left < 0 ? "late" : left < SOON_S ? "soon" : "fine";
    if (node.dataset.state !== state) node.dataset.state = state;
    const label = node.dataset.label ?? "";
    write(node, left < 0 ? `${label}超时 ${span(-left)}` : `${label}剩 ${span(left)}`);
  }
}

function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

setInterval(() => tick(), 1000);
