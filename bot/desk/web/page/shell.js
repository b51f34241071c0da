/* The frame: where one can go, who one is, the line to the service; the conversations themselves. */

import { api } from "./api.js";
import { agentsPage } from "./agents.js";
import { auditPage } from "./audit.js";
import { carePage } from "./care.js";
import { casesPage } from "./cases.js";
import { causesPage } from "./causes.js";
import { cannedPage } from "./cannedpage.js";
import { Notices, loading, toast } from "./dialog.js";
import { button, el, fill } from "./dom.js";
import { icon } from "./icons.js";
import { List } from "./list.js";
import { settingsPage } from "./settings.js";
import { listen } from "./shortcuts.js";
import { beep, blink, isMuted, setMuted } from "./sound.js";
import { Desk } from "./state.js";
import { Talk } from "./talk.js";
import { wallPage } from "./wall.js";
import { PRESENCE, initials } from "./words.js";

/** Charts are large; who never opens the reports never fetches them. */
async function reportsPage(place, desk, signal, rest, go) {
  await loading(place, async () => {
    const { reportsPage: open } = await import("./reports/index.js").catch(() => {
      throw new Error("报表没有加载成功，请检查网络后刷新页面。");
    });
    if (!signal.aborted) open(place, desk, signal, rest, go);
  });
}

const PAGES = {
  cases: ["工单", casesPage, () => true],
  care: ["情绪", carePage, () => true],
  causes: ["原因", causesPage, (desk) => desk.can("wall")],
  canned: ["快捷回复", cannedPage, () => true],
  wall: ["监控", wallPage, (desk) => desk.can("wall")],
  agents: ["坐席", agentsPage, (desk) => desk.can("agents")],
  reports: ["报表", reportsPage, (desk) => desk.can("report")],
  audit: ["审计", auditPage, (desk) => desk.can("audit")],
  me: ["我的设置", settingsPage, () => true],
};
const ICON = { me: "me", cases: "cases", care: "care", causes: "causes", canned: "canned", wall: "wall", agents: "agents", reports: "reports", audit: "audit" };

export class Shell {
  #abort = new AbortController();
  #page = null; // AbortController of the page that is shown

  constructor(root, me, { leave }) {
    this.leave = leave;
    const { signal } = this.#abort;
    this.desk = new Desk(() => leave("登录已过期，请重新登录；登录后会回到刚才的位置。"));
    this.desk.me = me;
    this.list = new List(this.desk, { open: (id) => this.go(`c/${id}`) }, signal);
    this.talk = new Talk(this.desk, { closed: () => this.go(""), showSide: (on) => this.#showSide(on) }, signal);
    this.banner = el("div.banner", { role: "alert", hidden: true });
    this.nav = el("nav.rail", { "aria-label": "工作台" });
    this.desks = el("div.desks", {}, this.list.element, this.talk.element, this.talk.side.element);
    this.place = el("main.page", { hidden: true, tabindex: -1 });
    this.element = el("div.shell", {}, this.nav, el("div.stage", {}, this.banner, this.desks, this.place));
    root.replaceChildren(this.element);
    this.#renderRail();
    this.desk.on("me", () => this.#renderRail(), signal);
    this.desk.on("alarms", () => this.#markAlarms(), signal);
    this.desk.on("online", () => this.#renderBanner(), signal);
    this.desk.on("frame:ring", (frame) => this.#onRing(frame), signal);
    this.desk.on("lost", (items) => this.#onLost(items), signal);
    this.desk.on("frame:alarm", (frame) => this.#onAlarm(frame), signal);
    this.desk.on("frame:item", ({ item }) => this.#onItem(item), signal);
    this.desk.on("frame:snapshot", ({ mine, snoozed }) => this.#onSnapshot([...mine, ...snoozed]), signal);
    this.desk.on("frame:error", (frame) => frame.message && toast(frame.message, "bad"), signal);
    window.addEventListener("hashchange", () => this.#route(), { signal });
    listen({ list: this.list, talk: this.talk, go: (place) => this.go(place), closeSide: () => this.#closeNarrow() }, signal);
    this.desk.start(me);
    this.#route();
  }

  stop() {
    this.#abort.abort();
    this.#page?.abort();
    this.desk.stop();
  }

  go(place) {
    const hash = `#/${place}`;
    if (location.hash === hash) this.#route();
    else location.hash = hash;
  }

  #route() {
    const [, name = "", id = ""] = location.hash.split("/");
    const page = PAGES[name];
    this.#page?.abort();
    this.#page = null;
    const usable = page && page[2](this.desk);
    this.desks.hidden = Boolean(usable);
    this.place.hidden = !usable;
    this.#showSide(false);
    if (usable) {
      this.#page = new AbortController();
      this.place.replaceChildren();
      this.place.dataset.page = name;
      page[1](this.place, this.desk, this.#page.signal, decodeURIComponent(id), (place) => this.go(place));
      this.place.focus({ preventScroll: true });
    } else if (name === "c" && id) {
      this.element.dataset.column = "talk";
      this.desk.hint(decodeURIComponent(id), false);
      this.list.select(decodeURIComponent(id));
      this.talk.open(decodeURIComponent(id));
    } else {
      this.element.dataset.column = "list";
      this.list.select(null);
      this.talk.close();
    }
    for (const link of this.nav.querySelectorAll("a")) {
      const here = link.dataset.page === (usable ? name : "talk");
      if (here) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }

  #showSide(on) {
    this.element.classList.toggle("side-open", on);
  }

  #closeNarrow() {
    if (this.element.classList.contains("side-open")) this.#showSide(false);
    else if (location.hash.startsWith("#/c/") && window.innerWidth <= 900) this.go("");
  }

  // The rail.

  #renderRail() {
    const { me } = this.desk;
    const link = (name, label) =>
      el("a.rail-link", { href: name === "talk" ? "#/" : `#/${name}`, "data-page": name, title: label, onclick: (event) => this.#onLink(event, name) }, icon(ICON[name] ?? name), el("span", {}, label), name === "wall" && el("i.dot", { hidden: true }));
    const presence = el("select.presence", { "aria-label": "我的状态", "data-presence": me.presence, onchange: (event) => this.#setPresence(event.target) });
    for (const [value, label] of Object.entries(PRESENCE)) presence.append(el("option", { value }, label));
    presence.value = me.presence;
    const mute = button(".rail-link.mute", "", () => this.#toggleMute(mute), {});
    const out = button(".rail-link", "", () => this.#logOut(), { title: "退出登录" });
    out.append(icon("out"), el("span", {}, "退出"));
    fill(
      this.nav,
      el("img.rail-logo", { src: "/desk/logo.svg", alt: "应答", width: 34, height: 34 }),
      link("talk", "会话"),
      Object.entries(PAGES).filter(([name, page]) => name !== "me" && page[2](this.desk)).map(([name, [label]]) => link(name, label)),
      el("span.grow"),
      mute,
      el("div.rail-me", {}, el("a.face.small", { href: "#/me", "data-page": "me", title: `${me.name}：我的设置`, "aria-label": `${me.name}：我的设置` }, initials(me.name)), presence),
      out,
    );
    this.#showMute(mute);
    this.#markAlarms();
    const now = location.hash.split("/")[1];
    this.nav.querySelector(`[data-page="${PAGES[now] ? now : "talk"}"]`)?.setAttribute("aria-current", "page");
  }

  /** Back to the conversation one was in. */
  #onLink(event, name) {
    if (name !== "talk" || !this.talk.id || this.desks.hidden === false) return;
    event.preventDefault();
    this.go(`c/${this.talk.id}`);
  }

  async #setPresence(select) {
    const presence = select.value;
    try {
      await this.desk.setPresence(presence);
      if (presence !== "online") toast(presence === "away" ? "小休中：不再分配新会话" : "已离线：你的会话会回到队列");
    } catch (failure) {
      select.value = this.desk.me.presence;
      toast(failure.message, "bad");
    }
  }

  #toggleMute(mute) {
    setMuted(!isMuted());
    this.#showMute(mute);
    beep("message");
  }

  #showMute(mute) {
    const label = isMuted() ? "已静音" : "提示音";
    fill(mute, icon(isMuted() ? "mute" : "sound"), el("span", {}, label));
    mute.setAttribute("aria-pressed", String(isMuted()));
    mute.title = isMuted() ? "打开提示音" : "静音";
  }

  async #logOut() {
    await api.put("/me/presence", { presence: "offline" }).catch(() => {}); // work goes back at once
    await api.post("/logout", {}, { quiet: true }).catch(() => {});
    location.hash = "#/";
    this.leave();
  }

  // News.

  #markAlarms() {
    const dot = this.nav.querySelector('[data-page="wall"] .dot');
    if (dot) dot.hidden = this.desk.alarms.length === 0;
  }

  #renderBanner() {
    const offline = this.desk.state === "offline" || (this.desk.state === "connecting" && !this.banner.hidden);
    if (!offline) {
      this.banner.hidden = true;
      return;
    }
    if (!this.banner.hidden) return;
    fill(this.banner, "连接断开，正在重新连接；恢复后会自动补齐消息。", button(".link", "马上重试", () => this.desk.live.hurry()));
    this.banner.hidden = false;
  }

  #onRing({ conversation }) {
    if (conversation === this.desk.taking || conversation === this.talk.id) return;
    const name = this.desk.items.get(conversation)?.customer_name ?? "客户";
    beep("ring");
    blink("【新会话】客服工作台");
    this.#rings.tell(conversation, name, "good", ({ length }) => [
      length > 1 ? `${length} 个新会话，最近：${name}` : `新会话：${name}`,
      ["接待", () => this.go(`c/${conversation}`)],
    ]);
  }

  /** Conversations that were mine until now, and not by my own doing that they are no longer. */
  #onLost(items) {
    const [{ conversation, customer_name: name, status }] = items;
    const one = status === "waiting" ? `「${name}」没有及时回复，已退回排队` : `「${name}」已不在你这里：客户已结束，或由同事接手`;
    const text = items.length > 1 ? `有 ${items.length} 个会话已不在你这里：退回了排队，或由同事接手` : one;
    toast(text, "bad", items.length === 1 && status === "waiting" ? ["去看看", () => this.go(`c/${conversation}`)] : null);
  }

  #onAlarm({ alarm }) {
    beep("alarm");
    blink("【告警】客服工作台");
    this.#alarms.tell(alarm.conversation, alarm, "bad", ({ length }) =>
      length > 1
        ? [`${length} 条告警，最近：${alarm.text}`, ["查看全部", () => this.go("wall")]]
        : [`告警：${alarm.text}`, ["查看", () => this.go(`c/${alarm.conversation}`)]],
    );
  }

  #rings = new Notices(); // of conversations
  #alarms = new Notices();
  #seen = new Map(); // conversation → seq of the last customer message that sounded
  #whispered = new Map(); // conversation → when the last whisper was heard of
  #began = false;

  #onItem(item) {
    const last = item.last;
    if (item.agent?.id !== this.desk.me.id) return;
    this.#onWhisper(item);
    if (last?.author !== "customer") return;
    const before = this.#seen.get(item.conversation);
    this.#seen.set(item.conversation, last.seq);
    if (before === undefined || last.seq <= before) return;
    if (this.talk.id === item.conversation && document.hasFocus()) return;
    beep("message");
    blink("【新消息】客服工作台");
  }

  /** What was whispered before one came was seen there; after a broken line it may be news. */
  #onSnapshot(items) {
    for (const item of items) {
      if (this.#began) this.#onWhisper(item);
      else this.#whispered.set(item.conversation, item.whispered_at);
    }
    this.#began = true;
  }

  /** A supervisor's word about a conversation that is not on screen. */
  #onWhisper({ conversation, whispered_at: at, customer_name: name }) {
    if (!at || this.#whispered.get(conversation) === at) return;
    this.#whispered.set(conversation, at);
    const onScreen = this.talk.id === conversation && !this.desks.hidden && document.hasFocus();
    if (onScreen) return;
    this.desk.hint(conversation, true);
    beep("message");
    blink("【主管提示】客服工作台");
    toast(`主管提示：${name}`, "good", ["查看", () => this.go(`c/${conversation}`)]);
  }
}
