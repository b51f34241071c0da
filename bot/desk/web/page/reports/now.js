/* How it stands this moment, in one line; the whole picture is the wall. */

import { api } from "../api.js";
import { el, fill } from "../dom.js";
import { span } from "../time.js";

const EVERY_MS = 10_000;

export function nowLine(signal) {
  const element = el("div.rp-now", { role: "group", "aria-label": "现在" });
  const one = (name, value, kind = null, id = null) => el("span", { "data-kind": kind }, `${name} `, el("b", { "data-now": id }, value));

  const look = async () => {
    const { counts, longest_wait_s: longest, sla_broken: broken, sla_at_risk: soon, agents } = await api.get("/wall");
    if (signal.aborted) return;
    fill(
      element,
      el("i.rp-pulse", { "aria-hidden": "true" }),
      el("b", {}, "现在"),
      one("小禾接待", counts.bot, null, "bot"),
      one("人工接待", counts.assigned, null, "assigned"),
      one("排队", counts.waiting ? `${counts.waiting}（最长 ${span(longest)}）` : "0", counts.waiting ? "warm" : null, "waiting"),
      one("在线坐席", agents.filter((agent) => agent.presence === "online").length, null, "online"),
      one("SLA", broken ? `${broken} 个超时` : soon ? `${soon} 个即将超时` : "正常", broken ? "hot" : soon ? "warm" : null, "sla"),
      el("a", { href: "#/wall" }, "打开监控"),
    );
  };

  const quietly = () => document.hidden || look().catch(() => element.replaceChildren()); // never an old "now"
  quietly();
  const timer = setInterval(quietly, EVERY_MS);
  signal.addEventListener("abort", () => clearInterval(timer));
  return element;
}
