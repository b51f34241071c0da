/* From a figure to the episodes behind it, and to what was said in them (masked by the service). */

import { api } from "../api.js";
import { act, loading } from "../dialog.js";
import { button, el, fill } from "../dom.js";
import { icon } from "../icons.js";
import { params } from "./query.js";
import { badges, transcript } from "./transcript.js";

const PAGE = 30;

/** Open the drawer. `cell`: the filters of GET /reports/episodes, or { one: id } for a single one. */
export function drill(title, cell) {
  const list = el("ul.drill-list");
  const words = el("div.drill-words", { hidden: true });
  const back = button(".btn.small", [icon("back"), "返回列表"], () => showList(), { hidden: true });
  const more = button(".btn.small", "更多会话", () => act(more, load), { hidden: true });
  const heading = el("h2", {}, title);
  const close = button(".icon-button", icon("close"), () => drawer.close(), { "aria-label": "关闭" });
  const listed = el("div.drill-listed", {}, list, more);
  const drawer = el("dialog.drawer", { "aria-label": `会话明细：${title}` }, el("header.drawer-head", {}, back, heading, el("span.grow"), close), el("p.faint", {}, "手机号、姓名、地址等已隐去；查看内容会记入审计日志。"), listed, words);
  let next = null;
  let opened = null;

  async function load() {
    const page = await api.get(`/reports/episodes?${params(cell, { after: next, limit: PAGE })}`);
    if (!next) list.replaceChildren();
    list.append(...page.items.map(line));
    next = page.next;
    more.hidden = !next;
    if (!list.childElementCount) list.append(el("li.empty", {}, "没有符合条件的会话"));
  }

  const line = (episode) => {
    const open = button(".drill-open", [el("span.drill-top", {}, badges(episode)), el("span.drill-first", {}, episode.first_words || "（没有文字）")], () => showWords(episode.id, open), { "aria-label": `查看会话：${episode.first_words}` });
    return el("li", {}, open);
  };

  async function showWords(id, from) {
    opened = from;
    listed.hidden = true;
    words.hidden = false;
    back.hidden = !from;
    fill(words);
    if (from) back.focus();
    await loading(words, async () => fill(words, transcript(await api.get(`/reports/episodes/${encodeURIComponent(id)}`))));
  }

  function showList() {
    listed.hidden = false;
    words.hidden = back.hidden = true;
    opened?.focus();
  }

  const leave = new AbortController();
  window.addEventListener("hashchange", () => drawer.close(), { signal: leave.signal });
  drawer.addEventListener("click", (event) => event.target === drawer && drawer.close());
  drawer.addEventListener("close", () => (leave.abort(), drawer.remove()));
  document.body.append(drawer);
  drawer.showModal();
  if (cell.one) showWords(cell.one, null);
  else loading(list, load);
}
