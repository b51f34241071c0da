/* Small helpers to build elements. Text goes in as text nodes only, never as markup. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * el("button.send", { type: "button", onclick: f }, "text", child, …)
 * null, undefined and false among attributes and children are left out.
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
  element.append(...children.filter((child) => child || child === 0 || child === ""));
  return element;
}

/** A 24 × 24 icon drawn with one path in the current text colour. */
export function icon(path) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const shape = document.createElementNS(SVG, "path");
  shape.setAttribute("d", path);
  svg.append(shape);
  return svg;
}

export const ICONS = {
  chat: "M12 3C6.5 3 2 6.8 2 11.5c0 2.6 1.4 4.9 3.6 6.5L5 21.5l4-1.9c1 .2 2 .4 3 .4 5.5 0 10-3.8 10-8.5S17.5 3 12 3Zm-4.2 9.8a1.3 1.3 0 1 1 0-2.6 1.3 1.3 0 0 1 0 2.6Zm4.2 0a1.3 1.3 0 1 1 0-2.6 1.3 1.3 0 0 1 0 2.6Zm4.2 0a1.3 1.3 0 1 1 0-2.6 1.3 1.3 0 0 1 0 2.6Z",
  down: "M12 16.2 4.8 9l1.6-1.6 5.6 5.7 5.6-5.7L19.2 9 12 16.2Z",
  attach: "m19.3 11.3-7.6 7.6a4.3 4.3 0 0 1-6.1-6.1L14 4.4a2.9 2.9 0 0 1 4.1 4.1l-7.9 7.9a1.4 1.4 0 0 1-2-2l7.2-7.2-1.1-1.1-7.2 7.2a2.9 2.9 0 0 0 4.2 4.2l7.9-7.9a4.5 4.5 0 0 0-6.3-6.3L4.5 11.7a5.9 5.9 0 0 0 8.3 8.3l7.6-7.6Z",
  send: "M3 20.5 22 12 3 3.5v6.6L15.5 12 3 13.9v6.6Z",
};

/** WCAG contrast of two relative luminances. */
const contrast = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
const WHITE = 1;
const INK = 0.0056; // #111111
const READABLE = 5; // a little over WCAG AA's 4.5

function luminance(rgb) {
  const [red, green, blue] = rgb.map((value) => {
    const channel = value / 255;
    return channel <= 0.03928 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** White or near-black, whichever reads better on the colour [r, g, b]. */
export function readableOn(rgb) {
  const own = luminance(rgb);
  return contrast(own, WHITE) >= contrast(own, INK) ? "#ffffff" : "#111111";
}

/** The colour itself, darkened until it reads well as text on white. */
export function readableOnWhite(rgb) {
  let shade = [...rgb];
  while (contrast(luminance(shade), WHITE) < READABLE) shade = shade.map((value) => value * 0.94);
  return `rgb(${shade.map(Math.round).join(" ")})`;
}
