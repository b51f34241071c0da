/* Who works here: log-ins, roles, skills and how many conversations at once (admin). */

import { api } from "./api.js";
import { ask, loading, toast } from "./dialog.js";
import { button, el, fill } from "./dom.js";
import { options } from "./meta.js";
import { PRESENCE, ROLES } from "./words.js";

export function agentsPage(place, desk, signal) {
  const rows = el("tbody");

  const load = () =>
    loading(rows, async () => {
      const { agents } = await api.get("/agents?all=1");
      if (!signal.aborted) fill(rows, agents.sort((a, b) => b.active - a.active).map(row)); // who left, last
    });

  const fields = (one) => [
    { name: "name", label: "姓名（客户会看到）", required: true, maxlength: 20, value: one?.name },
    { name: "role", label: "角色", type: "select", options: Object.entries(ROLES), value: one?.role ?? "agent" },
    { name: "skills", label: "技能", type: "checks", options: options("skills"), value: one?.skills },
    { name: "capacity", label: "同时接待上限", type: "number", min: 0, max: 50, step: 1, required: true, value: one?.capacity ?? 5 },
    { name: "extension", label: "电话分机", maxlength: 16, value: one?.extension ?? "", hint: "来电转给这位坐席时拨打；没有电话就留空，用键盘接待" },
  ];

  const add = () =>
    ask({
      title: "新增坐席",
      submit: "新增",
      fields: [
        { name: "login", label: "账号", required: true, maxlength: 32, hint: "登录时用，例如姓名拼音" },
        { name: "password", label: "初始密码", type: "password", required: true, minlength: 10, autocomplete: "new-password", hint: "至少 10 位，请本人登录后修改" },
        ...fields(null),
      ],
      onSubmit: async (values) => {
        await api.post("/agents", values);
        toast("坐席已新增");
        load();
      },
    });

  const edit = (one) =>
    ask({
      title: `修改：${one.name}`,
      submit: "保存",
      fields: [
        ...fields(one),
        { name: "password", label: "重设密码（不改就留空）", type: "password", minlength: 10, autocomplete: "new-password" },
        { name: "active", label: "可以登录", type: "checkbox", value: one.active },
      ],
      onSubmit: async ({ password, ...values }) => {
        await api.patch(`/agents/${encodeURIComponent(one.id)}`, { ...values, ...(password && { password }) });
        toast("已保存");
        load();
      },
    });

  const row = (one) =>
    el(
      "tr",
      { "data-presence": one.presence },
      el("td", {}, el("b", {}, one.name), " ", el("span.faint", {}, one.login)),
      el("td", {}, ROLES[one.role] ?? one.role),
      el("td", {}, one.active ? (PRESENCE[one.presence] ?? "") : "已停用"),
      el("td", {}, `${one.load ?? 0}/${one.capacity}`),
      el("td", {}, (one.skills ?? []).join("、")),
      el("td", {}, one.totp ? "已绑定" : "—"),
      el("td", {}, button(".btn.small", "修改", () => edit(one), { "aria-label": `修改 ${one.name}` })),
    );

  const heads = ["姓名", "角色", "状态", "接待", "技能", "验证器", ""];
  fill(
    place,
    el("header.page-head", {}, el("h1", {}, "坐席"), el("span.grow"), button(".btn.primary", "新增坐席", add)),
    el("section.panel", {}, el("div.table-scroll", {}, el("table", {}, el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col" }, head)))), rows))),
  );
  load();
}
