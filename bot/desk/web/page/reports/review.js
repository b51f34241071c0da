/* The week's audit: was what counts as fulfilled really fulfilled? One episode at a time, by key or button. */

import { api } from "../api.js";
import { loading, toast } from "../dialog.js";
import { button, el, fill } from "../dom.js";
import { explain } from "./explain.js";
import { mark, nothing } from "./parts.js";
import { shift, today } from "./query.js";
import { transcript } from "./transcript.js";
import { count, interval, percent, shortDay } from "./words.js";

const LABELS = [
  ["right", "确实解决", "1"],
  ["wrong", "没有解决", "2"],
  ["unsure", "说不清", "3"],
];
const WHY = "抽检中判为「确实解决」的 ÷（「确实解决」+「没有解决」），「说不清」不算。每周随机抽 100 个机器人解决的会话。";

export function review(place, { signal }) {
  const body = el("div.rp-body");
  const said = el("p.sr", { "aria-live": "assertive" });
  fill(place, body, said);
  let week = ""; // the service's choice: the last whole week
  let sample = null;
  let at = 0;
  let busy = false;
  let asked = 0; // an answer that comes after a newer question is thrown away

  const load = () =>
    loading(body, async () => {
      sample = await api.get(`/reports/audit${week && `?week=${week}`}`);
      if (signal.aborted) return;
      week = sample.week;
      at = Math.max(0, nextOpen(-1));
      show();
    });

  const nextOpen = (after) => {
    const order = sample.items.map((_, index) => (after + 1 + index) % sample.items.length);
    return order.find((index) => sample.items[index].label === null) ?? Math.min(after + 1, sample.items.length - 1);
  };

  const move = (days) => {
    week = shift(week, days);
    body.replaceChildren();
    load();
  };

  const weeks = () => {
    const last = shift(sample.week, 6);
    return el(
      "div.review-weeks",
      {},
      button(".btn.small", "上一周", () => move(-7)),
      el("b", {}, `${shortDay(sample.week)} – ${shortDay(last)}`),
      button(".btn.small", "下一周", () => move(7), { disabled: last >= today() }),
    );
  };

  const words = el("div.review-words", { tabindex: -1 });
  const answers = el("div.review-answers", { role: "group", "aria-label": "判断" });
  const steps = el("ol.review-steps", { "aria-label": "抽到的会话" });
  const side = el("div.review-side");

  function show() {
    if (!sample.items.length) {
      return fill(body, weeks(), nothing("这一周还没有可抽检的会话", el("p", {}, "每周从机器人解决的会话里随机抽 100 个；会话结束后才会被抽到。可以看看别的周。")));
    }
    fill(body, el("div.review", {}, el("section.panel.review-main", { "aria-label": "会话内容" }, answers, words), el("div.rp-stack", {}, el("section.panel", {}, weeks(), side), el("section.panel", {}, el("h2", {}, "抽到的会话"), steps))));
    showItem();
  }

  function showSide() {
    const { precision, items } = sample;
    const done = items.filter((one) => one.label !== null).length;
    fill(
      side,
      el("p.rp-sub", {}, "进度 ", el("b", { "data-figure": "review-done" }, `${done} / ${items.length}`)),
      el("progress", { max: items.length, value: done, "aria-label": "进度" }),
      el("div.review-precision", { "data-greyed": precision.greyed }, el("span", {}, explain("抽检准确率", WHY)), el("b", { "data-figure": "review-precision" }, percent(precision.rate)), mark(precision), el("small", {}, precision.n ? `95% 区间 ${interval(precision)}，${count(precision.k)}/${count(precision.n)}` : "判过之后就有")),
      el("p.faint", {}, "准确率会显示在自动化率旁边。"),
    );
  }

  function showSteps() {
    fill(
      steps,
      sample.items.map((item, index) => {
        const name = LABELS.find(([id]) => id === item.label)?.[1] ?? "未判";
        return el("li", {}, button(".review-step", String(index + 1), () => goTo(index), { "data-label": item.label ?? "open", "aria-label": `第 ${index + 1} 个：${name}`, title: name, "aria-current": index === at ? "true" : null }));
      }),
    );
  }

  function showItem() {
    const item = sample.items[at];
    showSide();
    showSteps();
    fill(
      answers,
      el("span.review-at", {}, `第 ${at + 1} 个`),
      LABELS.map(([id, name, key]) => button(`.btn.review-answer`, [name, el("kbd", { "aria-hidden": "true" }, key)], () => answer(id), { "data-label": id, "aria-pressed": String(item.label === id), "aria-keyshortcuts": key })),
      el("span.grow"),
      button(".btn.small", "上一个", () => goTo(at - 1), { disabled: at === 0, "aria-keyshortcuts": "ArrowLeft" }),
      button(".btn.small", "下一个", () => goTo(at + 1), { disabled: at === sample.items.length - 1, "aria-keyshortcuts": "ArrowRight" }),
    );
    const mine = ++asked;
    fill(words);
    loading(words, async () => {
      const found = await api.get(`/reports/episodes/${encodeURIComponent(item.episode.id)}`);
      if (mine === asked) fill(words, transcript(found));
    });
  }

  function goTo(index) {
    if (index < 0 || index >= sample.items.length) return;
    at = index;
    showItem();
  }

  async function answer(label) {
    if (busy) return;
    const item = sample.items[at];
    const here = at;
    const pressed = answers.contains(document.activeElement);
    busy = true;
    try {
      await api.post(`/reports/audit/${encodeURIComponent(item.episode.id)}`, { label, note: "" });
      const fresh = await api.get(`/reports/audit?week=${week}`);
      if (signal.aborted) return;
      sample = fresh;
      said.textContent = `第 ${here + 1} 个：${LABELS.find(([id]) => id === label)[1]}`;
      at = nextOpen(here);
      showItem();
      if (pressed) answers.querySelector(`[data-label="${label}"]`)?.focus();
    } catch (failure) {
      toast(failure.message, "bad");
    } finally {
      busy = false;
    }
  }

  document.addEventListener(
    "keydown",
    (event) => {
      if (!sample?.items.length || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target.closest("input, select, textarea, dialog")) return;
      const label = LABELS.find(([, , key]) => key === event.key)?.[0];
      if (label) answer(label);
      else if (event.key === "ArrowLeft") goTo(at - 1);
      else if (event.key === "ArrowRight") goTo(at + 1);
      else return;
      event.preventDefault();
    },
    { signal },
  );
  load();
}
