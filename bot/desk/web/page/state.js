/* What this desk knows: one place, told by the socket and by answers, asked by every view.
 *
 * Topics (listen with on(topic, f)): me, online, lists, alarms, agents, and "frame:<type>" for
 * everything that the socket says.
 */

import { api, of } from "./api.js";
import { Live } from "./live.js";

const LOST_AFTER_MS = 700;

/** What the agent last chose to be, kept for this tab. */
const wanted = {
  get() {
    try {
      return sessionStorage.getItem("yingda:desk:presence") ?? "online";
    } catch {
      return "online";
    }
  },
  set(presence) {
    try {
      sessionStorage.setItem("yingda:desk:presence", presence);
    } catch {
      // a browser without storage: online is what one comes for
    }
  },
};

export class Desk {
  #topics = new Map();
  #due = new Set();
  me = null;
  state = "connecting";
  items = new Map(); // conversation → Item, of mine, queue and snoozed
  lists = { mine: [], queue: [], snoozed: [], all: null };
  counts = {};
  alarms = [];
  agents = [];
  snapshotSeen = false;
  hinted = new Set(); // conversations with a supervisor's whisper that was not looked at
  letGo = new Set(); // conversations that this agent is passing on or ending just now
  taking = null; // the conversation that was last taken by hand

  constructor(onSignedOut) {
    this.live = new Live({
      onState: (state) => this.#onState(state),
      onFrame: (frame) => this.#onFrame(frame),
      onSignedOut,
    });
  }

  start(me) {
    this.me = me;
    this.live.start();
  }

  stop() {
    this.live.stop();
    this.snapshotSeen = false;
  }

  get supervisor() {
    return this.me?.role !== "agent";
  }

  can(permission) {
    return (this.me?.permissions ?? []).includes(permission);
  }

  on(topic, listener, signal) {
    if (!this.#topics.has(topic)) this.#topics.set(topic, new Set());
    this.#topics.get(topic).add(listener);
    signal?.addEventListener("abort", () => this.#topics.get(topic).delete(listener));
  }

  /** Tell listeners once a frame at most: a burst of news is one look at the screen. */
  tell(topic) {
    if (!this.#due.size) setTimeout(() => this.#flush(), 16);
    this.#due.add(topic);
  }

  #flush() {
    const due = [...this.#due];
    this.#due.clear();
    for (const topic of due) this.#emit(topic);
  }

  #emit(topic, detail) {
    for (const listener of [...(this.#topics.get(topic) ?? [])]) listener(detail);
  }

  list(name) {
    return (this.lists[name] ?? []).map((id) => this.items.get(id)).filter(Boolean);
  }

  count(name) {
    if (name === "queue") return this.counts.queue ?? this.lists.queue.length;
    return this.lists[name]?.length ?? 0;
  }

  /** An item as it now is; decides itself in which list it stands. */
  take(item) {
    this.items.set(item.conversation, item);
    const mine = item.agent?.id === this.me.id;
    this.#place("mine", item.conversation, mine && item.status === "assigned");
    this.#place("snoozed", item.conversation, mine && item.status === "snoozed");
    if (item.status !== "waiting") this.#place("queue", item.conversation, false);
    this.tell("lists");
  }

  /** No longer one's own; whoever did not do it themselves is told (topic "lost"). */
  gone(conversation) {
    if (this.#mine().includes(conversation)) this.#missing([conversation]);
    for (const name of ["mine", "queue", "snoozed"]) this.#place(name, conversation, false);
    this.tell("lists");
  }

  hint(conversation, on) {
    if (on) this.hinted.add(conversation);
    else this.hinted.delete(conversation);
    this.tell("lists");
  }

  #mine() {
    return [...this.lists.mine, ...this.lists.snoozed];
  }

  /** Said a little later: it may have come back by then, or be known to wait in the queue. */
  #missing(conversations) {
    const gone = conversations.filter((one) => !this.letGo.has(one));
    if (!gone.length) return;
    setTimeout(() => {
      const left = gone.filter((one) => !this.#mine().includes(one));
      if (left.length && this.me?.presence !== "offline") this.#emit("lost", left.map((one) => this.items.get(one)));
    }, LOST_AFTER_MS);
  }

  #place(name, conversation, inside) {
    const list = this.lists[name];
    const at = list.indexOf(conversation);
    if (inside && at < 0) list.push(conversation);
    if (!inside && at >= 0) list.splice(at, 1);
  }

  /** Everything live, for supervisors; asked for again whenever something moved. */
  async loadAll() {
    const { items } = await api.get("/conversations?list=all");
    for (const item of items) this.items.set(item.conversation, item);
    this.lists.all = items.map((item) => item.conversation);
    this.tell("lists");
  }

  async refresh(conversation) {
    const detail = await api.get(of(conversation));
    this.take(detail.item);
    return detail;
  }

  #onState(state) {
    this.state = state;
    this.tell("online");
  }

  #onFrame(frame) {
    const handlers = {
      snapshot: () => this.#onSnapshot(frame),
      me: () => this.setMe(frame.me),
      item: () => this.take(frame.item),
      gone: () => this.gone(frame.conversation),
      queue: () => this.#setQueue(frame.items, frame.total),
      alarm: () => this.#onAlarm(frame.alarm),
      agents: () => {
        this.agents = frame.agents;
        this.tell("agents");
      },
    };
    handlers[frame.type]?.(); // kinds of a newer server are none of our business
    this.#emit(`frame:${frame.type}`, frame);
  }

  #onSnapshot(frame) {
    this.setMe(frame.me);
    this.snapshotSeen = true;
    const shown = this.lists.all;
    const before = this.#mine();
    this.lists = { mine: [], queue: [], snoozed: [], all: shown };
    for (const name of ["mine", "snoozed"]) {
      for (const item of frame[name]) this.items.set(item.conversation, item);
      this.lists[name] = frame[name].map((item) => item.conversation);
    }
    this.#setQueue(frame.queue.items, frame.queue.total);
    this.alarms = frame.alarms ?? [];
    const now = this.#mine();
    this.#missing(before.filter((one) => !now.includes(one)));
    for (const topic of ["lists", "alarms"]) this.tell(topic);
    this.#returnToWork();
  }

  setMe(me) {
    this.me = me;
    this.tell("me");
  }

  /** Say what one wants to be: online, away, offline. */
  async setPresence(presence) {
    this.setMe(await api.put("/me/presence", { presence }));
    wanted.set(presence);
  }

  /** A line that was cut too long made us "offline"; the agent never said so. */
  #returnToWork() {
    const presence = wanted.get();
    if (this.me.presence !== "offline" || presence === "offline") return;
    this.setPresence(presence).catch(() => {}); // the next snapshot tries again
  }

  #setQueue(items, total) {
    for (const item of items) this.items.set(item.conversation, item);
    this.lists.queue = items.map((item) => item.conversation);
    this.counts.queue = total;
    this.tell("lists");
  }

  #onAlarm(alarm) {
    this.alarms = [alarm, ...this.alarms.filter((one) => one.id !== alarm.id)].slice(0, 50);
    this.tell("alarms");
  }
}
