/* Words that the service keeps: skills, dispositions, kinds of cases … fetched once a log-in. */

import { api } from "./api.js";

let known = {};

export async function loadMeta() {
  known = await api.get("/meta");
}

/** [[value, label], …] of a list of the service; both shapes (strings, {id, text}) are taken. */
export function options(name) {
  const list = known[name] ?? [];
  const pairs = Array.isArray(list)
    ? list.map((one) => (typeof one === "string" ? [one, one] : [one.id, one.text ?? one.name ?? one.id]))
    : Object.entries(list);
  return pairs;
}

export const label = (name, value) => options(name).find(([id]) => id === value)?.[1] ?? value ?? "";
