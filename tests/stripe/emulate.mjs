// emulate's Stripe for tests, until standard input ends: on the port that is the first argument, telling events to the address that is
// the second, signed with the third. In front of it stands what Stripe has and emulate has not: a price that is made with the page,
// and of a page that was paid the amount, the payment and the card.

import { createServer } from "node:http";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [port, hook, secret, tools] = process.argv.slice(2);
const { createEmulator } = await import(pathToFileURL(resolve(tools, "node_modules/emulate/dist/api.js")).href);
const behind = Number(port) + 1;
const [front, back] = [port, behind].map((port) => `http://127.0.0.1:${port}`);
const webhooks = [{ url: hook, events: ["*"], secret }];
await createEmulator({ service: "stripe", port: behind, baseUrl: front, seed: { stripe: { webhooks } } });
const pages = new Map();

async function ask(path, fields) {
  const answer = await fetch(back + path, { method: "POST", body: new URLSearchParams(fields) });
  return answer.json();
}

async function withPrice(form) {
  const data = "line_items[0][price_data]";
  const [amount, currency] = [form.get(`${data}[unit_amount]`), form.get(`${data}[currency]`)];
  if (amount === null) return form;
  const product = await ask("/v1/products", { name: form.get(`${data}[product_data][name]`) });
  const price = await ask("/v1/prices", { product: product.id, unit_amount: amount, currency });
  const other = new URLSearchParams([...form].filter(([name]) => !name.startsWith(data)));
  other.set("line_items[0][price]", price.id);
  return other;
}

const card = { id: "pm_of_emulate", type: "card", card: { brand: "visa", last4: "4242", exp_year: 2030, exp_month: 5 } };

function completed(session) {
  const form = pages.get(session.id);
  if (!form || session.status !== "complete") return session;
  const intent = {
    id: `pi_of_${session.id}`,
    amount: Number(form.get("line_items[0][price_data][unit_amount]")),
    currency: form.get("line_items[0][price_data][currency]"),
    status: "succeeded",
    setup_future_usage: form.get("payment_intent_data[setup_future_usage]"),
    payment_method: card,
  };
  const key = form.get("mode") === "setup" ? "setup_intent" : "payment_intent";
  return { ...session, customer: form.get("customer"), [key]: intent };
}

async function body(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

createServer(async (request, response) => {
  const { pathname } = new URL(request.url, front);
  let sent = await body(request);
  const isNew = request.method === "POST" && pathname === "/v1/checkout/sessions";
  const form = isNew ? new URLSearchParams(sent.toString()) : null;
  if (form) sent = (await withPrice(form)).toString();
  const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => name.startsWith("content-type")));
  const init = { method: request.method, headers, redirect: "manual", body: request.method === "POST" ? sent : undefined };
  const answer = await fetch(back + request.url, init);
  let text = await answer.text();
  if (pathname.startsWith("/v1/checkout/sessions") && answer.ok) {
    const session = JSON.parse(text);
    if (form) pages.set(session.id, form);
    text = JSON.stringify(completed(session));
  }
  const kept = ["content-type", "location"].filter((name) => answer.headers.has(name));
  response.writeHead(answer.status, Object.fromEntries(kept.map((name) => [name, answer.headers.get(name)])));
  response.end(text);
}).listen(Number(port), "127.0.0.1", () => console.log("ready"));

process.stdin.on("end", () => process.exit(0)).resume();
