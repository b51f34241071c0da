/* Middle: the conversation, live; head with what can be decided, log, composer. */

import { api, of } from "./api.js";
import * as actions from "./actions.js";
import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { act, toast } from "./dialog.js";
import { button, el, fill } from "./dom.js";
import { icon } from "./icons.js";
import { Log } from "./log.js";
import { Side } from "./side.js";
import { moment, tick } from "./time.js";
import { SLA, STATUS, channelIcon, light, tierBadge } from "./words.js";

const TYPING_LASTS_MS = 8_000;
const OWN_DEED_MS = 3_000; // the news of one's own deed has come by then
const MISSED_AFTER_MS = 1_500; // frames of list and conversation come by different ways

export class Talk {
  #open = new Map(); // conversation id → Conversation
  #now = null;
  #typingTimer = null;
  #missedTimer = null;

  /** hooks: { closed(), showSide(on) } */
  constructor(desk, hooks, signal) {
    this.desk = desk;
    this.hooks = hooks;
    this.head = el("header.talk-head");
    this.log = new Log({
      earlier: () => this.#now.earlier(),
      clear: (seq) => actions.revealMessage(this.#now.id, seq),
      retry: (item) => this.#transmit(this.#now, item),
      drop: (item) => {
        this.#now.pending.delete(item.client_id);
        this.#now.draft.text = [this.#now.draft.text, item.text].filter(Boolean).join("\n");
        this.log.render(this.#now);
        this.composer.offer(item.text);
      },
    });
    this.composer = new Composer({
      send: (conversation, text, files) => this.#transmit(conversation, conversation.queue(text, files)),
      note: (conversation, text, kind) => this.#note(conversation, text, kind),
      typing: (on) => desk.live.send({ type: "typing", conversation: this.#now?.id, on }),
    });
    this.side = new Side(desk, {
      jump: (seq) => this.#jump(seq),
      suggest: (text) => {
        hooks.showSide(false);
        this.composer.offer(text);
      },
      back: () => hooks.showSide(false),
      changed: () => this.#reload(),
    });
    this.error = el("p.error.head-error", { role: "alert", hidden: true });
    this.body = el("div.talk-body", { hidden: true }, this.head, this.error, this.log.element, this.composer.closed, this.composer.element);
    this.nothing = el("div.nothing", {}, el("img", { src: "/desk/logo.svg", alt: "", width: 56, height: 56 }), el("p", {}, "选一个会话开始"), el("p.faint", {}, "按 ? 查看快捷键"));
    this.element = el("main.talk", { "aria-label": "对话" }, this.nothing, this.body);
    this.side.element.hidden = true;
    desk.on("frame:message", (frame) => this.#onMessage(frame), signal);
    desk.on("frame:note", (frame) => this.#onNote(frame), signal);
    desk.on("frame:typing", (frame) => this.#onTyping(frame), signal);
    desk.on("frame:item", ({ item }) => item.conversation === this.#now?.id && this.#onItem(item), signal);
    desk.on("frame:gone", ({ conversation }) => conversation === this.#now?.id && this.#reload(), signal);
    desk.on("frame:snapshot", () => this.#resync(), signal);
  }

  get id() {
    return this.#now?.id ?? null;
  }

  async open(id) {
    if (this.#now?.id === id) return;
    if (!this.#open.has(id)) this.#open.set(id, new Conversation(id));
    const conversation = this.#open.get(id);
    this.#now = conversation;
    this.desk.live.watch(id);
    this.nothing.hidden = true;
    this.body.hidden = false;
    this.side.element.hidden = false;
    this.#say("");
    if (conversation.detail) this.#render();
    else {
      fill(this.head, el("span.faint", {}, "加载中…"));
      this.log.clear("加载中…");
      this.composer.element.hidden = true;
      this.composer.closed.hidden = true;
      this.side.clear();
    }
    await this.#reload();
    if (conversation === this.#now && !this.composer.element.hidden && window.innerWidth > 900) this.composer.focus();
  }

  close() {
    this.#now = null;
    this.desk.live.watch(null);
    this.body.hidden = true;
    this.side.element.hidden = true;
    this.nothing.hidden = false;
  }

  /** Ask again for everything of this conversation that can change. */
  async #reload() {
    const conversation = this.#now;
    if (!conversation) return;
    try {
      await conversation.load();
      this.desk.take(conversation.detail.item);
    } catch (failure) {
      if (conversation !== this.#now) return;
      if (failure.status === 403 || failure.status === 404) {
        this.desk.gone(conversation.id);
        this.desk.live.watch(null); // asked for again after each reconnect, it would be refused each time
      }
      if (!conversation.detail || failure.status === 403 || failure.status === 404) {
        conversation.detail = null;
        fill(this.head, el("span", {}, failure.message));
        this.log.clear("");
        this.composer.element.hidden = true;
        this.composer.closed.hidden = true;
        this.side.clear();
      } else this.#say(failure.message);
      return;
    }
    if (conversation !== this.#now) return;
    this.desk.live.watch(conversation.id);
    this.#render();
  }

  #resync() {
    for (const conversation of this.#open.values()) {
      if (conversation !== this.#now) conversation.detail = null; // asked for again when it is opened
    }
    this.#reload();
  }

  #render() {
    const conversation = this.#now;
    this.#renderHead();
    this.log.render(conversation);
    const item = conversation.detail.item;
    const whose = item.agent && item.agent.id !== this.desk.me.id ? `由${item.agent.name}接待` : `现在${STATUS[item.status]}`;
    this.composer.show(conversation, {
      reply: conversation.may("reply"),
      note: conversation.may("note"),
      whisper: conversation.may("whisper") && item.agent != null && item.agent.id !== this.desk.me.id,
      why: conversation.may("take") ? "接待后才能回复客户" : whose,
    });
    this.side.show(conversation);
    tick(this.element);
  }

  #renderHead() {
    const conversation = this.#now;
    const { item } = conversation.detail;
    const can = (name) => conversation.may(name);
    const decide = (name, label, key, action, spec = ".btn.small") =>
      can(name) ? button(spec, label, () => this.decide(name), { "data-op": name, title: key ? `快捷键 ${key}` : null }) : null;
    const back = button(".icon-button.narrow-only", "", () => this.hooks.closed(), { "aria-label": "回到列表" });
    back.append(icon("back"));
    const side = button(".btn.small.side-toggle", "客户资料", () => this.hooks.showSide(true));
    fill(
      this.head,
      back,
      el(
        "div.talk-who",
        {},
        el("p.talk-name", {}, channelIcon(item), el("b", {}, item.customer_name), tierBadge(item), light(item.emotion?.light, item.emotion?.score), item.sla_due && el("span.sla", { "data-due": item.sla_due, title: SLA })),
        el(
          "p.talk-sub",
          {},
          el("span", {}, item.channel_name ?? ""),
          item.reason_text && el("span.chip", {}, item.reason_text),
          el("span.faint", {}, item.agent ? (item.agent.id === this.desk.me.id ? "我在接待" : `${item.agent.name} 接待`) : STATUS[item.status]),
          item.call && el("span.chip.call", { "data-live": String(item.call.live) }, [item.call.state_text, item.call.number].filter(Boolean).join(" · ")),
          can("join") && item.agent && el("span.chip.quiet", { title: "客户和客服都看不到你；旁听会记入审计日志" }, "静默旁听中"),
          item.snoozed_until && el("span.chip.quiet", {}, `稍后处理，${moment(item.snoozed_until)} 提醒`),
        ),
        item.call?.transcript_text && el("p.talk-sub.faint", {}, item.call.transcript_text),
      ),
      el(
        "div.talk-actions",
        { role: "group", "aria-label": "会话操作" },
        decide("take", "接待", "", null, ".btn.small.primary"),
        decide("take_over", "接管", "", null, ".btn.small.primary"),
        decide("transfer", "转接", "Alt+T"),
        decide("snooze", "稍后", ""),
        decide("hand_back", "交还小禾", "Alt+B"),
        decide("resolve", "结束会话", "Alt+E", null, ".btn.small.strong"),
        side,
      ),
    );
  }

  /** Do what a button or a shortcut stands for, if this conversation allows it. */
  async decide(name) {
    const conversation = this.#now;
    if (!conversation?.may(name)) return;
    const { id } = conversation;
    const direct = { take: "/take", take_over: "/take-over" };
    const asking = { transfer: () => actions.transfer(id, this.desk.me), snooze: () => actions.snooze(id), resolve: () => actions.resolve(id), hand_back: () => actions.handBack(id) };
    this.#say("");
    if (direct[name]) {
      const pressed = this.head.querySelector(`[data-op="${name}"]`);
      const done = await act(pressed, async () => {
        await api.post(of(id, direct[name]));
        return true;
      });
      if (done && conversation === this.#now) {
        await this.#reload();
        this.composer.focus();
      }
      return;
    }
    this.desk.letGo.add(id); // what one does oneself is no news
    try {
      const done = await asking[name]();
      if (!done || conversation !== this.#now) return;
      await this.#reload();
      if (conversation === this.#now && !conversation.detail) this.hooks.closed(); // it is another's now
    } catch (failure) {
      this.#say(failure.message);
    } finally {
      setTimeout(() => this.desk.letGo.delete(id), OWN_DEED_MS);
    }
  }

  toggleNote() {
    if (this.#now && !this.composer.element.hidden) this.composer.setNote(!this.#now.draft.note);
  }

  async #transmit(conversation, item) {
    const sending = conversation.transmit(item);
    if (conversation === this.#now) {
      this.log.render(conversation);
      this.log.toBottom();
    }
    await sending;
    if (conversation === this.#now) this.log.render(conversation);
    else if (item.state === "failed") toast("有一条回复没有发出去", "bad", ["去看看", () => (location.hash = `#/c/${conversation.id}`)]);
  }

  async #note(conversation, text, kind) {
    const note = await api.post(of(conversation.id, "/notes"), { text, kind });
    if (note?.id) conversation.notes.set(note.id, note);
    if (conversation !== this.#now) return;
    this.log.render(conversation);
    this.log.toBottom();
  }

  async #jump(seq) {
    this.hooks.showSide(false);
    const conversation = this.#now;
    while (!this.log.reveal(seq)) {
      if (seq >= conversation.earliest || !(await conversation.earlier())) return toast("这条消息在另一次咨询里", "good");
      this.log.render(conversation);
    }
  }

  // What the socket says.

  async #onMessage({ conversation: id, message }) {
    const conversation = this.#open.get(id);
    if (!conversation?.messages.size && id !== this.#now?.id) return;
    const gap = message.seq > conversation.latest + 1;
    const fresh = conversation.add(message);
    if (id !== this.#now?.id) return;
    if (gap && conversation.detail) await conversation.catchUp().catch(() => {});
    if (message.author === "customer" && fresh) this.#setTyping(false);
    if (conversation.detail) this.log.render(conversation);
    if (message.author === "system") this.#reload(); // owner or window may have changed
  }

  #onNote({ conversation: id, note }) {
    const conversation = this.#open.get(id);
    if (!conversation) return;
    conversation.notes.set(note.id, note);
    if (id === this.#now?.id && conversation.detail) this.log.render(conversation);
  }

  #onItem(item) {
    const { detail } = this.#now;
    if (!detail) {
      if (item.agent?.id === this.desk.me.id) this.#reload(); // it was another's, and came back
      return;
    }
    const moved = item.status !== detail.item.status || item.agent?.id !== detail.item.agent?.id || item.handoff !== detail.item.handoff;
    detail.item = item;
    if (item.last?.seq > this.#now.latest) this.#fetchMissed();
    if (moved) this.#reload(); // what may be done has changed with it
    else this.#renderHead();
  }

  /** The list knows of words that have not come: a frame may have got lost on the way. */
  #fetchMissed() {
    const conversation = this.#now;
    clearTimeout(this.#missedTimer);
    this.#missedTimer = setTimeout(async () => {
      if (conversation.latest >= (conversation.detail?.item.last?.seq ?? 0)) return;
      await conversation.catchUp().catch(() => {});
      if (conversation === this.#now && conversation.detail) this.log.render(conversation);
    }, MISSED_AFTER_MS);
  }

  #onTyping({ conversation, author, on }) {
    if (conversation !== this.#now?.id || author === "agent") return;
    this.#setTyping(on, author);
  }

  #setTyping(on, author = "customer") {
    clearTimeout(this.#typingTimer);
    this.log.setTyping(on ? (author === "bot" ? "小禾" : "客户") : null);
    if (on) this.#typingTimer = setTimeout(() => this.log.setTyping(null), TYPING_LASTS_MS);
  }

  #say(text) {
    this.error.textContent = text;
    this.error.hidden = !text;
  }
}
