/* The browser phone: call, speak, press keys, read along. */

import { Sound } from "./sound.js";

const at = (id) => document.getElementById(id);
const phone = at("phone");
const KEYS = [
  ["1", "订单"], ["2", "积分"], ["3", "退换"],
  ["4", "门店"], ["5", ""], ["6", ""],
  ["7", ""], ["8", ""], ["9", ""],
  ["*", "重听"], ["0", "人工"], ["#", "结束"],
];
const STATES = {
  greeting: "已接通",
  listening: "通话中",
  thinking: "正在为您查询",
  number: "正在核对号码",
  code: "正在核对身份",
  queue: "正在排队等候人工",
  call_back: "正在登记回电",
  ringing: "正在转接同事",
  talking: "正在和同事通话",
  typing: "同事已接入",
  ending: "即将结束",
};
const ENDED = {
  nobody: "一直没有声音，通话已结束",
  too_long: "通话时间到了，已结束",
  silent: "没有收到声音，通话已断开",
  slow: "网络太慢，通话已断开",
  refused: "通话已断开",
};
const CLOSED = {
  4403: "这个页面不能拨打热线",
  4429: "线路正忙，请稍等片刻再拨",
  4503: "热线暂时没有开通，请稍后再拨，或使用在线客服",
};

let call = null;

function status(text) {
  at("status").textContent = text;
}

function hint(text) {
  at("hint").textContent = text;
  at("hint").hidden = !text;
}

function caption(who, text) {
  at("empty").hidden = true;
  const line = document.createElement("li");
  line.className = who;
  line.textContent = text;
  at("captions").append(line);
  const box = at("captions").parentElement;
  box.scrollTop = box.scrollHeight;
}

class Call {
  constructor() {
    this.sound = new Sound((frame) => this.send(frame), (peak) => this.level(peak));
    this.over = false;
  }

  async start() {
    phone.dataset.state = "calling";
    status("正在接通…");
    hint("");
    let microphone;
    try {
      microphone = await this.sound.open();
    } catch {
      this.end("这个浏览器不支持网页通话，请换用新版的 Chrome、Edge 或 Safari");
      return;
    }
    if (this.over) return;
    if (!microphone) hint("没有拿到麦克风，您仍然可以用按键操作。要说话的话，请在浏览器里允许使用麦克风后重拨。");
    at("mute").disabled = !microphone;
    const address = new URL("/phone/ws", location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    this.socket = new WebSocket(address);
    this.socket.binaryType = "arraybuffer";
    this.socket.onopen = () => this.opened();
    this.socket.onmessage = ({ data }) => this.heard(data);
    this.socket.onclose = ({ code }) => this.end(this.why ?? CLOSED[code] ?? "通话已结束");
  }

  opened() {
    this.began = Date.now();
    this.timer = setInterval(() => this.tick(), 500);
  }

  heard(data) {
    if (data instanceof ArrayBuffer) {
      this.sound.play(data);
      return;
    }
    const frame = JSON.parse(data);
    if (frame.type === "caption") caption(frame.who, frame.text);
    else if (frame.type === "flush") this.sound.flush();
    else if (frame.type === "state") this.entered(frame.state);
    else if (frame.type === "ended") this.why = ENDED[frame.why] ?? "通话已结束";
  }

  entered(state) {
    if (phone.dataset.state === "calling") {
      at("clock").hidden = false;
      for (const button of at("keypad").children) button.disabled = false;
    }
    phone.dataset.state = state;
    if (STATES[state]) status(STATES[state]);
  }

  send(frame) {
    // A network that has stopped must not pile sound up: what is late is worthless.
    if (this.socket?.readyState === WebSocket.OPEN && this.socket.bufferedAmount < 64000) this.socket.send(frame);
  }

  key(key) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify({ type: "key", key }));
  }

  level(peak) {
    at("level").style.transform = `scaleX(${Math.min(1, peak * 1.6).toFixed(2)})`;
  }

  tick() {
    const seconds = Math.floor((Date.now() - this.began) / 1000);
    const two = (number) => String(number).padStart(2, "0");
    at("clock").textContent = `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}`;
  }

  mute() {
    this.sound.muted = !this.sound.muted;
    at("mute").setAttribute("aria-pressed", String(this.sound.muted));
    at("mute").textContent = this.sound.muted ? "已静音" : "静音";
  }

  hangUp() {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify({ type: "hangup" }));
    this.end("通话已结束");
  }

  end(text) {
    if (this.over) return;
    this.over = true;
    clearInterval(this.timer);
    this.socket?.close();
    this.sound.close();
    if (call === this) call = null;
    phone.dataset.state = "idle";
    status(text);
    if (this.began) caption("note", `${text} · ${at("clock").textContent}`);
    at("call-text").textContent = "拨打";
    at("clock").hidden = true;
    at("mute").disabled = true;
    at("mute").setAttribute("aria-pressed", "false");
    at("mute").textContent = "静音";
    this.level(0);
    for (const button of at("keypad").children) button.disabled = true;
  }
}

function press(key) {
  call?.key(key);
  const button = [...at("keypad").children].find((one) => one.dataset.key === key);
  button?.classList.add("pressed");
  setTimeout(() => button?.classList.remove("pressed"), 150);
}

for (const [key, word] of KEYS) {
  const button = document.createElement("button");
  button.type = "button";
  button.disabled = true;
  button.dataset.key = key;
  const name = { "*": "星号", "#": "井号" }[key] ?? key;
  button.setAttribute("aria-label", word ? `${name}，${word}` : name);
  const small = document.createElement("small");
  small.textContent = word;
  button.append(key, ...(word ? [small] : []));
  button.addEventListener("click", () => press(key));
  at("keypad").append(button);
}

at("call").addEventListener("click", () => {
  if (call) {
    call.hangUp();
    return;
  }
  at("captions").replaceChildren();
  at("empty").hidden = false;
  at("call-text").textContent = "挂断";
  call = new Call();
  call.start();
});
at("mute").addEventListener("click", () => call?.mute());
document.addEventListener("keydown", (event) => {
  if (call && !event.repeat && !event.ctrlKey && !event.metaKey && /^[0-9*#]$/.test(event.key)) press(event.key);
});
addEventListener("pagehide", () => call?.hangUp());
