/* Keys for hands that stay on the keyboard; "?" shows them. */

import { show } from "./dialog.js";
import { el } from "./dom.js";

const KEYS = [
  ["Alt + ↑ / ↓", "上一个 / 下一个会话"],
  ["/", "在输入框开头：快捷回复（↑↓ 选，Enter 用）"],
  ["Enter / Ctrl + Enter", "发送"],
  ["Shift + Enter", "换行"],
  ["Alt + N", "切换内部备注"],
  ["Alt + T", "转接"],
  ["Alt + E", "结束会话"],
  ["Alt + B", "交还小禾"],
  ["Esc", "关闭弹窗、返回列表"],
  ["?", "显示这张表"],
];

export function showKeys() {
  show("快捷键", el("dl.keys-list", {}, KEYS.map(([key, what]) => [el("dt", {}, el("kbd", {}, key)), el("dd", {}, what)])));
}

/** parts: { list, talk, go(place), closeSide() } */
export function listen(parts, signal) {
  const decisions = { KeyT: "transfer", KeyE: "resolve", KeyB: "hand_back" };
  const onKey = (event) => {
    if (event.isComposing || document.querySelector("dialog[open]")) return;
    const writing = event.target.closest?.("input, textarea, select");
    if (event.altKey && !event.ctrlKey && !event.metaKey) {
      const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (step) {
        const next = parts.list.neighbour(step);
        if (next) parts.go(`c/${next}`);
      } else if (event.code === "KeyN") parts.talk.toggleNote();
      else if (decisions[event.code]) parts.talk.decide(decisions[event.code]);
      else return;
      event.preventDefault();
    } else if (event.key === "Escape") parts.closeSide();
    else if (event.key === "?" && !writing) showKeys();
  };
  document.addEventListener("keydown", onKey, { signal });
}
