/* Left: my conversations, the queue, what is put off, and (for supervisors) everything. */

import { api, of } from "./api.js";
import { act, toast } from "./dialog.js";
import { button, el, fill, keyed } from "./dom.js";
import { moment, tick } from "./time.js";
import { SLA, STATUS, alarmText, channelIcon, lastSaid, light, tierBadge } from "./words.js";

const ALL_EVERY_MS = 5_000;
const EMPTY = {
  mine: ["现在没有会话", "保持在线，新会话会自动分配给你。"],
  queue: ["没有客户在排队", "大家都照顾好了。"],
  snoozed: ["没有稍后处理的会话", "客户再次发言或到时间，会自动回到「我的会话」。"],
  all: ["现在没有进行中的会话", ""],
};

export class List {
  #tab = "mine";
  #tabs = new Map();
  #dirty = false;

  /** actions: { open(conversation) } */
  constructor(desk, actions, signal) {
    this.desk = desk;
    this.actions = actions;
    this.selected = null;
    const names = [["mine", "我的会话"], ["queue", "排队"], ["snoozed", "稍后"]];
    if (desk.supervisor) names.push(["all", "全部"]);
    this.bar = el("div.tabs", { role: "tablist", "aria-label": "会话列表", onkeydown: (event) => this.#onKey(event) });
    for (const [name, label] of names) {
      const count = el("span.count", {});
      const tab = button(".tab", "", () => this.show(name), { role: "tab", id: `tab-${name}`, "aria-controls": "list" });
      tab.append(label, count);
      this.#tabs.set(name, { tab, count });
      this.bar.append(tab);
    }
    this.rows = el("ul.items", {});
    this.empty = el("div.empty", { hidden: true });
    this.more = el("p.more-items", { hidden: true });
    this.element = el(
      "section.list",
      { "aria-label": "会话" },
      this.bar,
      el("div.list-body", { id: "list", role: "tabpanel" }, this.rows, this.more, this.empty),
    );
    desk.on("lists", () => this.render(), signal);
    for (const kind of ["item", "gone", "queue", "agents"]) desk.on(`frame:${kind}`, () => (this.#dirty = true), signal);
    const timer = setInterval(() => this.#refreshAll(), ALL_EVERY_MS);
    signal.addEventListener("abort", () => clearInterval(timer));
    this.show("mine");
  }

  show(name) {
    this.#tab = name;
    if (name === "all") this.desk.loadAll().catch((failure) => toast(failure.message, "bad"));
    this.render();
  }

  select(conversation) {
    this.selected = conversation;
    this.render();
  }

  /** The conversation `step` rows further in the list that is shown. */
  neighbour(step) {
    const ids = this.#items().map((item) => item.conversation);
    if (!ids.length) return null;
    const at = ids.indexOf(this.selected);
    return ids[at < 0 ? (step > 0 ? 0 : ids.length - 1) : (at + step + ids.length) % ids.length];
  }

  #items() {
    const items = this.desk.list(this.#tab);
    return this.#tab === "mine" ? items.sort(byNeed) : items;
  }

  #refreshAll() {
    if (this.#tab !== "all" || !this.#dirty || document.hidden) return;
    this.#dirty = false;
    this.desk.loadAll().catch(() => (this.#dirty = true));
  }

  render() {
    for (const [name, { tab, count }] of this.#tabs) {
      const on = name === this.#tab;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      const number = name === "all" && this.desk.lists.all === null ? "" : this.desk.count(name);
      count.textContent = number === 0 ? "" : String(number);
      const unread = name === "mine" && this.desk.list("mine").some((item) => item.unread && item.conversation !== this.selected);
      count.classList.toggle("hot", unread || (name === "queue" && Number(number) > 0));
    }
    const items = this.#items();
    const shown = items.map((item) => ({ ...item, chosen: item.conversation === this.selected, tab: this.#tab, hinted: this.desk.hinted.has(item.conversation) }));
    keyed(this.rows, shown, (item) => item.conversation, (item) => this.#row(item));
    const [title, text] = this.desk.snapshotSeen ? EMPTY[this.#tab] : ["加载中…", ""];
    this.empty.hidden = items.length > 0;
    fill(this.empty, el("b", {}, title), text && el("p", {}, text));
    const beyond = this.#tab === "queue" ? this.desk.count("queue") - items.length : 0;
    this.more.hidden = beyond <= 0;
    this.more.textContent = `还有 ${beyond} 位客户在后面排队`;
    tick(this.element);
  }

  #row(item) {
    const waiting = item.status === "waiting";
    const since = waiting ? item.waiting_since : item.unanswered_since;
    const unread = item.chosen ? 0 : item.unread;
    const open = el(
      "button.item-open",
      {
        type: "button",
        "aria-current": item.chosen ? "true" : null,
        "data-role": "open",
        onclick: () => this.actions.open(item.conversation),
      },
      el(
        "span.item-top",
        {},
        channelIcon(item),
        el("span.item-name", {}, item.customer_name),
        tierBadge(item),
        el("span.grow"),
        since && el("span.item-wait", { "data-since": since, "data-before": waiting ? "等 " : "未回 " }),
      ),
      el(
        "span.item-mid",
        {},
        light(item.emotion?.light, item.emotion?.score),
        item.reason_text && el("span.chip", {}, item.reason_text),
        item.alarm && el("span.chip.alarm", {}, alarmText(item)),
        item.hinted && el("span.chip.hint-chip", {}, "主管提示"),
        item.snoozed_until && el("span.chip.quiet", {}, `${moment(item.snoozed_until)} 提醒`),
        item.tab === "all" && el("span.chip.quiet", {}, item.agent?.name ?? STATUS[item.status]),
        el("span.grow"),
        item.sla_due && el("span.sla", { "data-due": item.sla_due, title: SLA }),
      ),
      el(
        "span.item-last",
        {},
        el("span.item-text", {}, lastSaid(item) || "还没有消息"),
        unread > 0 && el("span.unread", { "aria-label": `${unread} 条未读` }, unread > 99 ? "99+" : unread),
      ),
    );
    const row = el("li.item", { "data-light": item.emotion?.light, "data-alarm": item.alarm }, open);
    if (item.chosen) row.classList.add("chosen");
    if (item.tab === "queue") {
      const take = button(".btn.small.primary.take", "接待", () => this.#take(take, item), { "data-role": "take", "aria-label": `接待 ${item.customer_name}` });
      row.append(take);
    }
    return row;
  }

  async #take(pressed, item) {
    const taken = await act(pressed, async () => {
      this.desk.taking = item.conversation; // no news to whoever takes it
      await api.post(of(item.conversation, "/take"));
      await this.desk.refresh(item.conversation);
      return true;
    });
    if (!taken) return;
    this.show("mine");
    this.actions.open(item.conversation);
  }

  #onKey(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step || event.altKey) return;
    const names = [...this.#tabs.keys()];
    const next = names[(names.indexOf(this.#tab) + step + names.length) % names.length];
    this.show(next);
    this.#tabs.get(next).tab.focus();
    event.preventDefault();
  }
}

/** Who waits for an answer comes first, the longest wait on top; then the newest word. */
function byNeed(a, b) {
  if (Boolean(a.unanswered_since) !== Boolean(b.unanswered_since)) return a.unanswered_since ? -1 : 1;
  if (a.unanswered_since) return Date.parse(a.unanswered_since) - Date.parse(b.unanswered_since);
  return Date.parse(b.last?.at ?? 0) - Date.parse(a.last?.at ?? 0);
}
