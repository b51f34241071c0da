/* How the widget looks: its sheet, and letters that can be read on the brand's colour. */

import { readableOn, readableOnWhite } from "./dom.js";

/** Dress the element's shadow root; resolves when nothing would show unstyled. */
export async function style(host, shadow) {
  // A constructed sheet needs no style-src of the page's policy.
  const response = await fetch(new URL("widget.css", import.meta.url));
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(await response.text());
  shadow.adoptedStyleSheets = [sheet];
  paint(host);
}

/** Take over the element's colour attribute and the page's --yingda-color. */
export function paint(host) {
  const color = host.getAttribute("color");
  if (color && CSS.supports("color", color)) host.style.setProperty("--yingda-color", color);
  const probe = document.createElement("canvas").getContext("2d");
  probe.fillStyle = getComputedStyle(host).getPropertyValue("--yingda-color").trim();
  probe.fillRect(0, 0, 1, 1);
  const rgb = [...probe.getImageData(0, 0, 1, 1).data].slice(0, 3);
  host.style.setProperty("--yingda-on-color", readableOn(rgb));
  host.style.setProperty("--yingda-text-color", readableOnWhite(rgb));
}
