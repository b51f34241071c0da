/* The way in: login and password, the code of the authenticator if one is wanted. */

import { api } from "./api.js";
import { el } from "./dom.js";

/** Show the page in `root`; calls onIn(me) once in. `notice` says why one is here again. */
export function showLogin(root, notice, onIn) {
  const login = el("input", { name: "login", autocomplete: "username", required: true, maxlength: 64, autocapitalize: "none", spellcheck: "false" });
  const password = el("input", { name: "password", type: "password", autocomplete: "current-password", required: true, maxlength: 200 });
  const code = el("input", { name: "code", inputmode: "numeric", autocomplete: "one-time-code", maxlength: 8, pattern: "[0-9 ]*" });
  const codeRow = el("label.field", { hidden: true }, el("span", {}, "动态验证码"), code, el("span.hint", {}, "打开验证器，输入 6 位数字"));
  const error = el("p.error", { role: "alert", hidden: true });
  const go = el("button.btn.primary.big", { type: "submit" }, "登录");
  let wait = null;

  const say = (text) => {
    error.textContent = text;
    error.hidden = !text;
  };

  const lockOut = (message, seconds) => {
    const until = Date.now() + seconds * 1000;
    clearInterval(wait);
    const show = () => {
      const left = Math.ceil((until - Date.now()) / 1000);
      if (left <= 0 || !error.isConnected) {
        clearInterval(wait);
        go.disabled = false;
        if (error.isConnected) say("");
        return;
      }
      say(`${message}（还需等待 ${left} 秒）`);
    };
    go.disabled = true;
    show();
    wait = setInterval(show, 1000);
  };

  const onsubmit = async (event) => {
    event.preventDefault();
    if (go.disabled) return;
    go.disabled = true;
    say("");
    try {
      const asked = { login: login.value.trim(), password: password.value };
      if (!codeRow.hidden && code.value) asked.code = code.value.replaceAll(" ", "");
      const { agent } = await api.post("/login", asked, { quiet: true });
      onIn(agent);
    } catch (failure) {
      go.disabled = false;
      if (failure.code === "code_needed") {
        codeRow.hidden = false;
        code.focus();
        return;
      }
      if (failure.status === 429 && failure.seconds) return lockOut(failure.message, failure.seconds);
      say(failure.message);
      if (failure.status === 401) (codeRow.hidden ? password : code).select();
    }
  };

  const page = el(
    "main.login",
    {},
    el(
      "form.login-card",
      { onsubmit, "aria-label": "登录" },
      el("img", { src: "/desk/logo.svg", alt: "", width: 44, height: 44 }),
      el("h1", {}, "客服工作台"),
      el("p.login-sub", {}, "禾沐生活 · 小禾把来龙去脉都带给你"),
      notice && el("p.login-notice", { role: "status" }, notice),
      el("label.field", {}, el("span", {}, "账号"), login),
      el("label.field", {}, el("span", {}, "密码"), password),
      codeRow,
      error,
      go,
      el("p.login-foot", {}, "忘记密码或更换验证器，请联系管理员。"),
    ),
  );
  root.replaceChildren(page);
  login.focus();
}
