/* What an agent decides: each asks what is needed, tells the service, says what came of it. */

import { api, of } from "./api.js";
import { ask, show, toast } from "./dialog.js";
import { el, newId } from "./dom.js";
import { options } from "./meta.js";
import { PRESENCE } from "./words.js";

const SNOOZES = [["15", "15 分钟"], ["30", "30 分钟"], ["60", "1 小时"], ["180", "3 小时"], ["1440", "明天这个时候"]];
const required = { required: true };

export async function transfer(id, me) {
  const { agents } = await api.get("/agents");
  const ready = (one) => one.presence === "online" && one.load < one.capacity;
  const others = agents
    .filter((one) => one.id !== me.id && one.active !== false)
    .sort((a, b) => ready(b) - ready(a));
  const free = (one) => `${one.name} · ${PRESENCE[one.presence] ?? ""} · ${one.load}/${one.capacity}`;
  return ask({
    title: "转接会话",
    submit: "转接",
    fields: [
      {
        name: "to", label: "转给", type: "select", ...required,
        options: [
          ["supervisor:", "主管"],
          ...options("skills").map(([skill, name]) => [`skill:${skill}`, `技能组：${name}`]),
          ...others.map((one) => [`agent:${one.id}`, free(one)]),
        ],
        value: others.length && ready(others[0]) ? `agent:${others[0].id}` : "supervisor:",
      },
      { name: "note", label: "交接说明", type: "textarea", maxlength: 1000, hint: "同事会看到；客户看不到" },
    ],
    onSubmit: async ({ to, note }) => {
      const [kind, value] = to.split(/:(.*)/s);
      await api.post(of(id, "/transfer"), { to: { [kind]: value || true }, note });
      toast("已转接");
    },
  });
}

export function snooze(id) {
  return ask({
    title: "稍后处理",
    text: "到时间，或客户再次发言时，会话会回到「我的会话」。",
    submit: "稍后处理",
    fields: [{ name: "minutes", label: "多久以后", type: "select", options: SNOOZES }],
    onSubmit: async ({ minutes }) => {
      await api.post(of(id, "/snooze"), { minutes: Number(minutes) });
      toast("已放到「稍后」");
    },
  });
}

export function resolve(id) {
  return ask({
    title: "结束会话",
    submit: "结束会话",
    fields: [
      { name: "disposition", label: "处理结果", type: "select", options: options("dispositions"), ...required },
      { name: "note", label: "小结（选填）", type: "textarea", maxlength: 500 },
    ],
    onSubmit: async (values) => {
      await api.post(of(id, "/resolve"), values);
      toast("会话已结束");
    },
  });
}

export function handBack(id) {
  return ask({
    title: "交还小禾",
    text: "小禾会接着服务，并记得这里约定的内容。",
    submit: "交还",
    fields: [{ name: "note", label: "和客户约定了什么", type: "textarea", maxlength: 500, placeholder: "例如：已同意退货，明天 10 点上门取件" }],
    onSubmit: async (values) => {
      await api.post(of(id, "/hand-back"), values);
      toast("已交还给小禾");
    },
  });
}

export function reveal(id, orders) {
  const numbers = (orders ?? []).map((order) => [order.number, `订单 ${order.number} 的收货信息`]);
  return ask({
    title: "查看完整信息",
    text: "查看会记入审计日志，请写明原因。",
    submit: "查看",
    fields: [
      { name: "field", label: "要看什么", type: "select", options: [["phone", "手机号"], ["address", "收货地址"], ["name", "姓名"]] },
      ...(numbers.length ? [{ name: "order", label: "哪里的", type: "select", options: [["", "会员资料"], ...numbers] }] : []),
      { name: "reason", label: "原因", minlength: 4, maxlength: 200, ...required, placeholder: "例如：核对改派的收货地址" },
    ],
    onSubmit: async ({ field, order, reason }) => {
      const { value } = await api.post(of(id, "/reveal"), { field, reason, ...(order && { order }) });
      show("完整信息", el("p.revealed", { tabindex: 0 }, value ?? "商城里没有这项信息"));
    },
  });
}

export function revealMessage(id, seq) {
  return ask({
    title: "查看消息原文",
    text: "查看会记入审计日志，请写明原因。",
    submit: "查看",
    fields: [{ name: "reason", label: "原因", minlength: 4, maxlength: 200, ...required }],
    onSubmit: async ({ reason }) => {
      const { value } = await api.post(of(id, "/reveal"), { field: "message", seq, reason });
      show("消息原文", el("p.revealed", { tabindex: 0 }, value));
    },
  });
}

export function startReturn(id, orders) {
  const lines = orders.flatMap((order) =>
    (order.items ?? []).map((item) => [`${order.number}|${item.sku ?? ""}`, `${item.title}（${order.number}）`]),
  );
  if (!lines.length) {
    toast("没有可退货的订单", "bad");
    return null;
  }
  const key = newId(); // the same for a second try: the shop opens one return only
  return ask({
    title: "发起退货",
    submit: "提交退货",
    fields: [
      { name: "line", label: "商品", type: "select", options: lines, ...required },
      { name: "reason", label: "退货原因", type: "textarea", rows: 2, maxlength: 200, ...required },
      { name: "opened", label: "已拆封或使用", type: "checkbox" },
      { name: "defective", label: "商品有质量问题", type: "checkbox" },
    ],
    onSubmit: async ({ line, reason, opened, defective }) => {
      const [order, sku] = line.split("|");
      const done = await api.post(of(id, "/returns"), { order, sku, reason, opened, defective, key });
      toast(done?.message ?? "退货已提交");
    },
  });
}

export function coupon(id, me) {
  const key = newId();
  return ask({
    title: "发补偿券",
    text: me.coupon_limit_yuan ? `你单次最多可发 ${me.coupon_limit_yuan} 元，发放会记入审计日志。` : "发放会记入审计日志。",
    submit: "发放",
    fields: [
      { name: "yuan", label: "金额（元）", type: "number", min: 1, step: 1, max: me.coupon_limit_yuan || undefined, ...required },
      { name: "reason", label: "原因", minlength: 4, maxlength: 200, ...required },
    ],
    onSubmit: async (values) => {
      const done = await api.post(of(id, "/coupons"), { ...values, key });
      toast(done?.message ?? `已发放 ${values.yuan} 元补偿券`);
    },
  });
}

export function openCase(id) {
  return ask({
    title: "建工单",
    submit: "建工单",
    fields: [
      { name: "kind", label: "类型", type: "select", options: options("case_kinds"), value: "follow_up", ...required },
      { name: "grade", label: "紧急程度", type: "select", options: options("grades"), value: "ordinary" },
      { name: "title", label: "标题", maxlength: 120, ...required },
      { name: "detail", label: "详情", type: "textarea", rows: 4, maxlength: 4000, ...required },
      { name: "due", label: "期限（选填）", type: "datetime-local" },
    ],
    onSubmit: async ({ due, ...values }) => {
      await api.post(of(id, "/cases"), { ...values, ...(due && { due_at: new Date(due).toISOString() }) });
      toast("工单已建立");
    },
  });
}

export function editTags(id, tags) {
  return ask({
    title: "客户标签",
    submit: "保存",
    fields: [{ name: "tags", label: "标签，用逗号分开", value: (tags ?? []).join("，"), maxlength: 300 }],
    onSubmit: async (values) => {
      const list = values.tags.split(/[,，、;；]/).map((tag) => tag.trim()).filter(Boolean);
      await api.put(of(id, "/tags"), { tags: [...new Set(list)] });
      toast("标签已保存");
    },
  });
}
