/* The conversation on screen: who said what, how it was felt, notes between, what is going out. */

import { fileUrl } from "./api.js";
import { renderCard } from "./card.js";
import { el, fill, keyed } from "./dom.js";
import { icon } from "./icons.js";
import { dayLabel, hm } from "./time.js";
import { light } from "./words.js";

const NEAR_BOTTOM_PX = 90;
const NEAR_TOP_PX = 120;
const GROUP_MS = 5 * 60_000;
const PLACEHOLDERS = new Set(["[图片]", "[文件]"]);

export class Log {
  #loading = false;
  #conversation = null;

  /** actions: { earlier() → promise, retry(item), drop(item), clear(seq) } */
  constructor(actions) {
    this.actions = actions;
    this.top = el("p.log-top", { hidden: true }, "正在加载更早的消息…");
    this.rows = el("div.rows");
    this.pending = el("div.rows.pending");
    this.typing = el("p.typing-line", { hidden: true }, el("i"), el("i"), el("i"), el("span", {}, "客户正在输入"));
    this.list = el(
      "div.log",
      { role: "log", "aria-live": "polite", "aria-relevant": "additions", "aria-label": "对话内容", tabindex: 0 },
      this.top, this.rows, this.pending, this.typing,
    );
    this.jump = el("button.jump", { type: "button", hidden: true, onclick: () => this.toBottom() }, "有新消息 ↓");
    this.element = el("div.log-frame", {}, this.list, this.jump);
    this.list.addEventListener("scroll", () => this.#onScroll(), { passive: true });
    // Pictures that load late must not push the newest words out of sight.
    this.rows.addEventListener("load", () => this.#stick && this.toBottom(), true);
    // Nor may a growing composer or a line in the head.
    new ResizeObserver(() => this.#stick && this.toBottom()).observe(this.list);
  }

  #stick = true; // the newest words stay in sight until the reader scrolls up
  #lastTop = 0;

  render(conversation) {
    const changed = this.#conversation !== conversation;
    this.#conversation = conversation;
    const stick = changed || this.#stick;
    const latest = this.rows.lastElementChild?.dataset.key;
    const entries = withStamps(conversation.timeline());
    keyed(this.rows, entries, (entry) => entry.key, (entry) => this.#entry(entry));
    keyed(this.pending, [...conversation.pending.values()], (item) => item.client_id, (item) => this.#pendingRow(item));
    if (stick) this.toBottom();
    else if (latest !== this.rows.lastElementChild?.dataset.key) this.jump.hidden = false;
  }

  clear(text) {
    this.#conversation = null;
    fill(this.rows, text && el("p.loading", {}, text));
    this.pending.replaceChildren();
    this.setTyping(null);
  }

  setTyping(name) {
    this.typing.hidden = !name;
    if (name) this.typing.lastElementChild.textContent = `${name}正在输入`;
    if (this.#stick) this.toBottom();
  }

  toBottom() {
    this.list.scrollTop = this.list.scrollHeight;
    this.#stick = true;
    this.jump.hidden = true;
  }

  /** Bring a message into view and mark it for a moment; false if it is not loaded. */
  reveal(seq) {
    const row = this.rows.querySelector(`[data-seq="${Number(seq)}"]`);
    if (!row) return false;
    this.#stick = false;
    row.scrollIntoView({ block: "center" });
    row.classList.remove("marked");
    requestAnimationFrame(() => row.classList.add("marked"));
    row.tabIndex = -1;
    row.focus({ preventScroll: true });
    return true;
  }

  async #onScroll() {
    const { scrollTop } = this.list;
    if (this.#nearBottom()) this.#stick = true;
    else if (scrollTop < this.#lastTop) this.#stick = false;
    this.#lastTop = scrollTop;
    if (this.#stick) this.jump.hidden = true;
    if (this.#loading || this.list.scrollTop > NEAR_TOP_PX || !this.#conversation?.more) return;
    this.#loading = true;
    this.top.hidden = false;
    const conversation = this.#conversation;
    const before = this.list.scrollHeight - this.list.scrollTop;
    try {
      const got = await this.actions.earlier();
      if (got && conversation === this.#conversation) {
        this.list.setAttribute("aria-live", "off"); // old words are no news
        this.#stick = false;
        this.render(conversation);
        this.list.scrollTop = this.list.scrollHeight - before;
        setTimeout(() => this.list.setAttribute("aria-live", "polite"), 300);
      }
    } finally {
      this.#loading = false;
      this.top.hidden = true;
    }
  }

  #nearBottom() {
    const { scrollHeight, scrollTop, clientHeight } = this.list;
    return scrollHeight - scrollTop - clientHeight < NEAR_BOTTOM_PX;
  }

  #entry({ kind, value }) {
    if (kind === "stamp") return el("p.stamp", {}, value);
    return kind === "note" ? noteRow(value) : messageRow(value, this.#conversation.may("reveal") && this.actions.clear);
  }

  #pendingRow(item) {
    const failed = item.state === "failed";
    return el(
      `div.row.agent.${item.state}`,
      {},
      bubble(item.text),
      attachments(item.files),
      el(
        "p.meta",
        failed ? { role: "alert" } : {},
        failed ? item.error : "发送中…",
        failed && el("button.link", { type: "button", onclick: () => this.actions.retry(item) }, "重新发送"),
        failed && el("button.link", { type: "button", onclick: () => this.actions.drop(item) }, "放弃"),
      ),
    );
  }
}

/** `clear(seq)` shows a masked message as it was written, to whoever may see it. */
function messageRow(message, clear) {
  if (message.author === "system") return el("p.notice-line", { "data-seq": message.seq }, message.text);
  const who = { customer: "客户", bot: "小禾", agent: message.agent_name ?? "客服" }[message.author];
  const words = message.files?.length && PLACEHOLDERS.has(message.text) ? "" : message.text;
  return el(
    `div.row.${message.author}`,
    { "data-seq": message.seq, "data-light": message.light },
    el("p.who", {}, who, el("time", { datetime: message.at }, hm(message.at))),
    bubble(words),
    renderCard(message.card),
    attachments(message.files),
    choices(message.quick_replies),
    el(
      "p.meta",
      {},
      meaning(message),
      clear && message.text.includes("****") && el("button.link", { type: "button", onclick: () => clear(message.seq) }, "查看原文"),
      delivery(message),
    ),
  );
}

const bubble = (text) => (text ? el("div.bubble", {}, text) : null);

function choices(replies) {
  if (!replies?.length) return null;
  return el("p.offered", { "aria-label": "快捷选项" }, replies.map(({ title }) => el("span", {}, title)));
}

/** What the sentence was understood as, and how it was felt. */
function meaning(message) {
  const wordless = message.files?.length && PLACEHOLDERS.has(message.text);
  if (message.author !== "customer" || wordless) return null;
  const sure = message.confidence == null ? "" : `把握 ${Math.round(message.confidence * 100)}%`;
  return [
    light(message.light),
    (message.intent_name ?? message.intent) && el("span.intent", { title: sure }, message.intent_name ?? message.intent),
  ];
}

function delivery(message) {
  if (message.author === "customer") return null;
  if (message.delivery === "dead") return el("span.bad", {}, "未送达");
  if (message.author !== "agent") return null;
  if (message.read) return el("span", {}, "已读");
  return el("span", {}, message.delivery === "waiting" ? "发送中" : "已送达");
}

function attachments(files) {
  return (files ?? []).map((file) => {
    const name = file.name ?? "附件";
    const picture = String(file.mime).startsWith("image/");
    return el(
      picture ? "a.picture" : "a.file",
      { href: fileUrl(file), target: "_blank", rel: "noopener", title: name },
      picture ? el("img", { src: fileUrl(file), alt: name, loading: "lazy" }) : [icon("file"), el("span", {}, name), el("span.faint", {}, size(file.size))],
    );
  });
}

const size = (bytes) => (bytes > 1_048_576 ? `${(bytes / 1_048_576).toFixed(1)} MB` : `${Math.ceil((bytes ?? 0) / 1024)} KB`);

function noteRow(note) {
  const whisper = note.kind === "whisper";
  return el(
    `div.note.${whisper ? "whisper" : "plain"}`,
    { "data-note": note.id },
    el("p.who", {}, icon("note"), `${whisper ? "主管提示" : "内部备注"} · ${note.agent?.name ?? ""}`, el("time", { datetime: note.at }, hm(note.at))),
    el("p", {}, note.text),
  );
}

/** Lines with day and time between entries that lie apart. */
function withStamps(entries) {
  const out = [];
  let last = null;
  for (const entry of entries) {
    const at = new Date(entry.at);
    const sameDay = last && last.toDateString() === at.toDateString();
    if (!sameDay || at - last > GROUP_MS) {
      out.push({ kind: "stamp", key: `s${entry.key}`, value: sameDay ? hm(entry.at) : `${dayLabel(entry.at)} ${hm(entry.at)}` });
    }
    out.push(entry);
    last = at;
  }
  return out;
}
