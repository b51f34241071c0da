/* The reports' pages under one roof: #/reports/<tab>?<query>. For supervisors and administrators. */

import { el, fill } from "../dom.js";
import { drill } from "./drill.js";
import { gaps } from "./gaps.js";
import { overview } from "./overview.js";
import { params, read, write } from "./query.js";
import { review } from "./review.js";

const TABS = {
  overview: ["总览", overview],
  gaps: ["没听懂的话", gaps],
  review: ["人工抽检", review],
};

/** Other pages of the desk that belong here; who may not see them has no link to them in the rail. */
const NEIGHBOURS = { causes: "不满原因", wall: "实时监控" };
const mayOpen = (page) => document.querySelector(`.rail a[data-page="${page}"]`) !== null;

export function reportsPage(place, desk, signal, rest, go) {
  const [name, text = ""] = rest.split("?");
  const tab = TABS[name] ? name : "overview";
  const query = read(text);
  const address = (to, next) => `reports/${to}?${write(next)}`;
  const link = (to, label) => el("a.tab-link", { href: `#/${address(to, query)}`, "aria-current": to === tab ? "page" : null }, label);
  const body = el("div.rp-tab");
  fill(
    place,
    el(
      "header.page-head.rp-page-head",
      {},
      el("h1", {}, "报表"),
      el("nav.tab-links", { "aria-label": "报表页面" }, Object.entries(TABS).map(([to, [label]]) => link(to, label)), Object.entries(NEIGHBOURS).filter(([page]) => mayOpen(page)).map(([page, label]) => el("a.tab-link", { href: `#/${page}` }, label))),
    ),
    body,
  );
  TABS[tab][1](body, { desk, query, signal, drill, params, setQuery: (next) => go(address(tab, next)) });
}
