/* Ending the conversation: a button in the header, and the question whether it is meant. */

import { el } from "./dom.js";

/** { button, dialog }; onEnd is called after the customer said yes. */
export function ending(t, onEnd) {
  const dialog = el(
    "dialog.confirm",
    { role: "alertdialog", "aria-labelledby": "end-title", "aria-describedby": "end-text" },
    el("strong", { id: "end-title" }, t.endTitle),
    el("p", { id: "end-text" }, t.endText),
    el(
      "div.answers",
      {},
      // The harmless answer has the focus: Enter pressed too often ends nothing.
      el("button.keep", { type: "button", autofocus: true, onclick: () => dialog.close() }, t.endKeep),
      el(
        "button.go",
        {
          type: "button",
          onclick: () => {
            dialog.close();
            onEnd();
          },
        },
        t.end,
      ),
    ),
  );
  // Modal: the browser keeps the focus inside, closes it on Escape and gives the focus back.
  const ask = () => dialog.showModal();
  const button = el(
    "button.end",
    { type: "button", "aria-haspopup": "dialog", onclick: ask },
    t.end,
  );
  return { button, dialog };
}
