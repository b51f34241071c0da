/* One conversation as this desk knows it: messages without gaps, notes, what is going out, a draft.
 *
 * Kept while the desk is open, so that going back and forth between five conversations costs
 * nothing and loses no half-written sentence.
 */

import { api, of } from "./api.js";
import { newId } from "./dom.js";

const PAGE = 40;

export class Conversation {
  messages = new Map(); // seq → DeskMessage
  notes = new Map(); // id → Note
  pending = new Map(); // client_id → { client_id, text, files, state, error }
  detail = null; // { item, packet, window, notes, may }
  customer = null; // answer of …/customer
  more = true;
  draft = { text: "", note: false, mute: false, files: [], aside: "" };
  #heard = new Map(); // seq → number of the socket's news that told it last
  #news = 0;
  #readTo = 0; // the customer has read up to here

  constructor(id) {
    this.id = id;
  }

  get latest() {
    return Math.max(0, ...this.messages.keys());
  }

  get earliest() {
    return Math.min(...this.messages.keys());
  }

  /** Where the first gap after what is shown first begins. */
  get #complete() {
    let seq = this.earliest;
    while (this.messages.has(seq + 1)) seq += 1;
    return seq;
  }

  may(name) {
    const wanted = name.replaceAll("-", "_");
    return (this.detail?.may ?? []).some((one) => one.replaceAll("-", "_") === wanted);
  }

  async load() {
    const [detail] = await Promise.all([api.get(of(this.id)), this.catchUp()]);
    this.setDetail(detail);
  }

  setDetail(detail) {
    this.detail = detail;
    for (const note of detail.notes ?? []) this.notes.set(note.id, note);
  }

  /** Fetch what is missing: all of it after what we have without a gap, or the last page. */
  async catchUp() {
    if (!this.messages.size) {
      this.more = (await this.#fetch("")).length === PAGE;
      return;
    }
    for (let after = this.#complete; ; ) {
      const messages = await this.#fetch(`after=${after}&`);
      if (messages.length < PAGE) return;
      after = messages.at(-1).seq;
    }
  }

  async earlier() {
    if (!this.more || !this.messages.size) return false;
    const messages = await this.#fetch(`before=${this.earliest}&`);
    this.more = messages.length === PAGE;
    return messages.length > 0;
  }

  async #fetch(which) {
    const asked = this.#news;
    const { messages } = await api.get(of(this.id, `/messages?${which}limit=${PAGE}`));
    messages.forEach((message) => this.#answered(message, asked));
    return messages;
  }

  /** The socket's news. True if it is new; a repeat (reconnect, read mark) replaces what was known. */
  add(message) {
    this.#news += 1;
    this.#heard.set(message.seq, this.#news);
    return this.#put(message);
  }

  /** An answer may be older than what the socket has told since it was asked for: that counts. */
  #answered(message, asked) {
    if ((this.#heard.get(message.seq) ?? 0) <= asked) this.#put(message);
  }

  #put(message) {
    const known = this.messages.has(message.seq);
    this.messages.set(message.seq, message);
    if (message.client_id) this.pending.delete(message.client_id);
    if (message.read) this.#readTo = Math.max(this.#readTo, message.seq);
    // The socket tells only the newest again; whoever has read them has read those before.
    for (const one of this.messages.values()) one.read ||= one.author !== "customer" && one.seq <= this.#readTo;
    return !known;
  }

  /** Messages and notes in the order in which they came. */
  timeline() {
    const seqs = [...this.messages.keys()].sort((a, b) => a - b);
    const first = seqs[0] ?? 0;
    const entries = seqs.map((seq) => ({ kind: "message", key: `m${seq}`, place: seq, at: this.messages.get(seq).at, value: this.messages.get(seq) }));
    for (const note of this.notes.values()) {
      if (note.after_seq < first - 1 && this.more) continue; // its place is not loaded yet
      entries.push({ kind: "note", key: `n${note.id}`, place: note.after_seq + 0.5, at: note.at, value: note });
    }
    return entries.sort((a, b) => a.place - b.place || Date.parse(a.at) - Date.parse(b.at));
  }

  queue(text, files) {
    const item = { client_id: newId(), text, files, state: "sending", error: null };
    this.pending.set(item.client_id, item);
    return item;
  }

  /** Send, or send again: the same client id makes a repeat harmless. */
  async transmit(item) {
    Object.assign(item, { state: "sending", error: null });
    const asked = this.#news;
    try {
      const message = await api.post(of(this.id, "/messages"), {
        text: item.text,
        files: item.files.map((file) => file.id),
        client_id: item.client_id,
      });
      this.#answered(message, asked);
      this.pending.delete(item.client_id);
    } catch (failure) {
      Object.assign(item, { state: "failed", error: failure.message });
    }
  }
}
