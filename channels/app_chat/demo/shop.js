/* The demo shop's page: fills the window, and signs in as a demo member for the chat. */

const MEMBER_KEY = "hemu.member";
const byId = (id) => document.getElementById(id);

function make(tag, text, className) {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  if (className) element.className = className;
  return element;
}

async function fillWindow() {
  const shop = await (await fetch("/demo/shop")).json();
  byId("goods").replaceChildren(
    ...shop.products.map((product) => {
      const card = make("li", undefined, "good");
      card.dataset.category = product.category;
      card.append(
        make("span", product.category, "tile"),
        make("strong", product.title),
        make("span", product.blurb, "blurb"),
        make("span", product.price, "price"),
      );
      return card;
    }),
  );
  byId("orders").replaceChildren(
    ...shop.orders.map((order) => {
      const row = make("tr");
      row.append(
        make("td", order.number, "number"),
        make("td", order.tail, "tail"),
        make("td", order.product),
        make("td", order.state),
      );
      return row;
    }),
  );
  byId("member").append(
    ...shop.members.map((member) => {
      const option = make("option", `${member.name} · ${member.tier}（${member.about}）`);
      option.value = member.key;
      return option;
    }),
  );
}

/** The chat once its element is defined; the widget's script may still be loading. */
async function chat() {
  await customElements.whenDefined("yingda-chat");
  for (;;) {
    const element = document.querySelector("yingda-chat");
    if (element) return element;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** What a real shop does in its own back end: get a signed user token for whoever is logged in. */
async function signIn(member) {
  const element = await chat();
  if (!member) {
    sessionStorage.removeItem(MEMBER_KEY);
    element.userToken = null;
    return;
  }
  const answer = await fetch("/demo/login", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ member }),
  });
  if (!answer.ok) return;
  sessionStorage.setItem(MEMBER_KEY, member);
  element.userToken = (await answer.json()).user_token;
}

byId("member").addEventListener("change", (event) => signIn(event.target.value));
byId("ask").addEventListener("click", async () => (await chat()).open());

document.addEventListener("yingda:end", () => {
  byId("member").value = ""; // the next person at this device is somebody else
  signIn(null);
});

let refreshedAt = 0;
document.addEventListener("yingda:token-refused", () => {
  if (Date.now() - refreshedAt < 60_000) return; // a second refusal is not about time
  refreshedAt = Date.now();
  signIn(sessionStorage.getItem(MEMBER_KEY));
});

await fillWindow();
const before = sessionStorage.getItem(MEMBER_KEY);
if (before) {
  byId("member").value = before;
  await signIn(before);
}
