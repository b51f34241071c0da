/* What this page knows of the conversation, and the little that a browser keeps between visits.
 *
 * The server is the truth; no confirmed message is kept across page loads. Unsent messages are kept
 * in sessionStorage: their client ids make sending them again after a reload harmless.
 */

/** Confirmed messages by seq, and what is still going out. */
export class Store {
  #known = new Set(); // seq of every message shown
  #pending = new Map(); // client_id → { client_id, text, choice, files, conversation, state, error, retry }
  latest = 0; // highest seq received
  earliest = null; // lowest seq received
  conversation = null; // opaque id of the conversation, from the server; null = not known yet

  constructor() {
    for (const item of parse(tabMemory.get("outbox")) ?? []) {
      this.#pending.set(item.client_id, { ...item, state: "sending" });
    }
  }

  /** The visitor may be somebody else now: the next conversation is fetched from its end. */
  forget() {
    this.conversation = null;
    this.latest = 0;
  }

  /** Start with nothing of this conversation seen. */
  begin(conversation) {
    this.conversation = conversation;
    this.#known.clear();
    this.latest = 0;
    this.earliest = null;
    for (const item of this.pending) {
      // What was written as somebody else is never sent into this conversation.
      if (item.conversation && item.conversation !== conversation) this.drop(item.client_id);
      else item.conversation = conversation;
    }
    this.#save();
  }

  /** Nothing is left of the conversation, not even what was still to be sent. */
  empty() {
    this.forget();
    this.#known.clear();
    this.earliest = null;
    this.#pending.clear();
    this.#save();
  }

  /** True if the message is new; one seen before (reconnect, overlap) is not. */
  add(message) {
    if (this.#known.has(message.seq)) return false;
    this.#known.add(message.seq);
    this.latest = Math.max(this.latest, message.seq);
    this.earliest = Math.min(this.earliest ?? message.seq, message.seq);
    return true;
  }

  get pending() {
    return [...this.#pending.values()];
  }

  item(clientId) {
    return this.#pending.get(clientId);
  }

  queue(text, choice = null, files = []) {
    const client_id = newId();
    const item = { client_id, text, choice, files, conversation: this.conversation, state: "sending" };
    this.#pending.set(client_id, item);
    this.#save();
    return item;
  }

  drop(clientId) {
    const item = this.#pending.get(clientId);
    if (this.#pending.delete(clientId)) this.#save();
    return item;
  }

  #save() {
    tabMemory.set("outbox", this.#pending.size ? JSON.stringify(this.pending) : null);
  }
}

/** A message that is going out, as the server reads it. */
export function frameOf({ client_id, text, choice, files }) {
  const ids = (files ?? []).map((file) => file.id);
  return { type: "message", client_id, text, ...(choice && { choice }), ...(ids.length && { files: ids }) };
}

/** A browser storage with a prefix; where it is full or forbidden, things are simply not kept. */
export class Memory {
  constructor(server, kind = "localStorage") {
    this.prefix = server ? `yingda:${new URL(server).host}:` : "yingda:";
    try {
      this.storage = window[kind];
    } catch {
      this.storage = null;
    }
  }

  get(name) {
    try {
      return this.storage?.getItem(this.prefix + name) ?? null;
    } catch {
      return null;
    }
  }

  set(name, value) {
    try {
      if (value === null) this.storage?.removeItem(this.prefix + name);
      else this.storage?.setItem(this.prefix + name, value);
    } catch {
      // as said above
    }
  }

  /** Calls back when another tab changes the value. */
  watch(name, callback, signal) {
    const listener = (event) => {
      if (event.key === this.prefix + name) callback(event.newValue);
    };
    window.addEventListener("storage", listener, { signal });
  }
}

/** What one tab remembers across reloads. */
export const tabMemory = new Memory(null, "sessionStorage");

function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
