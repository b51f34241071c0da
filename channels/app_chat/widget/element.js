/* <yingda-chat>: joins transport, store and view. Attributes and events: docs/chat-protocol.md. */

import { Dates, texts } from "./i18n.js";
import { VisitorSession } from "./session.js";
import { Memory, Store, frameOf, tabMemory } from "./store.js";
import { paint, style } from "./theme.js";
import { Transport } from "./transport.js";
import { TypingSign } from "./typing.js";
import { Unread } from "./unread.js";
import { upload } from "./upload.js";
import { View } from "./view.js";

const SEND_TIMEOUT_MS = 20_000;
const END_MS = 3_000; // longest wait for the server to confirm the end
const PAGE = 50; // messages fetched at once
const QUIET_MS = 300; // screen readers look at changes a little late

export class YingdaChat extends HTMLElement {
  static observedAttributes = ["user-token", "color"];

  #store = new Store();
  #timers = new Map(); // client_id → time-out of a message that is going out
  #memory;
  #visitor; // the anonymous session, shared with other tabs
  #view;
  #transport;
  #typing = new TypingSign((on) => this.#owner === "human" && this.#transport.send({ type: "typing", on }));
  #built = null; // promise of the finished view
  #abort = null; // ends what listens while the element is in a page
  #started = false;
  #asGuest = false; // the visitor chose to go on without the log-in that failed
  #owner = "bot";
  #agent = null; // name of who has the conversation; null in the queue
  #session = null; // the present one, for uploads
  #newsFrom = 0; // messages up to this seq were there before this page: not to be read aloud
  #unread;
  #onEnded = null; // called when the server has ended the conversation

  async connectedCallback() {
    this.#built ??= this.#build();
    await this.#built;
    if (this.isConnected && !this.#abort) this.#wake();
  }

  async #build() {
    this.lang ||= "zh-CN";
    this.server = new URL(this.getAttribute("server") ?? "/chat/", document.baseURI).href;
    this.t = texts(this.lang);
    const title = this.getAttribute("title") || this.t.title;
    this.removeAttribute("title"); // else the browser shows it as a tooltip
    this.#memory = new Memory(this.server);
    this.#visitor = new VisitorSession(`${this.#memory.prefix}session`);
    const tell = (count) => (this.#view.setUnread(count), this.#emit("yingda:unread", { count }));
    const send = (seq) => this.#transport.send({ type: "read", seq });
    this.#unread = new Unread(this.#memory, tell, send);
    this.#transport = new Transport(this.server, {
      hello: () => this.#hello(),
      onState: (state) => this.#onState(state),
      onFrame: (frame) => this.#onFrame(frame),
    });
    this.#view = new View(this.t, new Dates(this.lang), title, this.#actions());
    const shadow = this.attachShadow({ mode: "open" });
    await style(this, shadow);
    shadow.append(this.#view.root);
    this.#greet();
    this.#showPending();
  }

  disconnectedCallback() {
    this.#abort?.abort();
    this.#abort = null;
    this.#transport?.stop();
    this.#started = false;
  }

  attributeChangedCallback(name, before, after) {
    if (!this.#view || before === after) return;
    if (name === "color") paint(this);
    if (name === "user-token") this.#changeUser(false);
  }

  // What a page may call.

  open({ focus = true } = {}) {
    this.#memory.set("used", "1");
    tabMemory.set("open", "1");
    this.#view.open({ focus });
    this.#start();
    this.#markRead();
    this.#emit("yingda:open");
  }

  close() {
    tabMemory.set("open", null);
    this.#view.close();
    this.#unread.refresh();
    this.#emit("yingda:close");
  }

  get userToken() {
    return this.#asGuest ? null : this.getAttribute("user-token") || null;
  }

  set userToken(token) {
    if (token) this.setAttribute("user-token", token);
    else this.removeAttribute("user-token");
  }

  // Starting and stopping.

  #wake() {
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    document.addEventListener("visibilitychange", () => this.#markRead(), { signal });
    this.#memory.watch("read", (value) => this.#unread.seenElsewhere(value, this.#store.conversation), signal);
    this.#memory.watch("ended", (value) => value && this.#leave(), signal);
    const open = this.hasAttribute("open") || tabMemory.get("open");
    if (open) this.open({ focus: false });
    // Somebody who never opened the chat costs the server nothing.
    else if (this.#memory.get("used") || this.#store.pending.length) this.#start();
  }

  #start() {
    if (this.#started) return;
    this.#started = true;
    this.#transport.start();
  }

  #changeUser(asGuest) {
    this.#asGuest = asGuest;
    this.#store.forget();
    if (this.#started) this.#transport.restart();
  }

  async #hello() {
    // Only the anonymous session is ever stored: after log-out this browser knows nothing of a user.
    const session = await (this.userToken ? this.#visitor.read() : this.#visitor.take());
    const after = this.#store.conversation === null ? null : this.#store.latest;
    return { session, user_token: this.userToken, after, limit: PAGE };
  }

  // What the server says.

  #onState(state) {
    const online = state === "online";
    if (!online) {
      this.#visitor.end();
      this.#view.log.setTyping(false);
    }
    if (online) this.#view.setNotice(null);
    if (state === "offline") this.#view.setNotice(this.t.offline);
    this.#view.setOnline(online);
    this.#showOwner(state);
  }

  #onFrame(frame) {
    const handlers = {
      ready: () => this.#onReady(frame),
      message: () => this.#onMessage(frame),
      accepted: () => this.#onAccepted(frame),
      typing: () => this.#view.log.setTyping(frame.on),
      owner: () => this.#setOwner(frame),
      history: () => this.#onHistory(frame),
      error: () => this.#onError(frame),
      ended: () => this.#onEnded?.(),
    };
    handlers[frame.type]?.(); // kinds of a newer server are none of our business
  }

  #onReady(frame) {
    const { log } = this.#view;
    if (frame.identity === "anonymous") this.#visitor.keep(frame.session);
    if (this.#store.conversation === null) {
      this.#store.begin(frame.conversation);
      log.clear();
      this.#greet();
      log.more = frame.more;
      this.#newsFrom = frame.latest;
      this.#unread.begin(frame.read);
      this.#showPending();
    } else if (this.#store.conversation !== frame.conversation || frame.latest < this.#store.latest) {
      this.#changeUser(this.#asGuest); // another history: ask again, as one who has seen nothing of it
      return;
    }
    log.quiet = this.#newsFrom > this.#store.latest;
    this.#unread.compare(frame.read);
    this.#session = frame.session;
    this.#setOwner(frame);
    this.#store.pending.filter((item) => item.state === "sending").forEach((i) => this.#transmit(i));
  }

  #onMessage(message) {
    if (!this.#store.add(message)) return;
    if (message.client_id) this.#settle(message.client_id);
    this.#view.log.append(message);
    if (message.seq >= this.#newsFrom) setTimeout(() => (this.#view.log.quiet = false), QUIET_MS);
    if (message.author === "customer") return;
    this.#unread.add(message.seq);
    this.#markRead();
    this.#emit("yingda:message", { seq: message.seq, author: message.author });
  }

  #onAccepted({ client_id, seq }) {
    this.#settle(client_id);
    // A repeat of something long answered: its place in history is what counts.
    if (seq <= this.#store.latest) this.#view.log.dropPending(client_id);
  }

  #onHistory({ messages, more }) {
    this.#view.log.prepend(messages.filter((message) => this.#store.add(message)), more);
  }

  #onError(frame) {
    if (frame.client_id) {
      this.#fail(frame.client_id, frame.message, frame.retry);
      return;
    }
    if (frame.code === "session_expired" || frame.code === "session_invalid") {
      this.#visitor.refused().then(() => this.#changeUser(this.#asGuest));
      return;
    }
    if (frame.retry) this.#unread.sendAgain(); // which frame it could not take is not said
    const buttons = [[this.t.reconnect, () => this.#transport.restart()]];
    if (frame.code.startsWith("user_token")) {
      buttons.push([this.t.asGuest, () => this.#changeUser(true)]);
      this.#emit("yingda:token-refused", { code: frame.code });
    }
    this.#view.setNotice(frame.message, buttons);
  }

  // What the customer does.

  #actions() {
    return {
      open: () => this.open(),
      close: () => this.close(),
      end: () => this.#end(),
      send: (text, files) => this.#send(text, null, files),
      typing: (on) => this.#typing.say(on),
      upload: (file) => upload(this.server, this.#session, file, this.t),
      server: () => this.server,
      suggest: (text) => this.#send(text),
      choose: (seq, index, title) => this.#send(title, { seq, index }),
      retry: (id) => this.#transmit(this.#store.item(id)),
      edit: (id) => {
        this.#view.log.dropPending(id);
        this.#view.edit(this.#store.drop(id)?.text ?? "");
      },
      earlier: () =>
        this.#transport.send({ type: "history", before: this.#store.earliest ?? 1, limit: PAGE }),
    };
  }

  #send(text, choice, files) {
    this.#start();
    this.#transmit(this.#store.queue(text, choice, files));
  }

  /** Send now, or as soon as the line is back; give up (visibly) when that takes too long. */
  #transmit(item) {
    if (!item) return;
    item.state = "sending";
    this.#view.log.showPending(item);
    const { client_id } = item;
    this.#transport.send(frameOf(item));
    clearTimeout(this.#timers.get(client_id));
    const giveUp = () => this.#fail(client_id, this.t.failed, true);
    this.#timers.set(client_id, setTimeout(giveUp, SEND_TIMEOUT_MS));
  }

  #fail(clientId, error, retry) {
    const item = this.#store.item(clientId);
    if (!item) return;
    clearTimeout(this.#timers.get(clientId));
    Object.assign(item, { state: "failed", error, retry });
    this.#view.log.showPending(item);
  }

  #settle(clientId) {
    clearTimeout(this.#timers.get(clientId));
    this.#timers.delete(clientId);
    this.#store.drop(clientId);
  }

  /** The customer is done, and the next one at this device must find nothing. */
  async #end() {
    if (this.#transport.send({ type: "end" })) {
      await new Promise((done) => {
        this.#onEnded = done;
        setTimeout(done, END_MS); // not confirmed: without the session nobody gets back to it
      });
    }
    await this.#visitor.forget();
    this.#memory.set("ended", String(Date.now())); // tells the other tabs
    this.#memory.set("ended", null);
    this.#leave();
    this.#emit("yingda:end");
  }

  #leave() {
    this.#transport.stop();
    this.#started = false; // the next message is a new visitor's
    for (const name of ["read", "used"]) this.#memory.set(name, null);
    this.#store.empty();
    this.#unread.begin(0);
    this.#session = null;
    this.#view.clear();
    this.#greet();
    this.#setOwner({ owner: "bot", agent: null }, "stopped");
    this.#view.setNotice(this.t.ended);
  }

  // What is shown.

  #greet() {
    const suggestions = this.getAttribute("suggestions")?.split("|").filter(Boolean);
    const text = this.getAttribute("greeting") || this.t.greeting;
    this.#view.log.greet(text, suggestions ?? this.t.suggestions);
  }

  #showPending() {
    this.#view.log.clearPending();
    this.#store.pending.forEach((item) => this.#view.log.showPending(item));
  }

  #setOwner({ owner, agent }, state = "online") {
    this.#owner = owner;
    this.#agent = agent ?? null;
    this.#view.setFiles(owner === "human");
    this.#showOwner(state);
  }

  #showOwner(state) {
    const person = this.#agent ? this.t.human(this.#agent) : this.t.queued;
    const there = this.#owner === "human" ? person : this.t.online;
    const away = state === "stopped" ? this.t.stopped : this.t.connecting;
    this.#view.setStatus(state === "online" ? there : away);
  }

  #markRead() {
    const looking = this.#view.isOpen && document.visibilityState === "visible";
    if (looking) this.#unread.seen(this.#store.conversation);
  }

  #emit(name, detail = {}) {
    this.dispatchEvent(new CustomEvent(name, { bubbles: true, composed: true, detail }));
  }
}
