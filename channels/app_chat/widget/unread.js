/* What the customer has not read yet, over all tabs of this browser. */

export class Unread {
  #seqs = new Set();
  #read = 0; // seq up to which the customer has read

  /** tell(count) is called after each change. */
  constructor(memory, tell) {
    this.memory = memory;
    this.tell = tell;
  }

  /** Another conversation, read up to this seq. */
  begin(read) {
    this.#read = read;
    this.#seqs.clear();
    this.tell(0);
  }

  /** Tell again: where it is shown has changed. */
  refresh() {
    this.tell(this.#seqs.size);
  }

  add(seq) {
    if (seq > this.#read) this.#seqs.add(seq);
    this.tell(this.#seqs.size);
  }

  /** The seq up to which the customer has read. */
  get read() {
    return this.#read;
  }

  /** The highest seq that waits to be read; null if there is none. */
  get latest() {
    return this.#seqs.size ? Math.max(...this.#seqs) : null;
  }

  /** Everything up to the latest was seen here. */
  seen(conversation) {
    this.#read = this.latest ?? this.#read;
    this.#seqs.clear();
    this.memory.set("read", `${conversation}:${this.#read}`); // tells the other tabs
    this.tell(0);
  }

  /** Another tab says how far was read, as `seen` has written it. */
  seenElsewhere(value, conversation) {
    const [where, seq] = (value ?? "").split(":");
    if (where !== conversation) return;
    this.#read = Math.max(this.#read, Number(seq));
    for (const one of this.#seqs) if (one <= this.#read) this.#seqs.delete(one);
    this.tell(this.#seqs.size);
  }
}
