/* Small helpers to build elements. Text goes in as text nodes only, never as markup. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * el("button.send", { type: "button", onclick: f }, "text", child, …)
 * null, undefined and false among attributes and children are left out; arrays are spread.
 */
export function el(spec, attributes = {}, ...children) {
  const [tag, ...classes] = spec.split(".");
  const element = document.createElement(tag);
  if (classes.length) element.classList.add(...classes);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  put(element, ...children);
  return element;
}

export function put(element, ...children) {
  element.append(...children.flat(3).filter((child) => child || child === 0));
  return element;
}

/** Replace everything inside an element. */
export function fill(element, ...children) {
  element.replaceChildren();
  return put(element, ...children);
}

/** An SVG element; attributes only. */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/**
 * Make the children of `parent` show `items`, in order. An item that is as it was keeps its element,
 * so that focus, open details and running animations survive.
 */
export function keyed(parent, items, key, build) {
  const old = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  const focused = parent.contains(document.activeElement)
    ? { key: document.activeElement.closest("[data-key]")?.dataset.key, role: roleOf(document.activeElement) }
    : null;
  const next = items.map((item) => {
    const id = String(key(item));
    const print = JSON.stringify(item);
    const known = old.get(id);
    if (known && known.print === print) return known;
    const element = build(item);
    element.dataset.key = id;
    element.print = print;
    return element;
  });
  const now = [...parent.children];
  if (now.length === next.length && now.every((child, index) => child === next[index])) return;
  parent.replaceChildren(...next);
  if (!focused?.key) return;
  const home = next.find((child) => child.dataset.key === focused.key);
  const target = home && [home, ...home.querySelectorAll("button, a, [tabindex]")].find((one) => roleOf(one) === focused.role);
  target?.focus({ preventScroll: true });
}

const roleOf = (element) => element.dataset.role ?? element.className;

/** A button with a label, an optional icon before it and what it does. */
export function button(spec, label, onclick, attributes = {}) {
  return el(`button${spec}`, { type: "button", onclick, ...attributes }, label);
}

export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
