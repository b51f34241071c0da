/* How the customer felt, sentence by sentence, as one small line: up is worse. */

import { svg } from "./dom.js";

const WIDTH = 280;
const HEIGHT = 46;
const PAD = 6;
const HARSH = { light: 0.4, medium: 0.7, severe: 1 };

/** 0 = content, 1 = furious. */
function severity({ label, level, score }) {
  if (label === "negative") return HARSH[level] ?? score ?? 0.5;
  return label === "positive" ? 0.05 : 0.18;
}

const lightOf = (value) => (value >= 0.65 ? "red" : value >= 0.35 ? "yellow" : "green");

/** trend: [{ seq, label, level, score }]; onPick(seq) is called for a dot that is pressed. */
export function sparkline(trend, onPick) {
  const points = trend.map((one, index) => {
    const value = severity(one);
    const x = trend.length === 1 ? WIDTH / 2 : PAD + (index * (WIDTH - 2 * PAD)) / (trend.length - 1);
    return { seq: one.seq, value, x, y: HEIGHT - PAD - value * (HEIGHT - 2 * PAD) };
  });
  const path = points.map(({ x, y }, index) => `${index ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
  const worst = points.reduce((a, b) => (b.value > a.value ? b : a), points[0]);
  const picture = svg("svg", {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    class: "sparkline",
    role: "img",
    "aria-label": `情绪走势，共 ${points.length} 句，最激烈在第 ${worst.seq} 条消息`,
  });
  picture.append(svg("line", { x1: 0, x2: WIDTH, y1: HEIGHT - PAD, y2: HEIGHT - PAD, class: "base" }), svg("path", { d: path }));
  for (const point of points) {
    const dot = svg("circle", { cx: point.x.toFixed(1), cy: point.y.toFixed(1), r: 3.6, "data-light": lightOf(point.value) });
    dot.addEventListener("click", () => onPick(point.seq));
    picture.append(dot);
  }
  return picture;
}
