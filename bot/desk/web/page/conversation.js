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

  constructor(id) {
    this.id = id;
  }

  get latest() {
    return Math.max(0, ...this.messages.keys());
  }

  get earliest() {
    return Math.min(...this.messages.keys());
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

  /** Fetch what is missing at the end: all of it after what we have, or the last page. */
  async catchUp() {
    for (;;) {
      const after = this.messages.size ? `after=${this.latest}&` : "";
      const { messages } = await api.get(of(this.id, `/messages?${after}limit=${PAGE}`));
      if (!after) this.more = messages.length === PAGE;
      messages.forEach((message) => this.add(message));
      if (!after || messages.length < PAGE) return;
    }
  }

  async earlier() {
    if (!this.more || !this.messages.size) return false;
    const { messages } = await api.get(of(this.id, `/messages?before=${this.earliest}&limit=${PAGE}`));
    this.more = messages.length === PAGE;
    messages.forEach((message) => this.add(message));
    return messages.length > 0;
  }

  /** True if it is new; a repeat (reconnect, read mark) only replaces what was known. */
  add(message) {
    const known = this.messages.has(message.seq);
    this.messages.set(message.seq, message);
    if (message.client_id) this.pending.delete(message.client_id);
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
    try {
      const message = await api.post(of(this.id, "/messages"), {
        text: item.text,
        files: item.files.map((file) => file.id),
        client_id: item.client_id,
      });
      this.add(message);
      this.pending.delete(item.client_id);
    } catch (failure) {
      Object.assign(item, { state: "failed", error: failure.message });
    }
  }
}
