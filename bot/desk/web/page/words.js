/* Words for what the API names by code, and small marks made of them. */

import { el } from "./dom.js";
import { icon } from "./icons.js";

export const LIGHTS = { green: "平稳", yellow: "留意", red: "激动" };
export const PRESENCE = { online: "在线", away: "小休", offline: "离线" };
export const ROLES = { agent: "客服", supervisor: "主管", admin: "管理员" };
export const STATUS = {
  bot: "由小禾接待", waiting: "排队中", assigned: "接待中", snoozed: "稍后处理", closed: "已结束",
};
export const ALARMS = {
  negative: "持续不满", sla: "即将超时", silent: "久未回复", unanswered: "无人应答", case: "个案超时",
};
export const SLA = "第一次回复的时限";
export const CASE_STATUS = { open: "待处理", doing: "处理中", done: "已办结" };
export const GRADES = { urgent: "紧急", important: "重要", ordinary: "一般" };
export const LEVELS = { anonymous: "访客", linked: "已核对订单", verified: "已登录会员" };

const SPEAKERS = { agent: "我方：", bot: "小禾：" };

/** The newest words of a conversation in one line. */
export function lastSaid({ last }) {
  return last ? `${SPEAKERS[last.author] ?? ""}${last.text}` : "";
}

/** What alarms about a conversation; a deadline that has passed is no longer near. */
export function alarmText(item) {
  if (item.alarm === "sla" && Date.parse(item.sla_due) < Date.now()) return "已超时";
  return ALARMS[item.alarm] ?? "告警";
}

/** The emotion light: told apart by shape and word, not by colour alone. */
export function light(value, score) {
  if (!value) return null;
  const word = LIGHTS[value] ?? "";
  const title = score == null ? `情绪：${word}` : `情绪：${word}（${Math.round(score * 100)}）`;
  return el("span.light", { "data-light": value, title }, el("i", { "aria-hidden": "true" }), el("span.sr", {}, `情绪${word}`));
}

export function tierBadge(item) {
  return item.tier_name ? el("span.tier", { "data-tier": item.tier ?? "" }, item.tier_name) : null;
}

export function channelIcon(item) {
  const mark = el("span.channel", { title: item.channel_name ?? item.channel }, icon(item.channel));
  mark.append(el("span.sr", {}, item.channel_name ?? ""));
  return mark;
}

export function initials(name) {
  return [...(name ?? "?")].filter((sign) => sign !== "*")[0] ?? "?";
}

