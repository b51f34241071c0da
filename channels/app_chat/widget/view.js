/* The widget's frame: launcher, panel, header, notices and the composer. */

import { el, icon, ICONS } from "./dom.js";
import { ending } from "./ending.js";
import { Attachments } from "./files.js";
import { Log } from "./log.js";

const MAX_LENGTH = 2000; // the server's limit, in code points
const COUNT_FROM = 1800;

export class View {
  /** actions: those of Log, and { open(), close(), send(text, files), end(), typing(on), upload(file) } */
  constructor(t, dates, title, actions) {
    this.t = t;
    this.actions = actions;
    this.log = new Log(t, dates, actions);
    this.isOpen = false;
    this.#buildLauncher();
    this.#buildComposer();
    this.#buildPanel(title);
    this.root = el("div.widget", {}, this.panel, this.launcher);
    this.setUnread(0);
  }

  #buildLauncher() {
    this.badge = el("span.badge", { hidden: true, "aria-hidden": "true" });
    this.launcher = el(
      "button.launcher",
      {
        type: "button",
        "aria-haspopup": "dialog",
        "aria-expanded": "false",
        "aria-controls": "panel",
        onclick: () => (this.isOpen ? this.actions.close() : this.actions.open()),
      },
      icon(ICONS.chat),
      this.badge,
    );
  }

  #buildComposer() {
    this.input = el("textarea", {
      rows: "1",
      "aria-label": this.t.composer,
      placeholder: this.t.placeholder,
      enterkeyhint: "send",
      oninput: () => {
        this.#resize();
        this.actions.typing(this.input.value.trim() !== "");
      },
      onblur: () => this.actions.typing(false),
      onpaste: (event) => this.#paste(event),
      onkeydown: (event) => this.#composerKey(event),
    });
    this.attachments = new Attachments(this.t, this.actions.upload, () => this.#resize());
    this.attachButton = el(
      "button.attach",
      { type: "button", "aria-label": this.t.attach, hidden: true, onclick: () => this.attachments.choose() },
      icon(ICONS.attach),
    );
    this.counter = el("span.counter", { role: "status", hidden: true });
    this.sendButton = el(
      "button.send",
      { type: "submit", "aria-label": this.t.send, disabled: true },
      icon(ICONS.send),
    );
    this.composer = el(
      "form.composer",
      {
        onsubmit: (event) => {
          event.preventDefault();
          this.#submit();
        },
      },
      this.counter,
      this.attachments.row,
      this.attachments.picker,
      this.attachButton,
      this.input,
      this.sendButton,
    );
  }

  #buildPanel(title) {
    this.status = el("span.status", { role: "status" });
    this.notice = el("div.notice", { role: "alert", hidden: true });
    const { button, dialog } = ending(this.t, () => {
      this.input.focus();
      this.actions.end();
    });
    this.confirm = dialog;
    this.panel = el(
      "section.panel",
      { id: "panel", role: "dialog", "aria-label": title, hidden: true },
      el(
        "header.head",
        {},
        el("span.avatar", { "aria-hidden": "true" }, [...title][0] ?? ""),
        el("div.names", {}, el("strong.title", {}, title), this.status),
        button,
        el(
          "button.close",
          { type: "button", "aria-label": this.t.close, onclick: () => this.actions.close() },
          icon(ICONS.down),
        ),
      ),
      this.notice,
      el("div.body", {}, ...this.log.elements),
      this.composer,
      dialog,
    );
    this.panel.addEventListener("keydown", (event) => this.#panelKey(event));
  }

  open({ focus = true } = {}) {
    this.isOpen = true;
    this.panel.hidden = false;
    this.launcher.setAttribute("aria-expanded", "true");
    this.panel.setAttribute("aria-modal", String(this.#coversPage()));
    this.root.classList.add("open");
    this.log.toBottom();
    if (focus) this.input.focus();
  }

  close({ focus = true } = {}) {
    this.isOpen = false;
    this.confirm.close();
    this.panel.hidden = true;
    this.launcher.setAttribute("aria-expanded", "false");
    this.root.classList.remove("open");
    if (focus) this.launcher.focus();
  }

  setUnread(count) {
    this.badge.hidden = count === 0;
    this.badge.textContent = count > 99 ? "99+" : String(count);
    const label = count ? this.t.launcherUnread(count) : this.t.launcher;
    this.launcher.setAttribute("aria-label", this.isOpen ? this.t.close : label);
  }

  setStatus(text) {
    // Written only when it changes: a live region repeats whatever is written.
    if (this.status.textContent !== text) this.status.textContent = text;
  }

  setOnline(on) {
    this.panel.dataset.connection = on ? "online" : "away";
  }

  /** Files are for people: the bot cannot look at them. */
  setFiles(on) {
    if (on !== this.attachButton.hidden) return; // nothing new: what was said of a picture stays
    this.attachButton.hidden = !on;
    this.attachments.clear();
  }

  /** A sentence above the conversation, with buttons [[label, action], …]; null takes it away. */
  setNotice(text, buttons = []) {
    this.notice.hidden = text === null;
    this.notice.replaceChildren(
      ...(text === null ? [] : [text]),
      ...buttons.map(([label, action]) => {
        const onclick = () => {
          this.input.focus(); // the button goes away with the notice
          action();
        };
        return el("button", { type: "button", onclick }, label);
      }),
    );
  }

  /** Nothing of what was written or said is left. */
  clear() {
    this.input.value = "";
    this.#resize();
    this.attachments.clear();
    this.confirm.close();
    this.log.clear();
    this.log.clearPending();
    this.log.more = false;
  }

  /** Put a text back to be changed; what is being written stays in front of it. */
  edit(text) {
    this.input.value = [this.input.value.trim(), text].filter(Boolean).join("\n");
    this.#resize();
    this.input.focus();
  }

  #submit() {
    const text = this.input.value.trim();
    if (this.attachments.busy || this.#excess() > 0 || !(text || this.attachments.ready.length)) return;
    this.input.value = "";
    this.actions.typing(false);
    this.actions.send(text, this.attachments.take());
    this.#resize();
    this.input.focus();
  }

  #paste(event) {
    const files = event.clipboardData?.files ?? [];
    if (!files.length) return;
    if (!this.attachButton.hidden) this.attachments.add(files);
    else if (event.clipboardData.getData("text/plain")) return; // words with a picture of them (Word, Excel)
    else this.attachments.refuse(files[0].name, this.t.filesNeedPerson);
    event.preventDefault();
  }

  #excess() {
    return [...this.input.value.trim()].length - MAX_LENGTH;
  }

  #resize() {
    const excess = this.#excess();
    const left = -excess;
    const { busy, ready } = this.attachments;
    this.sendButton.disabled = busy || excess > 0 || !(this.input.value.trim() || ready.length);
    this.counter.hidden = left > MAX_LENGTH - COUNT_FROM;
    this.counter.textContent = excess > 0 ? this.t.tooLong(excess) : `${MAX_LENGTH - left} / ${MAX_LENGTH}`;
    this.counter.classList.toggle("over", excess > 0);
    this.input.style.setProperty("height", "auto");
    this.input.style.setProperty("height", `${this.input.scrollHeight}px`);
  }

  #composerKey(event) {
    // While an input method composes (keyCode 229 in Safari), Enter picks a word: never send then.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.#submit();
  }

  #panelKey(event) {
    if (event.isComposing || this.confirm.open) return; // the question comes first
    if (event.key === "Escape") {
      event.stopPropagation();
      this.actions.close();
    }
    if (event.key === "Tab" && this.#coversPage()) this.#keepFocusInside(event);
  }

  #coversPage() {
    return window.matchMedia("(max-width: 480px)").matches;
  }

  /** On a phone the page behind is covered: Tab goes round inside the panel. */
  #keepFocusInside(event) {
    const stops = [...this.panel.querySelectorAll("button, textarea, summary, [tabindex='0']")].filter(
      (stop) => !stop.disabled && stop.offsetParent !== null,
    );
    const active = this.panel.getRootNode().activeElement;
    const [first, last] = [stops[0], stops[stops.length - 1]];
    if (event.shiftKey && active === first) last.focus();
    else if (!event.shiftKey && active === last) first.focus();
    else return;
    event.preventDefault();
  }
}
