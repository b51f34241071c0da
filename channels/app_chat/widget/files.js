/* Pictures and documents: chosen or pasted, uploaded at once, sent with the next message. */

import { el } from "./dom.js";

const MAX_BYTES = 5 * 1024 * 1024;
const TYPES = "image/png,image/jpeg,image/webp,image/gif,application/pdf";

/** Texts that stand for a file without words; beside the file itself they say nothing. */
export const PLACEHOLDERS = new Set(["[图片]", "[文件]"]);

/** A file of a message, by the link that the server made for this customer. */
export function renderFile(file, server, onSize) {
  if (!file.url) return null;
  const href = new URL(file.url, server).href;
  const open = { href, target: "_blank", rel: "noopener", title: file.name };
  if (!String(file.mime).startsWith("image/")) return el("a.file", open, file.name);
  return el("a.picture", open, el("img", { src: href, alt: file.name, onload: onSize }));
}

/** The row of files that wait for the next message, and the button that chooses them. */
export class Attachments {
  #files = [];

  /** upload(file) → promise of { id, name, mime, size, url }; onChange() after each change. */
  constructor(t, upload, onChange) {
    this.t = t;
    this.upload = upload;
    this.onChange = onChange;
    this.picker = el("input", {
      type: "file",
      accept: TYPES,
      multiple: true,
      hidden: true,
      onchange: () => {
        this.add(this.picker.files);
        this.picker.value = "";
      },
    });
    this.row = el("div.waiting-files", { hidden: true });
  }

  get ready() {
    return this.#files.filter((file) => file.id);
  }

  get busy() {
    return this.#files.some((file) => !file.id && !file.error);
  }

  choose() {
    this.picker.click();
  }

  add(files) {
    for (const file of files) this.#add(file);
  }

  /** Say why files are not taken; said again, it stands there once. */
  refuse(name, error) {
    this.#files = [{ name, id: null, error }];
    this.#render();
  }

  /** What can be sent, taken out of the row. */
  take() {
    const { ready } = this;
    this.clear();
    return ready;
  }

  clear() {
    this.#files = [];
    this.#render();
  }

  async #add(file) {
    const entry = { name: file.name, id: null, error: null };
    this.#files.push(entry);
    this.#render();
    try {
      if (file.size > MAX_BYTES) throw new Error(this.t.fileTooLarge);
      Object.assign(entry, await this.upload(file));
    } catch (failure) {
      entry.error = failure.message;
    }
    this.#render();
  }

  #render() {
    this.row.hidden = !this.#files.length;
    this.row.replaceChildren(
      ...this.#files.map((file) =>
        el(
          "span.waiting-file",
          { "data-bad": Boolean(file.error) },
          el("span", { role: "status" }, label(file, this.t)),
          el(
            "button",
            {
              type: "button",
              "aria-label": this.t.removeFile(file.name),
              onclick: () => {
                this.#files = this.#files.filter((one) => one !== file);
                this.#render();
              },
            },
            "✕",
          ),
        ),
      ),
    );
    this.onChange();
  }
}

function label({ name, id, error }, t) {
  if (error) return `${name} · ${error}`;
  return id ? name : `${name} · ${t.uploading}`;
}
