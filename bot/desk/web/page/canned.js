/* Canned replies while writing: a list that is searched as one types, driven by the keyboard. */

import { api } from "./api.js";
import { el, fill } from "./dom.js";

const SHOWN = 8;

export class CannedMenu {
  #items = [];
  #found = [];
  #at = 0;
  #for = null; // conversation for whom the variables are filled
  #query = ""; // as last typed, also while the replies are still on their way

  /** onPick(text) gets the reply with its variables filled, as far as they are known. */
  constructor(onPick) {
    this.onPick = onPick;
    this.element = el("div.canned-menu", { role: "listbox", id: "canned-menu", "aria-label": "快捷回复", hidden: true });
    this.input = null; // where one types; a screen reader hears there which reply is chosen
  }

  get open() {
    return !this.element.hidden;
  }

  close() {
    this.element.hidden = true;
    this.input?.removeAttribute("aria-activedescendant");
  }

  async search(conversation, query) {
    this.#query = query;
    if (this.#for !== conversation) {
      this.#for = conversation;
      this.#items = [];
      this.element.hidden = false;
      fill(this.element, el("p.loading", {}, "加载中…"));
      try {
        const { items } = await api.get(`/canned?conversation=${encodeURIComponent(conversation.id)}`);
        if (this.#for !== conversation) return;
        this.#items = items;
        if (!this.open) return; // nobody wants them any more
      } catch (failure) {
        this.#for = null;
        fill(this.element, el("p.error", { role: "alert" }, failure.message));
        return;
      }
    }
    const words = this.#query.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (one) => words.every((word) => `${one.shortcut} ${one.title} ${one.body}`.toLowerCase().includes(word));
    const first = words[0] ?? "";
    const rank = (one) => (one.shortcut.toLowerCase().startsWith(first) ? 0 : one.title.toLowerCase().includes(first) ? 1 : 2);
    this.#found = this.#items.filter(fits).sort((a, b) => rank(a) - rank(b)).slice(0, SHOWN);
    this.#at = 0;
    this.#render();
  }

  /** True if the key was for the menu. */
  onKey(event) {
    if (!this.open) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this.#found.length && !event.altKey) {
      this.#at = (this.#at + step + this.#found.length) % this.#found.length;
      this.#render();
    } else if ((event.key === "Enter" || event.key === "Tab") && this.#found.length) {
      this.#pick(this.#found[this.#at]);
    } else if (event.key === "Enter") {
      // Nothing fits (yet): "/xy" is a search and no answer to a customer.
    } else if (event.key === "Escape") {
      event.stopPropagation();
      this.close();
    } else {
      return false;
    }
    event.preventDefault();
    return true;
  }

  /** Forget what was loaded: the conversation or the replies changed. */
  forget() {
    this.#for = null;
  }

  #pick(reply) {
    this.close();
    this.onPick(reply.text ?? reply.body);
  }

  #render() {
    this.element.hidden = false;
    if (!this.#found.length) {
      fill(this.element, el("p.loading", { role: "status" }, this.#items.length ? "没有匹配的快捷回复；按 Esc 关闭后可以照原样发送" : "还没有快捷回复，可在「快捷回复」页添加"));
      this.input?.removeAttribute("aria-activedescendant");
      return;
    }
    fill(
      this.element,
      this.#found.map((reply, index) =>
        el(
          "div.canned-option",
          {
            role: "option",
            id: `canned-${index}`,
            "aria-selected": String(index === this.#at),
            onmousedown: (event) => {
              event.preventDefault(); // the focus stays where one writes
              this.#pick(reply);
            },
          },
          el("b", {}, `/${reply.shortcut}`),
          el("span", {}, reply.title),
          el("span.faint", {}, reply.text ?? reply.body),
        ),
      ),
    );
    this.input?.setAttribute("aria-activedescendant", `canned-${this.#at}`);
    this.element.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }
}
