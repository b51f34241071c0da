/* What was said in an episode, read-only and masked. */

import { el } from "../dom.js";
import { icon } from "../icons.js";
import { EXCLUDED, count, percent, seconds, shopTime } from "./words.js";

const AUTHORS = { customer: "客户", bot: "小禾", agent: "人工客服", system: "系统" };
const MOODS = { negative: "不满", positive: "满意" };

/** `found`: the answer of GET /reports/episodes/{id}. */
export function transcript(found) {
  return el(
    "article.transcript",
    {},
    el("header.drill-top", {}, badges(found.episode)),
    el("ol.transcript-lines", {}, found.messages.map(line)),
  );
}

const line = (message) =>
  el(
    "li.said",
    { "data-author": message.author },
    el("span.said-who", {}, AUTHORS[message.author] ?? message.author, el("time", { datetime: message.at }, shopTime(message.at))),
    el("p", {}, message.text),
    message.author === "customer" && message.intent && el("span.said-note", {}, `识别为「${message.intent_name ?? message.intent}」${message.confidence == null ? "" : ` ${percent(message.confidence, 0)}`}`, MOODS[message.emotion] && `　${MOODS[message.emotion]}`),
  );

/** When, where, about what, and how it ended. */
export function badges(episode) {
  return [
    el("time", { datetime: episode.started_at }, shopTime(episode.started_at)),
    el("span.channel", { title: episode.channel_name }, icon(episode.channel), el("span.sr", {}, episode.channel_name)),
    episode.intent_name && el("b", {}, episode.intent_name),
    episode.outcome && el("span.outcome", { "data-outcome": episode.outcome }, episode.outcome_name ?? episode.outcome),
    episode.excluded && el("span.chip.quiet", {}, `不计入：${EXCLUDED[episode.excluded] ?? episode.excluded}`),
    episode.repeated_after_s != null && el("span.chip.strong", {}, `${seconds(episode.repeated_after_s)}后又来`),
    episode.provisional && el("span.chip.quiet", {}, "暂定"),
    episode.csat != null && el("span.faint", {}, `评分 ${count(episode.csat)}`),
  ];
}
