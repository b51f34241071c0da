/* Canned replies: everybody's, and one's own. */

import { api } from "./api.js";
import { ask, loading, toast } from "./dialog.js";
import { button, el, fill } from "./dom.js";

const VARIABLES = "可用变量：{客户姓名} {订单号} {客服姓名} {商品}";

export function cannedPage(place, desk, signal) {
  const list = el("div.canned-list", {});
  const search = el("input", { type: "search", placeholder: "搜索快捷回复", "aria-label": "搜索快捷回复", oninput: () => render() });
  let items = [];

  const load = () =>
    loading(list, async () => {
      ({ items } = await api.get("/canned"));
      if (!signal.aborted) render();
    });

  const mayChange = (one) => !one.shared || desk.can("canned_shared");

  const fields = (one) => [
    { name: "shortcut", label: "快捷词", required: true, maxlength: 12, value: one?.shortcut, hint: "输入框里键入 / 加这个词" },
    { name: "title", label: "标题", required: true, maxlength: 40, value: one?.title },
    { name: "body", label: "内容", type: "textarea", rows: 5, required: true, maxlength: 1000, value: one?.body, hint: VARIABLES },
    ...(desk.can("canned_shared") ? [{ name: "shared", label: "所有人可用", type: "checkbox", value: one ? one.shared : true }] : []),
  ];

  const edit = (one) =>
    ask({
      title: one ? "修改快捷回复" : "新增快捷回复",
      submit: "保存",
      fields: fields(one),
      onSubmit: async (values) => {
        const all = { shared: false, intents: one?.intents ?? [], ...values };
        if (one) await api.put(`/canned/${encodeURIComponent(one.id)}`, all);
        else await api.post("/canned", all);
        toast("已保存");
        load();
      },
    });

  const drop = (one) =>
    ask({
      title: "删除快捷回复",
      text: `要删除「${one.title}」吗？`,
      submit: "删除",
      danger: true,
      onSubmit: async () => {
        await api.delete(`/canned/${encodeURIComponent(one.id)}`);
        load();
      },
    });

  const render = () => {
    const words = search.value.trim().toLowerCase();
    const shown = items.filter((one) => `${one.shortcut} ${one.title} ${one.body}`.toLowerCase().includes(words));
    fill(
      list,
      shown.length
        ? shown.map((one) =>
            el(
              "article.canned-card",
              {},
              el("p", {}, el("b.shortcut", {}, `/${one.shortcut}`), el("b", {}, one.title), el("span.chip.quiet", {}, one.shared ? "所有人" : "我的")),
              el("p.canned-body", {}, one.body),
              mayChange(one) && el("p.canned-tools", {}, button(".link", "修改", () => edit(one), { "aria-label": `修改 ${one.title}` }), button(".link.bad", "删除", () => drop(one), { "aria-label": `删除 ${one.title}` })),
            ),
          )
        : el("p.empty", {}, items.length ? "没有匹配的快捷回复" : "还没有快捷回复"),
    );
  };

  fill(place, el("header.page-head", {}, el("h1", {}, "快捷回复"), el("span.grow"), search, button(".btn.primary", "新增", () => edit(null))), list);
  load();
}
