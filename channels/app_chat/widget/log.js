/* The conversation on screen: confirmed messages in order of seq, then what is still going out. */

import { renderCard } from "./card.js";
import { el } from "./dom.js";
import { PLACEHOLDERS, renderFile } from "./files.js";

const NEAR_BOTTOM_PX = 80;
const GROUP_MS = 3 * 60_000; // messages of one author closer than this share one time stamp

export class Log {
  #rows = new Map(); // client_id → row of an unconfirmed message
  #newest = null; // the last confirmed message
  #quickReplies = null;
  #atBottom = true;
  #asked = null; // the message whose quick replies are shown

  /** actions: { choose(seq, index, title), suggest(text), retry(id), edit(id), earlier(), server() } */
  constructor(t, dates, actions) {
    this.t = t;
    this.dates = dates;
    this.actions = actions;
    this.earlier = el(
      "button.earlier",
      { type: "button", hidden: true, onclick: () => this.#then(actions.earlier) },
      t.earlier,
    );
    this.greeting = el("div.greeting");
    this.confirmed = el("div.confirmed");
    this.pending = el("div.pending");
    // Typing is news for the eye only; a screen reader hears the answer itself.
    this.typing = el(
      "div.row.bot.typing",
      { hidden: true, "aria-hidden": "true", title: t.typing },
      el("div.bubble", {}, el("i"), el("i"), el("i")),
    );
    this.list = el(
      "div.log",
      {
        role: "log",
        "aria-live": "polite",
        "aria-relevant": "additions",
        "aria-label": t.log,
        tabindex: "0",
      },
      this.earlier,
      this.greeting,
      this.confirmed,
      this.pending,
      this.typing,
    );
    this.jump = el(
      "button.jump",
      { type: "button", hidden: true, onclick: () => this.toBottom() },
      t.newMessages,
    );
    this.list.addEventListener("scroll", () => {
      this.#atBottom = this.#nearBottom();
      if (this.#atBottom) this.jump.hidden = true;
    });
    // Files to be sent or a longer text make the room smaller: the newest words stay in sight.
    new ResizeObserver(() => this.#atBottom && this.toBottom()).observe(this.list);
  }

  get elements() {
    return [this.list, this.jump];
  }

  clear() {
    this.confirmed.replaceChildren();
    this.#newest = this.#quickReplies = this.#asked = null;
    this.typing.hidden = true;
  }

  /** Whether there is older history than what is shown; the greeting stands before all of it. */
  set more(on) {
    this.earlier.hidden = !on;
    this.greeting.hidden = on;
  }

  /** While history arrives nothing is read aloud: only what is new is news. */
  set quiet(on) {
    this.list.setAttribute("aria-busy", String(on));
    this.list.setAttribute("aria-live", on ? "off" : "polite");
  }

  greet(text, suggestions) {
    const chips = suggestions.map((suggestion) => {
      const [title, says = title] = suggestion.split("=");
      const onclick = () => this.#then(() => this.actions.suggest(says));
      return el("button.chip", { type: "button", onclick }, title);
    });
    this.greeting.replaceChildren(
      el("div.row.bot", {}, el("div.bubble", {}, text)),
      el("div.chips", { role: "group", "aria-label": this.t.choices }, ...chips),
    );
  }

  /** Show a confirmed message below all others. */
  append(message) {
    const stick = this.#nearBottom();
    this.#rows.get(message.client_id)?.remove();
    this.#rows.delete(message.client_id);
    this.#quickReplies?.remove(); // only the latest message's options still make sense
    if (!this.#stillOpen(message)) {
      this.#quickReplies = this.#chips(message);
      this.#asked = message;
    }
    this.confirmed.append(
      ...this.#separators(this.#newest, message),
      this.#row(message),
      ...(this.#quickReplies ? [this.#quickReplies] : []),
    );
    this.#newest = message;
    this.greeting.querySelector(".chips")?.remove();
    if (message.author !== "customer") this.typing.hidden = true;
    if (stick || message.author === "customer") this.toBottom();
    else this.jump.hidden = false;
  }

  /** Show older messages above all others, keeping what is being read where it is. */
  prepend(messages, more) {
    const before = this.list.scrollHeight - this.list.scrollTop;
    const parts = [];
    let previous = null;
    for (const message of messages) {
      parts.push(...this.#separators(previous, message), this.#row(message));
      previous = message;
    }
    this.confirmed.prepend(...parts);
    this.more = more;
    this.list.scrollTop = this.list.scrollHeight - before;
  }

  /** Show an unconfirmed message as it stands: sending, or failed with what can be done. */
  showPending(item) {
    const names = (item.files ?? []).map((file) => file.name).join("\n");
    const row = el("div.row.customer", {}, el("div.bubble", {}, [item.text, names].filter(Boolean).join("\n")));
    if (item.state === "sending") {
      row.append(el("span.meta", {}, this.t.sending));
    } else {
      row.classList.add("failed");
      const button = (label, action) =>
        el("button", { type: "button", onclick: () => this.#then(() => action(item.client_id)) }, label);
      row.append(
        el(
          "span.meta",
          { role: "alert" },
          item.error ?? this.t.failed,
          item.retry && button(this.t.retry, this.actions.retry),
          !item.choice && !item.files?.length && button(this.t.edit, this.actions.edit),
        ),
      );
    }
    const old = this.#rows.get(item.client_id);
    if (old) old.replaceWith(row);
    else this.pending.append(row);
    this.#rows.set(item.client_id, row);
    if (!old) this.toBottom();
  }

  dropPending(clientId) {
    this.#rows.get(clientId)?.remove();
    this.#rows.delete(clientId);
  }

  clearPending() {
    this.pending.replaceChildren();
    this.#rows.clear();
  }

  setTyping(on) {
    const stick = this.#nearBottom();
    this.typing.hidden = !on;
    if (stick) this.toBottom();
  }

  toBottom() {
    this.list.scrollTop = this.list.scrollHeight;
    this.jump.hidden = true;
  }

  /** Do what a button stands for; the button goes away, so the focus must stay somewhere useful. */
  #then(action) {
    this.list.focus({ preventScroll: true });
    action();
  }

  /** A picture has got its size: what was at the bottom stays there. */
  #late() {
    if (this.jump.hidden) this.toBottom();
  }

  #nearBottom() {
    const { scrollHeight, scrollTop, clientHeight } = this.list;
    return scrollHeight - scrollTop - clientHeight < NEAR_BOTTOM_PX;
  }

  #row(message) {
    const role = this.t[message.author === "customer" ? "you" : message.author] ?? this.t.bot;
    const who = message.name ? `${role} ${message.name}` : role;
    const words = message.files?.length && PLACEHOLDERS.has(message.text) ? "" : message.text;
    const at = new Date(message.at);
    const card = renderCard(message.card, this.t, this.dates);
    return el(
      `div.row.${cssAuthor(message.author)}`,
      { "data-seq": message.seq },
      el("span.sr", {}, `${who}：`),
      message.name && el("span.name", { "aria-hidden": "true" }, message.name),
      words && el("div.bubble", {}, words),
      card,
      ...(message.files ?? []).map((file) => renderFile(file, this.actions.server(), () => this.#late())),
      el("time.sr", { datetime: message.at }, this.dates.time.format(at)),
    );
  }

  /** Whoever waits in the queue and writes on may still leave it: that offer stands until somebody answers. */
  #stillOpen({ author, text }) {
    if (author !== "customer" || this.#asked?.author !== "system" || !this.#quickReplies) return false;
    return !this.#asked.quick_replies.some(({ title }) => title === text);
  }

  #chips(message) {
    const replies = message.quick_replies ?? [];
    if (!replies.length) return null;
    return el(
      "div.chips",
      { role: "group", "aria-label": this.t.choices },
      ...replies.map(({ title }, index) =>
        el(
          "button.chip",
          { type: "button", onclick: () => this.#then(() => this.actions.choose(message.seq, index, title)) },
          title,
        ),
      ),
    );
  }

  /** A line with day and time between messages that lie apart. */
  #separators(previous, message) {
    const at = new Date(message.at);
    const last = previous && new Date(previous.at);
    const sameDay = last && last.toDateString() === at.toDateString();
    if (sameDay && at - last < GROUP_MS) return [];
    const day = sameDay ? "" : `${this.dates.dayLabel(at)} `;
    return [el("div.stamp", {}, `${day}${this.dates.time.format(at)}`)];
  }
}

function cssAuthor(author) {
  return ["customer", "bot", "agent", "system"].includes(author) ? author : "bot";
}
