/* What came with the customer: why, what was said and tried, how they feel, what one might answer. */

import { button, el } from "./dom.js";
import { moment } from "./time.js";
import { sparkline } from "./sparkline.js";

const SHOWN_SLOTS = 12;

/** actions: { jump(seq), suggest(text) }; `mayExport`: the packet can be had as a file. */
export function packetPart(packet, actions, mayExport) {
  if (!packet) return null;
  const trend = packet.emotion?.trend ?? [];
  const lines = new Map((packet.transcript ?? []).map((one) => [one.seq, one.text]));
  return el(
    "section.part.packet",
    { "aria-label": "交接包" },
    el(
      "h3",
      {},
      "转人工原因",
      el("span.chip.strong", {}, packet.reason_text ?? packet.reason),
      el("span.grow"),
      mayExport && el("a.export", { href: `/api/desk/handoffs/${encodeURIComponent(packet.handoff)}/packet`, download: "" }, "导出"),
    ),
    packet.summary && el("p.summary", {}, packet.summary),
    (packet.evidence ?? []).length > 0 &&
      el("ul.evidence", { "aria-label": "依据" }, bySentence(packet.evidence).map(([seq, whys]) => evidence(seq, whys, lines.get(seq), actions))),
    trend.length > 0 && el("div.sub", {}, el("h4", {}, "情绪走势"), sparkline(trend, actions.jump)),
    suggestions(packet.suggestions, actions),
    tried(packet.tried, actions),
    slots(packet.slots),
    intents(packet.intents, actions),
  );
}

/** [[seq, [why, …]], …]: one sentence may give several reasons. */
function bySentence(list) {
  const found = new Map();
  for (const { seq, why } of list) found.set(seq, [...(found.get(seq) ?? []), why]);
  return [...found];
}

function evidence(seq, whys, words, actions) {
  const jump = button(".evidence-jump", "", () => actions.jump(seq), { title: "跳到这条消息" });
  jump.append(el("b", {}, whys.join(" · ")), words ? el("q", {}, words) : "");
  return el("li", {}, jump);
}

function suggestions(list, actions) {
  if (!list?.length) return null;
  return el(
    "div.sub",
    {},
    el("h4", {}, "建议回复"),
    list.map(({ text, from }) => button(".suggestion", text, () => actions.suggest(text), { title: `放到输入框${from ? ` · 来自${from}` : ""}` })),
  );
}

function tried(list, actions) {
  if (!list?.length) return null;
  return el(
    "div.sub",
    {},
    el("h4", {}, "小禾已经做过"),
    el("ul.tried", {}, list.map((one) => el("li", {}, button(".link", one.what, () => actions.jump(one.seq)), one.result && el("span.faint", {}, ` → ${one.result}`)))),
  );
}

function slots(values) {
  const entries = Object.entries(values ?? {}).slice(0, SHOWN_SLOTS);
  if (!entries.length) return null;
  return el("div.sub", {}, el("h4", {}, "已知信息"), el("dl.facts", {}, entries.map(([name, value]) => [el("dt", {}, name), el("dd", {}, readable(value))])));
}

function intents(list, actions) {
  const known = (list ?? []).filter((one) => one.intent);
  if (!known.length) return null;
  return el(
    "details.sub",
    {},
    el("summary", {}, `意图经过（${known.length}）`),
    el("p.intents", {}, known.map((one) => button(".intent", one.name ?? one.intent_name ?? one.intent, () => actions.jump(one.seq), { title: one.confidence == null ? "" : `把握 ${Math.round(one.confidence * 100)}%` }))),
  );
}

function readable(value) {
  if (value === true) return "是";
  if (value === false) return "否";
  if (Array.isArray(value)) return value.map(readable).join("、");
  if (value && typeof value === "object") return Object.values(value).map(readable).join(" · ");
  return typeof value === "string" && /^\d{4}-\d\d-\d\dT/.test(value) ? moment(value) : String(value ?? "");
}
