/* Charts that every page draws alike: lines with bands, stacked columns, bars. Chart.js underneath.
 *
 * Each builder takes a spec and gives { element, update(spec), png({ name, title, notes }), destroy() }.
 * A spec has: label (what a screen reader says), labels (x), describe(index) → lines of the tip,
 * height in px, onPick(index, series id) for a click or Enter. Values may be null: nothing is drawn.
 */

import "./vendor/chart.umd.min.js";
import { el, fill } from "./dom.js";

const { Chart } = globalThis;

export const COLORS = {
  ink: "#1d2621", faint: "#6b766f", grid: "#e8edea", paper: "#ffffff",
  green: "#1f7a5c", greenLight: "#8cc3ac", blue: "#4a74a8", blueLight: "#a9c1dd", amber: "#dba339",
  red: "#c0342b", rust: "#8c3b2e", sand: "#c9c4b4", grey: "#9aa59f",
};
/** For series without a meaning of their own, in this order. */
export const SERIES = [COLORS.green, COLORS.blue, COLORS.amber, COLORS.rust, COLORS.greenLight, COLORS.grey, COLORS.blueLight];

const BAND_ALPHA = "26"; // of ff, behind a line
const PNG_SCALE = 2;
const TAG_ROOM = 52; // px to the right of the longest bar

Object.assign(Chart.defaults, { animation: false, responsive: true, maintainAspectRatio: false, color: COLORS.faint });
Chart.defaults.devicePixelRatio = Math.max(PNG_SCALE, globalThis.devicePixelRatio || 1);
Chart.defaults.font.family = getComputedStyle(document.documentElement).fontFamily;
Chart.defaults.font.size = 12;
Chart.defaults.borderColor = COLORS.grid;
Object.assign(Chart.defaults.plugins.tooltip, {
  backgroundColor: "#22302a", padding: 10, cornerRadius: 8, boxPadding: 4, displayColors: false, bodySpacing: 4,
  titleMarginBottom: 4,
});

export const percent = (value, digits = 1) => (value == null ? "—" : `${(value * 100).toFixed(digits)}%`);

/** spec.series: [{ id, name, values, color, low, high, dashed: [bool a point],
 * faint: [bool], plain: a thin dotted line of reference }]; spec.percent. */
export function lineChart(spec) {
  return mount(spec, (now) => ({
    type: "line",
    data: { labels: now.labels, datasets: now.series.flatMap((one, index) => withBand(one, SERIES[index % SERIES.length])) },
    options: {
      interaction: { mode: "index", intersect: false },
      scales: { x: dayAxis(), y: valueAxis(now) },
      plugins: { legend: legend(now.series.length > 1, "line"), tooltip: tip(now) },
    },
  }));
}

/**
 * spec.series: [{ id, name, values, color }], one upon the other; spec.share: as parts of 100 %;
 * spec.legend false: the page has a legend of its own (the PNG has one all the same).
 */
export function stackedBars(spec) {
  return mount(spec, (now) => ({
    type: "bar",
    data: {
      labels: now.labels,
      datasets: now.series.map((one, index) => ({
        id: one.id, label: one.name, data: now.share ? shares(now, one) : one.values,
        backgroundColor: one.color ?? SERIES[index % SERIES.length], barPercentage: 0.92, categoryPercentage: 0.86,
      })),
    },
    options: {
      interaction: { mode: "index", intersect: false },
      scales: { x: { ...dayAxis(), stacked: true }, y: { ...valueAxis({ ...now, percent: now.share, max: now.share ? 1 : now.max }), stacked: true } },
      plugins: { legend: legend(now.legend !== false), tooltip: tip(now) },
    },
  }));
}

/** spec.items: [{ id, name, value, tag, color, note }], lying bars with their tags at the ends, as given. */
export function bars(spec) {
  const dressed = (given) => ({
    ...given,
    labels: given.items.map((item) => item.name),
    series: [{ id: "value", values: given.items.map((item) => item.value) }],
    height: given.height ?? 8 + given.items.length * 30,
    describe: given.describe ?? ((index) => [given.items[index].note ?? String(given.items[index].value)]),
    pickId: (index) => given.items[index].id,
  });
  const handle = mount(dressed(spec), (now) => ({
    type: "bar",
    data: {
      labels: now.labels,
      datasets: [{ data: now.series[0].values, backgroundColor: now.items.map((item) => item.color ?? COLORS.green), maxBarThickness: 18, borderRadius: 3 }],
    },
    options: {
      indexAxis: "y",
      interaction: { mode: "index", axis: "y", intersect: false },
      layout: { padding: { right: TAG_ROOM } },
      scales: { x: { ...valueAxis(now), display: false }, y: { grid: { display: false }, border: { display: false }, ticks: { color: COLORS.ink, autoSkip: false } } },
      plugins: { legend: { display: false }, tooltip: tip(now) },
    },
    plugins: [tags(now)],
  }));
  return { ...handle, update: (next) => handle.update(dressed(next)) };
}

/** What a bar stands for, at its end. */
const tags = ({ items }) => ({
  id: "tags",
  afterDatasetsDraw(chart) {
    const { ctx } = chart;
    const drawn = chart.getDatasetMeta(0).data;
    ctx.save();
    Object.assign(ctx, { fillStyle: COLORS.ink, textBaseline: "middle", font: `12px ${Chart.defaults.font.family}` });
    items.forEach((item, index) => ctx.fillText(item.tag ?? item.value ?? "", drawn[index].x + 6, drawn[index].y));
    ctx.restore();
  },
});

function withBand(one, fallback) {
  const color = one.color ?? fallback;
  const dashed = (index) => Boolean(one.dashed?.[index]);
  const line = {
    id: one.id, label: one.name, data: one.values, borderColor: color, backgroundColor: color, borderWidth: 2, cubicInterpolationMode: "monotone", clip: 8,
    spanGaps: false, pointHitRadius: 12, order: 1,
    pointRadius: one.values.length > 45 ? 0 : one.values.map((_, index) => (one.faint?.[index] ? 2.5 : 3)),
    pointHoverRadius: 5,
    pointBackgroundColor: one.values.map((_, index) => (one.faint?.[index] ? COLORS.sand : dashed(index) ? COLORS.paper : color)),
    pointBorderColor: one.values.map((_, index) => (one.faint?.[index] ? COLORS.sand : color)),
    ...(one.plain && { borderWidth: 1.5, borderDash: [2, 3], pointRadius: 0, pointHitRadius: 0, pointHoverRadius: 0 }),
    segment: one.plain ? undefined : { borderDash: ({ p1DataIndex }) => (dashed(p1DataIndex) ? [5, 4] : undefined) },
  };
  if (!one.low) return [line];
  const edge = { borderWidth: 0, pointRadius: 0, pointHitRadius: 0, pointHoverRadius: 0, cubicInterpolationMode: "monotone", order: 2, backgroundColor: color + BAND_ALPHA };
  return [line, { ...edge, label: "low", data: one.low }, { ...edge, label: "high", data: one.high, fill: "-1" }];
}

function shares(spec, one) {
  return one.values.map((value, index) => {
    const whole = spec.series.reduce((sum, other) => sum + (other.values[index] ?? 0), 0);
    return whole ? value / whole : null;
  });
}

const dayAxis = () => ({ grid: { display: false }, ticks: { maxRotation: 0, autoSkipPadding: 14 } });

function valueAxis({ percent: asPercent, max, min = 0, format }) {
  return {
    min, max, beginAtZero: true, border: { display: false },
    ticks: { maxTicksLimit: 6, precision: asPercent ? undefined : 0, callback: (value) => (format ? format(value) : asPercent ? `${Math.round(value * 100)}%` : value) },
  };
}

const legend = (display, pointStyle = "rectRounded") => ({
  display, position: "bottom", align: "start",
  labels: {
    boxWidth: 10, boxHeight: 10, padding: 12, usePointStyle: true, pointStyleWidth: pointStyle === "line" ? 22 : 10,
    // In the series' own colour, whatever its first point looks like; the edges of a band are no series.
    generateLabels: (chart) =>
      chart.data.datasets.flatMap(({ id, label, borderColor, backgroundColor }, datasetIndex) => {
        const color = borderColor ?? backgroundColor;
        const { lineWidth, lineDash } = pointStyle === "line" ? { lineWidth: 2, lineDash: chart.data.datasets[datasetIndex].borderDash ?? [] } : { lineWidth: 0, lineDash: [] };
        return id === undefined ? [] : [{ text: label, fontColor: COLORS.ink, fillStyle: color, strokeStyle: color, lineWidth, lineDash, pointStyle, datasetIndex, hidden: !chart.isDatasetVisible(datasetIndex) }];
      }),
  },
});

const tip = (spec) => ({
  filter: (item, index) => index === 0, // the lines come from describe, once
  callbacks: { title: ([item]) => (item ? String(spec.titles?.[item.dataIndex] ?? item.label) : ""), label: (item) => spec.describe(item.dataIndex) },
});

/* One canvas, its keys, its picture. */

function mount(first, configure) {
  let spec = first;
  const canvas = el("canvas", { role: "img", tabindex: 0 });
  const said = el("p.sr", { "aria-live": "polite" });
  const frame = el("div.chart", {}, canvas);
  const element = el("div.chart-box", {}, frame, said);
  let chart = null;
  let at = -1;

  const draw = () => {
    frame.style.height = `${spec.height ?? 260}px`;
    canvas.setAttribute("aria-label", `${spec.label}。用左右方向键逐项查看${spec.onPick ? "，回车查看明细" : ""}`);
    canvas.classList.toggle("pickable", Boolean(spec.onPick));
    const config = configure(spec);
    config.options.onClick = (_event, hit, now) => spec.onPick && hit.length && pick(hit, now);
    chart?.destroy();
    chart = new Chart(canvas, config);
    at = -1;
  };
  const pick = (hit, now) => {
    const { index, datasetIndex } = hit[0];
    spec.onPick(index, spec.pickId?.(index) ?? now.data.datasets[datasetIndex].id);
  };

  const show = (index) => {
    at = Math.max(0, Math.min(spec.labels.length - 1, index));
    const active = chart.data.datasets.map((_, datasetIndex) => ({ datasetIndex, index: at }));
    chart.setActiveElements(active);
    chart.tooltip.setActiveElements(active, { x: 0, y: 0 });
    chart.update();
    fill(said, [spec.titles?.[at] ?? spec.labels[at], ...spec.describe(at)].join("，"));
  };
  const hide = () => {
    at = -1;
    chart.setActiveElements([]);
    chart.tooltip.setActiveElements([], { x: 0, y: 0 });
    chart.update();
  };
  canvas.addEventListener("keydown", (event) => {
    const steps = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at < 0 ? spec.labels.length - 1 : at - 1, ArrowUp: at - 1, Home: 0, End: spec.labels.length - 1 };
    if (event.key in steps && spec.labels.length) show(steps[event.key]);
    else if (event.key === "Enter" && at >= 0 && spec.onPick) spec.onPick(at, spec.pickId?.(at) ?? null);
    else if (event.key === "Escape" && at >= 0) hide();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  canvas.addEventListener("blur", () => at >= 0 && hide());

  // A canvas has no size before it is in the page.
  const seen = new ResizeObserver(() => frame.clientWidth && !chart && draw());
  seen.observe(frame);
  return {
    element,
    update(next) {
      spec = { ...spec, ...next };
      if (chart) draw();
    },
    async png({ name, title, notes = [] }) {
      const { legend: shown } = chart.options.plugins;
      const asItWas = shown.display;
      if (spec.legend === false) Object.assign(shown, { display: true }), chart.update();
      await savePng(canvas, name, title ?? spec.label, notes);
      if (shown.display !== asItWas) Object.assign(shown, { display: asItWas }), chart.update();
    },
    destroy() {
      seen.disconnect();
      chart?.destroy();
    },
  };
}

/** The chart on paper of its own, with its title above and notes (range, filters, formula) below. */
async function savePng(canvas, name, title, notes) {
  const [pad, line] = [24 * PNG_SCALE, 19 * PNG_SCALE];
  const paper = document.createElement("canvas");
  const pen = paper.getContext("2d");
  const family = Chart.defaults.font.family;
  const small = `${12 * PNG_SCALE}px ${family}`;
  paper.width = canvas.width + 2 * pad;
  pen.font = small;
  const rows = notes.flatMap((note) => wrap(pen, note, canvas.width));
  paper.height = canvas.height + 3 * pad + line + rows.length * line;
  pen.fillStyle = COLORS.paper;
  pen.fillRect(0, 0, paper.width, paper.height);
  pen.fillStyle = COLORS.ink;
  pen.font = `600 ${16 * PNG_SCALE}px ${family}`;
  pen.fillText(title, pad, pad + line * 0.8);
  pen.drawImage(canvas, pad, pad * 1.5 + line);
  pen.font = small;
  pen.fillStyle = COLORS.faint;
  rows.forEach((row, index) => pen.fillText(row, pad, canvas.height + pad * 2.2 + line * (index + 1.6)));
  const blob = await new Promise((resolve) => paper.toBlob(resolve, "image/png"));
  save(blob, `${name}.png`);
}

function wrap(pen, text, width) {
  const rows = [""];
  for (const sign of text) {
    if (pen.measureText(rows.at(-1) + sign).width > width) rows.push("");
    rows[rows.length - 1] += sign;
  }
  return rows;
}

/** Hand a file to whoever sits at the page. */
export function save(blob, name) {
  const url = URL.createObjectURL(blob);
  const link = el("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
