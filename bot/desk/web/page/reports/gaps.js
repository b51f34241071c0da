/* What was not understood, grouped by meaning; one click says what a group means. */

import { api } from "../api.js";
import { act, loading, toast } from "../dialog.js";
import { button, el, fill } from "../dom.js";
import { label as word } from "../meta.js";
import { drill } from "./drill.js";
import { filterBar } from "./filters.js";
import { command, nothing } from "./parts.js";
import { params } from "./query.js";
import { count, shopTime } from "./words.js";

const EXAMPLES = 5;
const IGNORE = "ignore";

export function gaps(place, { query, setQuery, signal }) {
  const body = el("div.rp-body");
  const bar = filterBar(query, setQuery, { onlyDays: true });
  fill(place, bar.element, body);
  bar.refocus();
  const load = () =>
    loading(body, async () => {
      const found = await api.get(`/reports/gaps?${params({ from: query.from, to: query.to })}`);
      if (!signal.aborted) show(found);
    });

  const show = (found) => {
    const cards = found.items.map((gap) => card(gap, found, (labelled) => done(found, gap, labelled)));
    fill(
      body,
      summary(found),
      el("div.rp-split.wide", {}, cards.length ? el("ol.gap-list", {}, cards) : empty(found), howTo(found)),
    );
  };

  const done = (found, gap, labelled) => {
    const items = found.items.filter((one) => one.id !== gap.id);
    show({ ...found, items, labelled: found.labelled + labelled });
    (body.querySelector(".gap button, .gap select") ?? body.querySelector("a, button"))?.focus();
  };
  load();
}

const summary = (found) =>
  el("p.faint", {}, `${count(found.messages)} 条消息没有听懂，归成 ${count(found.items.length)} 组；已标注待导出 ${count(found.labelled)} 句。`);

/** "查物流", or "常见问题 · shipping" for faq/shipping. */
function named(label) {
  const [main, detail] = label.split("/");
  return detail ? `${word("intents", main)} · ${detail}` : word("intents", main);
}

function card(gap, found, done) {
  const choose = el("select", { "aria-label": `「${gap.title}」的意思` }, el("option", { value: "" }, "选择意图…"));
  for (const label of found.labels) choose.append(el("option", { value: label }, named(label) === label ? label : `${named(label)}（${label}）`));
  const send = async (label) => {
    const { labelled } = await api.post("/reports/gaps/label", { keys: gap.keys, label });
    toast(label === IGNORE ? "已忽略这一组" : `已标注 ${labelled} 句为「${named(label)}」`);
    done(labelled);
  };
  const go = button(".btn.small.primary", "标注这一组", () => (choose.value ? act(go, () => send(choose.value)) : choose.focus()));
  const quick = gap.suggestions.slice(0, 2).map((label) => {
    const one = button(".btn.small.strong", `是「${named(label)}」`, () => act(one, () => send(label)), { "data-label": label });
    return one;
  });
  const ignore = button(".btn.small", "忽略", () => act(ignore, () => send(IGNORE)), { title: "不是客户的问题，不用来训练" });
  const example = (one) =>
    el("li", {}, el("q", {}, one.text), one.count > 1 && el("span.faint", {}, ` ×${count(one.count)}`));
  const list = el("ul.gap-examples", {}, gap.examples.slice(0, EXAMPLES).map(example));
  const rest = gap.examples.length - EXAMPLES;
  const more = rest > 0 && button(".link", `还有 ${rest} 个说法`, () => (fill(list, gap.examples.map(example)), more.remove()));
  return el(
    "li.panel.gap",
    { "data-gap": gap.id },
    el("header.gap-head", {}, el("h2", {}, gap.title), el("span.gap-count", {}, el("b", {}, count(gap.count)), " 次"), el("span.faint", {}, `${count(gap.customers)} 位客户 · 最近 ${shopTime(latest(gap))}`)),
    list,
    more,
    el("div.gap-tools", {}, quick.length ? el("span.faint", {}, "引擎猜测：") : null, quick, choose, go, el("span.grow"), gap.examples[0] && button(".link", "看会话", () => drill(`没听懂：${gap.title}`, { one: gap.examples[0].episode })), ignore),
  );
}

const latest = ({ examples }) => examples.map((one) => one.last_at).reduce((a, b) => (a > b ? a : b), "");

const empty = (found) =>
  nothing(
    found.messages ? "都标注完了" : "这段时间没有听不懂的话",
    el("p", {}, found.messages ? "把标注导出，审阅后加入训练数据，就会在下次训练生效。" : "没有听懂的消息会按意思归组，出现在这里。想先试试，可以生成一段演示历史："),
    !found.messages && command("yingda simulate --days 30 --customers 5000"),
  );

function howTo(found) {
  return el(
    "section.panel.rp.gap-how",
    { "aria-label": "从没听懂到学会" },
    el("h2", {}, "从没听懂到学会"),
    el(
      "ol.steps-list",
      {},
      el("li", {}, el("b", {}, "标注"), "　在左边说出每一组的意思，一次标注整组。"),
      el("li", {}, el("b", {}, "导出"), "　生成 Rasa NLU 训练数据：", command("yingda train export --out data/nlu/from_customers.yml"), "或在这里下载：", el("p", {}, el("a.btn.small", { href: "/api/desk/reports/gaps/export?all=true", download: "from-customers.yml" }, "下载 YAML"))),
      el("li", {}, el("b", {}, "审阅并训练"), "　看过改动后训练：", command("yingda train")),
    ),
    el("p.faint", {}, `现在有 ${count(found.labelled)} 句已标注、还没有导出。手机号、姓名、地址已隐去。`),
  );
}
