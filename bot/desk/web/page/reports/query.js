/* What is looked at: days and filters, kept in the address so that a link shows the same figures.
 *
 * Days are the shop's (Asia/Shanghai, no daylight saving), whatever clock the reader's computer has.
 */

const DAY_MS = 86_400_000;
const SHOP_MS = 8 * 3_600_000;
const IS_DAY = /^\d{4}-\d{2}-\d{2}$/;
const FILTERS = ["channel", "tier", "intent"];

export const PRESETS = [7, 30, 90];
export const DEFAULT_DAYS = 30;

export const today = () => new Date(Date.now() + SHOP_MS).toISOString().slice(0, 10);
export const shift = (day, days) => new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
export const daysBetween = (from, to) => Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS) + 1;

/** The last `days` days, today among them. */
export const lastDays = (days) => ({ from: shift(today(), 1 - days), to: today() });

/** { from, to, channel, tier, intent } of "days=30&channel=wechat" or "from=…&to=…"; nonsense is left out. */
export function read(text) {
  const given = new URLSearchParams(text);
  const [from, to] = [given.get("from"), given.get("to")];
  const days = Number(given.get("days"));
  const range = IS_DAY.test(from) && IS_DAY.test(to) && from <= to ? { from, to } : lastDays(PRESETS.includes(days) ? days : DEFAULT_DAYS);
  return { ...range, ...Object.fromEntries(FILTERS.map((name) => [name, given.get(name) ?? ""])) };
}

/** The address' part; a preset stays one, so that tomorrow the link means tomorrow. */
export function write(query) {
  const out = new URLSearchParams();
  const preset = presetOf(query);
  if (preset) out.set("days", preset);
  else for (const name of ["from", "to"]) out.set(name, query[name]);
  for (const name of FILTERS) if (query[name]) out.set(name, query[name]);
  return out.toString();
}

export const presetOf = ({ from, to }) => PRESETS.find((days) => to === today() && from === shift(to, 1 - days)) ?? null;

/** For the service: always days, and only filters that are set. */
export function params(query, more = {}) {
  const out = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...query, ...more })) {
    if (value !== "" && value !== null && value !== undefined) out.set(name, value);
  }
  return out.toString();
}
