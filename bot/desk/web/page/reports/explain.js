/* A figure's name that says, on hover, focus or tap, how the figure is made. One tip for the page. */

import { el, fill } from "../dom.js";

const GAP = 8;
const tip = el("div.explain-tip", { role: "tooltip", hidden: true });
let owner = null;

/** explain("自动化率", ["一句公式", …]): a name with a dotted line under it. */
export function explain(name, lines, spec = "span") {
  const sentences = [lines].flat().filter(Boolean);
  if (!sentences.length) return el(spec, {}, name);
  const word = el("button.explain", { type: "button", "aria-description": sentences.join(" ") }, name);
  const open = () => show(word, name, sentences);
  const listeners = { pointerenter: open, focus: open, click: open, pointerleave: () => word !== document.activeElement && hide(word), blur: () => hide(word) };
  for (const [event, run] of Object.entries(listeners)) word.addEventListener(event, run);
  word.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || tip.hidden) return;
    event.stopPropagation();
    hide(word);
  });
  return word;
}

function show(word, name, sentences) {
  owner = word;
  // Inside a modal window what is outside cannot be seen.
  const home = word.closest("dialog") ?? document.body;
  if (tip.parentElement !== home) home.append(tip);
  fill(tip, el("b", {}, name), sentences.map((one) => el("p", {}, one)));
  tip.hidden = false;
  const at = word.getBoundingClientRect();
  const left = Math.min(Math.max(GAP, at.left), window.innerWidth - tip.offsetWidth - GAP);
  const below = at.bottom + GAP + tip.offsetHeight < window.innerHeight;
  tip.style.left = `${left}px`;
  tip.style.top = `${below ? at.bottom + GAP : Math.max(GAP, at.top - GAP - tip.offsetHeight)}px`;
}

function hide(word) {
  if (owner !== word) return;
  owner = null;
  tip.hidden = true;
}

document.addEventListener("scroll", () => owner && hide(owner), { capture: true, passive: true });
window.addEventListener("hashchange", () => owner && hide(owner));
