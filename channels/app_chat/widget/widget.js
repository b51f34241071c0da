/* Yingda chat widget, the only file that a page names:
 *
 *   <script src="https://chat.example.com/chat/widget.js" data-lang="zh-CN" async></script>
 *
 * Each data-* attribute of the script becomes an attribute of <yingda-chat> (data-user-token →
 * user-token). A page that wrote its own <yingda-chat> keeps it; we then only define the element.
 * Guide: docs/chat-protocol.md.
 */
(() => {
  const script = document.currentScript;
  if (!script) {
    console.error("yingda: load widget.js with a classic <script src> element");
    return;
  }
  const server = new URL(".", script.src); // …/chat/
  const settings = { ...script.dataset };

  const attributeName = (key) => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

  const start = async () => {
    const { YingdaChat } = await import(new URL("widget/element.js", server).href);
    if (!customElements.get("yingda-chat")) customElements.define("yingda-chat", YingdaChat);
    if (document.querySelector("yingda-chat")) return;
    const chat = document.createElement("yingda-chat");
    chat.setAttribute("server", server.href);
    for (const [key, value] of Object.entries(settings)) {
      chat.setAttribute(attributeName(key), value);
    }
    document.body.append(chat);
  };

  const begin = () => start().catch((error) => console.error("yingda: could not start", error));
  if (document.body) begin();
  else document.addEventListener("DOMContentLoaded", begin, { once: true });
})();
