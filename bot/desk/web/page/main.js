/* Opens the desk: who is it? Then the desk, or the way in; back to the same place after a log-in. */

import { api, onSignedOut } from "./api.js";
import { el } from "./dom.js";
import { showLogin } from "./login.js";
import { loadMeta } from "./meta.js";
import { Shell } from "./shell.js";
import { wakeSound } from "./sound.js";

const root = document.getElementById("app");
let shell = null;

async function enter(me) {
  try {
    await loadMeta();
  } catch (failure) {
    return broken(failure);
  }
  shell = new Shell(root, me, { leave: () => leave("你已退出。") });
}

function leave(notice) {
  shell?.stop();
  shell = null;
  document.querySelectorAll("dialog").forEach((dialog) => dialog.close());
  showLogin(root, notice, enter);
}

function broken(failure) {
  const again = el("button.btn.primary", { type: "button", onclick: () => location.reload() }, "重试");
  root.replaceChildren(el("main.booting", {}, el("p", { role: "alert" }, failure.message), again));
}

async function boot() {
  try {
    await enter(await api.get("/me", { quiet: true }));
  } catch (failure) {
    if (failure.status === 401) showLogin(root, null, enter);
    else broken(failure);
  }
}

onSignedOut.handler = () => shell && leave("登录已过期，请重新登录；登录后会回到刚才的位置。");
for (const event of ["pointerdown", "keydown"]) document.addEventListener(event, wakeSound, { once: true });
boot();
