/* What the widget itself says. Messages of the bot come from the server in Chinese. */

const ZH = {
  title: "在线客服",
  launcher: "打开在线客服",
  launcherUnread: (n) => `打开在线客服，${n} 条新消息`,
  close: "收起聊天窗口",
  end: "结束会话",
  endTitle: "要结束这次会话吗？",
  endText: "聊天记录会从这台设备上移除，下次咨询会重新开始。",
  endKeep: "继续聊天",
  ended: "会话已结束，聊天记录已从这台设备上移除。",
  log: "聊天记录",
  composer: "输入消息",
  placeholder: "请输入您的问题…",
  send: "发送",
  greeting:
    "您好，我是小禾。订单、物流、积分、退换货、发票都可以问我；需要人工同事，随时跟我说一声。",
  // what is shown; with "=", what is sent instead (the bot understands Chinese)
  suggestions: ["查我的订单", "物流到哪了", "我的积分", "怎么退货", "转人工"],
  choices: "快捷回复",
  you: "我",
  bot: "智能客服",
  agent: "人工客服",
  system: "系统提示",
  online: "智能客服 · 7×24 小时",
  human: (name) => (name ? `人工客服 ${name}` : "人工客服正在为您服务"),
  queued: "正在为您接通人工客服",
  attach: "发送图片或文件",
  uploading: "正在上传",
  removeFile: (name) => `移除 ${name}`,
  fileTooLarge: "文件太大了，请控制在 5MB 以内。",
  filesNeedPerson: "小禾还看不懂图片和文件，说一声「转人工」，接通后就可以发给人工客服。", // as bot/errors.py says it
  uploadFailed: "上传失败，请检查网络后重试。",
  connecting: "正在连接…",
  stopped: "未连接",
  offline: "网络不太稳定，正在重新连接；消息会在恢复后自动发出。",
  typing: "对方正在输入",
  sending: "发送中",
  failed: "发送失败，请检查网络后重试。",
  retry: "重新发送",
  edit: "修改",
  reconnect: "重新连接",
  asGuest: "以访客身份继续",
  earlier: "查看更早的消息",
  newMessages: "有新消息 ↓",
  tooLong: (n) => `超出 ${n} 个字，请分几条发送`,
  today: "今天",
  yesterday: "昨天",
  order: "订单",
  total: "合计",
  items: "商品",
  parcel: (n) => `包裹 ${n}`,
  eta: (text) => `预计 ${text} 送达`,
  trace: (n) => `物流轨迹（${n} 条）`,
  placedAt: (text) => `下单时间 ${text}`,
};

const EN = {
  title: "Chat with us",
  launcher: "Open chat",
  launcherUnread: (n) => `Open chat, ${n} new message${n === 1 ? "" : "s"}`,
  close: "Close chat window",
  end: "End chat",
  endTitle: "End this conversation?",
  endText: "The conversation is removed from this device. Next time you start afresh.",
  endKeep: "Keep chatting",
  ended: "The conversation has ended and is removed from this device.",
  log: "Conversation",
  composer: "Message",
  placeholder: "Type your question…",
  send: "Send",
  greeting:
    "Hello, I'm Xiaohe. Ask me about orders, delivery, points, returns or invoices. I can also bring in a colleague.",
  suggestions: [
    "My orders=查我的订单",
    "Where is my parcel?=物流到哪了",
    "My points=我的积分",
    "Returns=怎么退货",
    "Talk to a person=转人工",
  ],
  choices: "Quick replies",
  you: "You",
  bot: "Assistant",
  agent: "Customer service",
  system: "Notice",
  online: "Virtual assistant · 24/7",
  human: (name) => (name ? `${name} · customer service` : "A colleague is with you"),
  queued: "Waiting for a colleague",
  attach: "Send a picture or file",
  uploading: "Uploading",
  removeFile: (name) => `Remove ${name}`,
  fileTooLarge: "Files can be up to 5 MB.",
  filesNeedPerson: "I cannot look at pictures or files. Say “转人工” for a colleague, who can.",
  uploadFailed: "Upload failed. Check your connection and try again.",
  connecting: "Connecting…",
  stopped: "Not connected",
  offline: "The connection is unstable. Reconnecting; your messages will be sent afterwards.",
  typing: "Typing",
  sending: "Sending",
  failed: "Not sent. Check your connection and try again.",
  retry: "Send again",
  edit: "Edit",
  reconnect: "Reconnect",
  asGuest: "Continue as a guest",
  earlier: "Show earlier messages",
  newMessages: "New messages ↓",
  tooLong: (n) => `${n} characters too many; please split your message`,
  today: "Today",
  yesterday: "Yesterday",
  order: "Order",
  total: "Total",
  items: "Items",
  parcel: (n) => `Parcel ${n}`,
  eta: (text) => `Expected ${text}`,
  trace: (n) => `Tracking history (${n})`,
  placedAt: (text) => `Ordered ${text}`,
};

/** The texts for a BCP 47 tag: English for en-*, Chinese for everything else. */
export function texts(lang) {
  return /^en\b/i.test(lang ?? "") ? EN : ZH;
}

/** Formats instants in the reader's own time zone. */
export class Dates {
  constructor(lang) {
    this.t = texts(lang);
    const locale = this.t === EN ? "en" : "zh-CN";
    this.time = new Intl.DateTimeFormat(locale, {
      hour: "2-digit",
      minute: "2-digit",
      hour12: false,
    });
    this.day = new Intl.DateTimeFormat(locale, { month: "long", day: "numeric", weekday: "short" });
    this.short = new Intl.DateTimeFormat(locale, {
      month: "numeric",
      day: "numeric",
      hour: "2-digit",
      minute: "2-digit",
      hour12: false,
    });
  }

  dayLabel(date, now = new Date()) {
    const days = Math.round((startOfDay(now) - startOfDay(date)) / 86_400_000);
    if (days === 0) return this.t.today;
    if (days === 1) return this.t.yesterday;
    return this.day.format(date);
  }

  /** "11/19 14:05"; text that is no instant is returned as it came. */
  moment(value) {
    if (/^\d{4}-\d{2}-\d{2}$/.test(value)) return `${+value.slice(5, 7)}/${+value.slice(8)}`;
    const date = new Date(value);
    return Number.isNaN(date.getTime()) ? String(value) : this.short.format(date);
  }
}

function startOfDay(date) {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}
