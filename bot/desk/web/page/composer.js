/* Writing: to the customer or as a note, canned replies by "/", files by button, paste and drop. */

import { api, of } from "./api.js";
import { CannedMenu } from "./canned.js";
import { toast } from "./dialog.js";
import { button, el, fill } from "./dom.js";
import { icon } from "./icons.js";

const MAX_LENGTH = 2000;
const TYPING_EVERY_MS = 3_000;
const TYPING_ENDS_MS = 4_000;
const MAX_FILE_BYTES = 5 * 1024 * 1024;
const UNFILLED = /\{(?:客户姓名|订单号|商品|客服姓名)\}/g; // a reply's variable that nothing is known for
const TYPES = "image/png,image/jpeg,image/webp,image/gif,application/pdf";

export class Composer {
  #conversation = null;
  #typedAt = 0;
  #typingTimer = null;

  /** actions: { send(text, files), note(text, kind), typing(on) } */
  constructor(actions) {
    this.actions = actions;
    this.input = el("textarea", {
      rows: 1,
      "aria-label": "输入回复",
      "aria-controls": "canned-menu",
      oninput: () => this.#onInput(),
      onkeydown: (event) => this.#onKey(event),
      onpaste: (event) => this.#onPaste(event),
      onblur: () => this.#stopTyping(),
    });
    this.picker = el("input", { type: "file", accept: TYPES, multiple: true, hidden: true, onchange: () => this.#picked() });
    this.files = el("div.attached", { hidden: true });
    this.error = el("p.error.composer-error", { role: "alert", hidden: true });
    this.window = el("p.window-line", { hidden: true });
    this.counter = el("span.counter", { hidden: true, role: "status" });
    this.noteButton = button(".tool", "备注", () => this.setNote(!this.#conversation.draft.note), { title: "内部备注，客户看不到（Alt+N）", "aria-pressed": "false" });
    this.noteButton.prepend(icon("note"));
    this.sendButton = button(".btn.primary.send", "发送", () => this.#submit(), { title: "Enter 发送，Shift+Enter 换行" });
    this.menu = new CannedMenu((text) => this.#insertCanned(text));
    this.menu.input = this.input;
    const tool = (name, label, title, action) => {
      const made = button(".tool", label, action, { title });
      made.prepend(icon(name));
      return made;
    };
    this.forReplies = [
      tool("quick", "快捷回复", "在输入框开头键入 / 也可以", () => this.#openCanned()),
      tool("attach", "图片/文件", "也可以直接粘贴截图", () => this.picker.click()),
    ];
    this.tools = el(
      "div.tools",
      {},
      this.forReplies,
      this.noteButton,
      el("span.grow"),
      this.counter,
      el("span.hint.keys", {}, "Enter 发送 · Shift+Enter 换行"),
      this.sendButton,
    );
    this.element = el(
      "div.composer",
      { ondragover: (event) => event.preventDefault(), ondrop: (event) => this.#onDrop(event) },
      this.window, this.menu.element, this.error, this.files, this.input, this.tools, this.picker,
    );
    this.closed = el("div.composer-closed", { hidden: true });
  }

  /** Show the draft of a conversation; `rights` = { reply, note, whisper, why }. */
  show(conversation, rights) {
    const other = this.#conversation !== conversation;
    this.#conversation = conversation;
    this.rights = rights;
    const open = rights.reply || rights.note || rights.whisper;
    this.element.hidden = !open;
    this.closed.hidden = open;
    for (const one of this.forReplies) one.hidden = !rights.reply;
    fill(this.closed, el("span", {}, rights.why));
    // Whoever could only note down what they think speaks to the customer once it is theirs.
    if (rights.reply && conversation.draft.mute) conversation.draft.note = false;
    conversation.draft.mute = !rights.reply;
    if (!rights.reply) conversation.draft.note = true;
    if (other) {
      this.input.value = conversation.draft.text;
      this.menu.close();
      this.#say("");
    }
    const limit = conversation.detail?.window;
    this.window.hidden = !limit?.text;
    this.window.textContent = limit?.text ?? "";
    this.window.classList.toggle("spent", limit?.left === 0);
    this.setNote(conversation.draft.note, { focus: false });
    this.#renderFiles();
    this.#resize();
  }

  focus() {
    this.input.focus();
  }

  /** Put a text in to be looked over and sent. */
  offer(text) {
    const now = this.input.value.trim();
    this.input.value = now ? `${now}\n${text}` : text;
    if (this.rights?.reply) this.setNote(false);
    this.#keep();
    this.focus();
    this.#sayUnfilled(text);
  }

  setNote(on, { focus = true } = {}) {
    const { draft } = this.#conversation;
    draft.note = this.rights.reply ? on : true;
    const whisper = draft.note && this.rights.whisper;
    this.noteButton.setAttribute("aria-pressed", String(draft.note));
    this.noteButton.disabled = !this.rights.reply;
    this.element.classList.toggle("note-mode", draft.note);
    this.input.placeholder = draft.note
      ? whisper ? "悄悄提示接待的客服，客户看不到…" : "写内部备注，客户看不到…"
      : "回复客户…（键入 / 选快捷回复）";
    this.sendButton.textContent = draft.note ? (whisper ? "发送提示" : "保存备注") : "发送";
    if (focus) this.focus();
  }

  #onInput() {
    if (!/^[/／]/.test(this.input.value)) this.#takeBack();
    this.#keep();
    this.#say("");
    const { draft } = this.#conversation;
    if (!draft.note && /^[/／]/.test(this.input.value)) this.menu.search(this.#conversation, this.input.value.slice(1));
    else this.menu.close();
    if (draft.note || !this.input.value.trim() || this.menu.open) return;
    if (Date.now() - this.#typedAt > TYPING_EVERY_MS) {
      this.#typedAt = Date.now();
      this.actions.typing(true);
    }
    clearTimeout(this.#typingTimer);
    this.#typingTimer = setTimeout(() => this.#stopTyping(), TYPING_ENDS_MS);
  }

  #stopTyping() {
    clearTimeout(this.#typingTimer);
    if (!this.#typedAt) return;
    this.#typedAt = 0;
    this.actions.typing(false);
  }

  #onKey(event) {
    // While an input method composes (keyCode 229 in Safari), Enter picks a word: never send then.
    if (event.isComposing || event.keyCode === 229) return;
    if (this.menu.onKey(event)) {
      if (event.key === "Escape") this.#takeBack();
      return;
    }
    if (event.key !== "Enter" || event.shiftKey || event.altKey) return;
    event.preventDefault();
    this.#submit();
  }

  /** What was already written waits aside, and stands before the reply that is chosen. */
  #openCanned() {
    this.setNote(false);
    const { draft } = this.#conversation;
    if (!/^[/／]/.test(this.input.value)) draft.aside = this.input.value.trim();
    this.input.value = "/";
    this.#onInput();
    this.focus();
  }

  /** No reply was chosen: what waited aside is written again. */
  #takeBack() {
    const { draft } = this.#conversation;
    if (!draft.aside) return;
    this.input.value = [draft.aside, this.input.value.replace(/^[/／].*/s, "")].filter(Boolean).join("\n");
    draft.aside = "";
    this.#keep();
  }

  #insertCanned(text) {
    const { draft } = this.#conversation;
    this.input.value = [draft.aside, text].filter(Boolean).join("\n");
    draft.aside = "";
    this.#keep();
    this.focus();
    this.#sayUnfilled(text);
  }

  /** True if something is still to be filled in; says what. */
  #sayUnfilled(text) {
    const missing = [...new Set(text.match(UNFILLED) ?? [])];
    if (missing.length) this.#say(`请把 ${missing.join("、")} 换成实际内容再发送。`);
    return missing.length > 0;
  }

  async #submit() {
    const conversation = this.#conversation;
    const { draft } = conversation;
    const text = this.input.value.trim();
    if ([...text].length > MAX_LENGTH) return this.#say(`超出 ${[...text].length - MAX_LENGTH} 个字，请分几条发送。`);
    if (draft.note) {
      if (!text) return;
      this.#empty();
      try {
        await this.actions.note(conversation, text, this.rights.whisper ? "whisper" : "note");
      } catch (failure) {
        this.#keepNote(conversation, text, failure.message);
      }
      return;
    }
    const ready = draft.files.filter((file) => file.id);
    if (draft.files.some((file) => !file.id && !file.error)) return this.#say("文件还在上传，请稍等。");
    if ((!text && !ready.length) || this.#sayUnfilled(text)) return;
    draft.files = [];
    this.#empty();
    this.#renderFiles();
    this.actions.send(conversation, text, ready);
  }

  /** A note that was not saved comes back as a note: as a reply, one Enter would send it to the customer. */
  #keepNote(conversation, text, why) {
    const { draft } = conversation;
    draft.text = [text, draft.text].filter(Boolean).join("\n");
    draft.note = true;
    if (conversation !== this.#conversation) {
      toast("有一条备注没有保存", "bad", ["去看看", () => (location.hash = `#/c/${conversation.id}`)]);
      return;
    }
    this.input.value = draft.text;
    this.setNote(true);
    this.#resize();
    this.#say(why);
  }

  #empty() {
    this.input.value = "";
    this.#keep();
    this.#stopTyping();
    this.focus();
  }

  #keep() {
    this.#conversation.draft.text = this.input.value;
    this.#resize();
  }

  #resize() {
    const length = [...this.input.value].length;
    this.counter.hidden = length < MAX_LENGTH - 200;
    this.counter.textContent = `${length} / ${MAX_LENGTH}`;
    this.input.style.setProperty("height", "auto");
    this.input.style.setProperty("height", `${Math.min(this.input.scrollHeight, 180)}px`);
  }

  #say(text) {
    this.error.textContent = text;
    this.error.hidden = !text;
  }

  // Files: uploaded as soon as they are chosen, sent with the next message.

  #picked() {
    [...this.picker.files].forEach((file) => this.#upload(file));
    this.picker.value = "";
  }

  #onPaste(event) {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    files.forEach((file) => this.#upload(file));
  }

  #onDrop(event) {
    event.preventDefault();
    [...(event.dataTransfer?.files ?? [])].forEach((file) => this.#upload(file));
  }

  async #upload(file) {
    const conversation = this.#conversation;
    if (!this.rights?.reply) return;
    this.setNote(false);
    const entry = { name: file.name || "截图.png", mime: file.type, id: null, error: null };
    conversation.draft.files.push(entry);
    this.#renderFiles();
    try {
      if (file.size > MAX_FILE_BYTES) throw new Error("文件太大了，请控制在 5MB 以内。");
      Object.assign(entry, await api.upload(of(conversation.id, "/files"), file));
    } catch (failure) {
      entry.error = failure.message;
    }
    if (conversation === this.#conversation) this.#renderFiles();
  }

  #renderFiles() {
    const { files } = this.#conversation.draft;
    this.files.hidden = !files.length;
    fill(
      this.files,
      files.map((file) =>
        el(
          `span.attachment.${file.error ? "bad" : file.id ? "ready" : "busy"}`,
          {},
          icon("file"),
          el("span", {}, file.name),
          el("span.faint", { role: "status" }, file.error ?? (file.id ? "" : "上传中…")),
          button(".x", "✕", () => this.#dropFile(file), { "aria-label": `移除 ${file.name}` }),
        ),
      ),
    );
  }

  #dropFile(file) {
    const { draft } = this.#conversation;
    draft.files = draft.files.filter((one) => one !== file);
    this.#renderFiles();
    this.focus();
  }
}
