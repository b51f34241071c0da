/* My own settings: password, and the authenticator as a second factor. */

import { api } from "./api.js";
import { act, ask, toast } from "./dialog.js";
import { button, el, fill } from "./dom.js";
import { showKeys } from "./shortcuts.js";
import { ROLES } from "./words.js";

export function settingsPage(place, desk) {
  const { me } = desk;

  const password = () =>
    ask({
      title: "修改密码",
      submit: "修改",
      fields: [
        { name: "old", label: "现在的密码", type: "password", required: true, autocomplete: "current-password" },
        { name: "new", label: "新密码", type: "password", required: true, minlength: 10, autocomplete: "new-password", hint: "至少 10 位" },
        { name: "again", label: "再输一次新密码", type: "password", required: true, autocomplete: "new-password" },
      ],
      onSubmit: async (values) => {
        if (values.new !== values.again) throw new Error("两次输入的新密码不一样。");
        await api.post("/me/password", { old: values.old, new: values.new });
        toast("密码已修改");
      },
    });

  const totp = (pressed) =>
    act(pressed, async () => {
      const { uri, secret } = await api.post("/me/totp");
      ask({
        title: "绑定验证器",
        text: "在验证器应用里选「手动输入密钥」，或在手机上打开链接；然后填入它显示的 6 位数字。",
        submit: "绑定",
        extra: el(
          "div.totp",
          {},
          el("p", {}, "密钥"),
          el("code", { tabindex: 0 }, (secret ?? "").replace(/(.{4})(?=.)/g, "$1 ")),
          uri && el("p", {}, el("a", { href: uri }, "在这台设备的验证器中打开")),
          uri && el("code.uri", { tabindex: 0 }, uri),
        ),
        fields: [{ name: "code", label: "动态验证码", required: true, maxlength: 8, autocomplete: "one-time-code" }],
        onSubmit: async ({ code }) => {
          await api.post("/me/totp/confirm", { code: code.replaceAll(" ", "") });
          changed(true);
          toast("验证器已绑定，下次登录需要动态验证码");
        },
      });
    });

  const unbind = () =>
    ask({
      title: "解除验证器",
      text: "解除后，登录只需要密码。",
      submit: "解除",
      danger: true,
      fields: [{ name: "password", label: "现在的密码", type: "password", required: true, autocomplete: "current-password" }],
      onSubmit: async ({ password: proof }) => {
        await api.post("/me/totp/remove", { password: proof });
        changed(false);
        toast("验证器已解除");
      },
    });

  const changed = (on) => {
    desk.me = { ...desk.me, totp: on };
    bind.hidden = on;
    free.hidden = !on;
  };
  const bind = button(".btn", "绑定验证器", () => totp(bind), { hidden: me.totp });
  const free = button(".btn", "解除验证器", unbind, { hidden: !me.totp });
  fill(
    place,
    el("header.page-head", {}, el("h1", {}, "我的设置")),
    el(
      "section.panel.narrow",
      {},
      el(
        "dl.facts",
        {},
        el("dt", {}, "姓名"), el("dd", {}, me.name),
        el("dt", {}, "账号"), el("dd", {}, me.login),
        el("dt", {}, "角色"), el("dd", {}, ROLES[me.role] ?? me.role),
        el("dt", {}, "技能"), el("dd", {}, (me.skills ?? []).join("、") || "—"),
        el("dt", {}, "同时接待"), el("dd", {}, `最多 ${me.capacity} 位`),
        me.coupon_limit_yuan != null && [el("dt", {}, "补偿券"), el("dd", {}, `单次最多 ${me.coupon_limit_yuan} 元`)],
      ),
      el("div.side-actions", {}, button(".btn", "修改密码", password), bind, free, button(".btn", "查看快捷键", showKeys)),
    ),
  );
}
