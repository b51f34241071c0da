/* Right: who the customer is over all channels, and what an agent may do for them. */

import { api, of } from "./api.js";
import * as actions from "./actions.js";
import { parcel, pill } from "./card.js";
import { careRecord } from "./care.js";
import { act, loading, toast } from "./dialog.js";
import { button, el, fill } from "./dom.js";
import { icon } from "./icons.js";
import { packetPart } from "./packet.js";
import { moment } from "./time.js";
import { GRADES, LEVELS, CASE_STATUS, initials } from "./words.js";

const OUTCOMES = {
  automated_confirmed: "小禾已解决", automated_fulfilled: "小禾已办理", handed_off: "人工处理", handoff_failed: "转人工未接上",
  abandoned: "客户离开", bot_error: "系统出错", unresolved: "未解决",
};

export class Side {
  #conversation = null;
  #packetPrint = null;
  #mayPrint = null;

  /** hooks: { jump(seq), suggest(text), back(), changed() } */
  constructor(desk, hooks) {
    this.desk = desk;
    this.hooks = hooks;
    this.packet = el("div.packet-place");
    this.customer = el("div.customer-place");
    const back = button(".icon-button.narrow-only", "", () => hooks.back(), { "aria-label": "回到对话" });
    back.append(icon("back"));
    this.element = el("aside.side", { "aria-label": "客户资料" }, el("div.side-head.narrow-only", {}, back, el("b", {}, "客户资料")), this.packet, this.customer);
  }

  /** Show a conversation; asks for the customer once, and again when `fresh`. */
  show(conversation, fresh = false) {
    const other = conversation !== this.#conversation;
    this.#conversation = conversation;
    const print = JSON.stringify(conversation.detail?.packet ?? null);
    if (other || print !== this.#packetPrint) {
      this.#packetPrint = print;
      fill(this.packet, packetPart(conversation.detail?.packet, this.hooks, this.desk.can("export")));
    }
    const may = JSON.stringify(conversation.detail?.may ?? []);
    if (conversation.customer && !fresh) {
      if (other || may !== this.#mayPrint) this.#render(conversation);
      return;
    }
    if (other) this.customer.replaceChildren();
    if (!other && !fresh) return;
    if (!conversation.may("customer")) return this.customer.replaceChildren();
    loading(this.customer, async () => {
      conversation.customer = await api.get(of(conversation.id, "/customer"));
      if (conversation === this.#conversation) this.#render(conversation);
    });
  }

  clear() {
    this.#conversation = null;
    this.packet.replaceChildren();
    this.customer.replaceChildren();
  }

  #render(conversation) {
    const known = conversation.customer;
    this.#mayPrint = JSON.stringify(conversation.detail?.may ?? []);
    fill(
      this.customer,
      this.#who(conversation, known),
      this.#buttons(conversation, known),
      careRecord(known.care),
      known.shop_error && el("p.warn-line", { role: "status" }, known.shop_error),
      this.#orders(known, JSON.stringify(conversation.detail?.packet?.slots ?? {})),
      coupons(known.coupons),
      cases(known.cases),
      episodes(known.episodes),
    );
  }

  #who(conversation, known) {
    const profile = known.profile;
    const item = conversation.detail.item;
    const identity = known.identity ?? {};
    return el(
      "section.part.who-part",
      { "aria-label": "客户" },
      el(
        "div.person",
        {},
        el("span.face", { "aria-hidden": "true" }, initials(profile?.name ?? item.customer_name)),
        el(
          "div",
          {},
          el("p.person-name", {}, profile?.name ?? item.customer_name, (profile?.tier_name ?? item.tier_name) && el("span.tier", { "data-tier": profile?.tier ?? item.tier }, profile?.tier_name ?? item.tier_name)),
          el("p.faint", {}, el("span.verified", { "data-level": identity.level }, identity.level_text ?? LEVELS[identity.level] ?? "访客"), identity.how && ` · ${identity.how}`),
        ),
      ),
      el(
        "dl.facts",
        {},
        profile?.phone && [el("dt", {}, "手机"), el("dd", {}, profile.phone)],
        points(known.points),
        (known.identities ?? []).length > 0 && [el("dt", {}, "来过"), el("dd", {}, known.identities.map((one) => `${one.channel_name}（${moment(one.since)} 起）`).join("、"))],
        el("dt", {}, "标签"),
        el(
          "dd",
          {},
          (known.tags ?? []).map((tag) => el("span.chip", {}, tag)),
          conversation.may("tag") && button(".link", known.tags?.length ? "修改" : "添加", () => this.#then(actions.editTags(conversation.id, known.tags))),
        ),
      ),
    );
  }

  #buttons(conversation, known) {
    const { id } = conversation;
    const orders = known.orders ?? [];
    const can = (name) => conversation.may(name);
    const made = [];
    const add = (label, action) => made.push(button(".btn.small", label, action));
    const look = button(".btn.small", "查询最新", () => act(look, () => this.#reload()), { title: "重新从商城读取" });
    made.push(look);
    if (can("start_return")) add("发起退货", () => this.#then(actions.startReturn(id, orders.filter((order) => order.may_return !== false))));
    if (can("coupon")) add("补偿券", () => this.#then(actions.coupon(id, this.desk.me)));
    if (can("case")) add("建工单", () => this.#then(actions.openCase(id)));
    if (can("reveal")) add("完整手机号/地址", () => actions.reveal(id, orders));
    return el("div.side-actions", { role: "group", "aria-label": "可以为客户做的" }, made);
  }

  async #then(asked) {
    if (await asked) await this.#reload().catch((failure) => toast(failure.message, "bad"));
  }

  async #reload() {
    const conversation = this.#conversation;
    conversation.customer = await api.get(of(conversation.id, "/customer"));
    if (conversation === this.#conversation) this.#render(conversation);
    this.hooks.changed();
  }

  /** `spoken`: what was talked about; its order is the one that stands open. */
  #orders(known, spoken) {
    const orders = known.orders ?? [];
    const meant = Math.max(0, orders.findIndex((order) => spoken.includes(order.number)));
    const title = el("h3", {}, "最近订单", known.fetched_at && el("span.faint", {}, `${moment(known.fetched_at)} 查询`));
    if (!orders.length) return el("section.part", {}, title, el("p.faint", {}, known.shop_error ? "暂时读不到" : "没有可以显示的订单"));
    return el(
      "section.part",
      { "aria-label": "最近订单" },
      title,
      orders.map((order, index) =>
        el(
          "details.order",
          { open: index === meant },
          el("summary", {}, el("b", {}, order.items?.[0]?.title ?? order.number), order.items?.length > 1 && el("span.faint", {}, ` 等 ${order.items.length} 件`), el("span.grow"), returning(order) && el("span.chip", {}, `退货${returning(order).state_text}`), pill(order)),
          el("p.faint", {}, `${order.number} · ${moment(order.placed_at)} · ${order.total ?? ""}`),
          order.ship_to && el("p.faint", {}, `收货：${order.ship_to}`),
          order.items?.length > 1 && el("ul.card-items", {}, order.items.map((item) => el("li", {}, el("span", {}, item.title), el("span.faint", {}, item.returning?.state_text ?? `× ${item.quantity}`)))),
          (order.parcels ?? []).map((one, at, all) => parcel(one, at, all.length)),
        ),
      ),
    );
  }
}

/** The return that was asked for of something in the order. */
const returning = (order) => (order.items ?? []).find((item) => item.returning)?.returning;

function points(value) {
  if (value == null) return null;
  const { balance } = value;
  const soon = value.expiring?.length ? `，${value.expiring[0].points} 分 ${moment(value.expiring[0].on)} 到期` : "";
  return balance == null ? null : [el("dt", {}, "积分"), el("dd", {}, `${balance}${soon}`)];
}

function coupons(list) {
  if (!list?.length) return null;
  return el(
    "details.part",
    {},
    el("summary", {}, `补偿券（${list.length}）`),
    el("ul.plain", {}, list.map((one) => el("li", {}, el("span", {}, `${one.yuan} 元 · ${one.reason}`), el("span.faint", {}, `${one.status === "granted" ? "" : "待确认 · "}${one.agent_name ?? ""} ${moment(one.at)}`)))),
  );
}

function cases(list) {
  if (!list?.length) return null;
  return el(
    "section.part",
    { "aria-label": "工单" },
    el("h3", {}, "工单"),
    el("ul.plain", {}, list.map((one) => el("li", {}, el("a", { href: `#/cases/${one.id}` }, one.title), el("span.faint", {}, `${one.grade_text ?? GRADES[one.grade] ?? ""} · ${one.status_text ?? CASE_STATUS[one.status] ?? ""}`)))),
  );
}

function episodes(list) {
  if (!list?.length) return null;
  return el(
    "details.part",
    {},
    el("summary", {}, `以往咨询（${list.length}）`),
    el(
      "ul.plain",
      {},
      list.map((one) => el("li", {}, el("span", {}, (one.intent_names ?? []).join("、") || "咨询"), el("span.faint", {}, `${moment(one.opened_at)} · ${one.outcome_text ?? OUTCOMES[one.outcome] ?? "进行中"}`))),
    ),
  );
}
