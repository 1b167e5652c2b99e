"use strict";

// The style element that GraphiQL makes for its dialogs carries the nonce of this page's policy.
window.__webpack_nonce__ = document.body.dataset.nonce;

// GraphiQL would keep every tab with its passwords and tokens in the browser: here nothing outlives the page.
const NOTHING_KEPT = { length: 0, getItem: () => null, setItem() {}, removeItem() {}, clear() {} };

function forgetOldTabs() {
  Object.keys(window.localStorage)
    .filter((key) => key.startsWith("graphiql:"))
    .forEach((key) => window.localStorage.removeItem(key));
}

function showState(why) {
  document.getElementById("state").textContent = session ? stateInWords() : why;
  document.getElementById("bar").classList.toggle("signed-in", Boolean(session));
  document.getElementById("sign-out").hidden = !session;
  if (session && !customerOfHost() && !isOperator()) {
    document.getElementById("customer").value = session.customer;
  }
}

function isOperator() {
  return !customerOfHost() && session.customer === "";
}

function stateInWords() {
  const { viewer, expiresAt, refreshToken } = session;
  const who = viewer?.name ? "Signed in as " + viewer.name + " (" + viewer.email + ")" : "Signed in";
  if (!expiresAt) return who + ".";
  const until = new Date(expiresAt).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  return who + " until " + until + (refreshToken ? "; this page renews that by itself." : ". Sign in again then.");
}

function showHint(text) {
  const hint = document.getElementById("hint");
  hint.textContent = text;
  hint.hidden = false;
}

// The secret in groups of four, whose gaps are no characters: a copy has none.
function showAuthenticator({ qrCodeSvg, secret }) {
  const groups = (secret || "").match(/.{1,4}/g) || [];
  const spans = groups.map((group) => Object.assign(document.createElement("span"), { textContent: group }));
  document.getElementById("secret").replaceChildren(...spans);
  document.getElementById("qr-code").src = "data:image/svg+xml," + encodeURIComponent(qrCodeSvg);
  document.getElementById("authenticator").hidden = false;
}

function hideAuthenticator() {
  document.getElementById("authenticator").hidden = true;
}

// Whoever is signed in at one customer is nobody at another; an operator goes from one to the next.
function customerChanged() {
  challenge = null;
  if (!session || isOperator() || customerField() === session.customer) return;
  endSession("Signed out on this page: the session was one of " + session.customer + ".");
}

function showCustomer() {
  const field = document.getElementById("customer");
  const fixed = customerOfHost();
  field.addEventListener("change", customerChanged);
  if (!fixed) return;
  field.value = fixed;
  field.readOnly = true;
  document.getElementById("by-address").hidden = false;
}

// Each example starts with a line `#---`; GraphiQL opens one tab for each.
function tabs(text) {
  return text
    .split(/^#---\n/m)
    .slice(1)
    .map((example) => ({ query: example.trim() + "\n" }));
}

// A link in a mail leads here as `?example=AcceptInvitation#token`: that example comes first, with the token in it.
// Behind the # no server's log sees the token; from here on the address bar does not show it either.
function withMail(found) {
  const wanted = new URLSearchParams(window.location.search).get("example");
  const asked = found.find((tab) => wanted && tab.query.includes("mutation " + wanted + " "));
  if (!asked) return found;
  const token = window.location.hash.slice(1);
  const isToken = /^[\w-]+$/.test(token);
  window.history.replaceState(null, "", window.location.pathname);
  showHint(
    isToken
      ? "The token of the mail is filled in. Fill in what is empty, and press play."
      : "This address came without the mail's token: paste it between the quotes behind `token`.",
  );
  const query = isToken ? asked.query.replace('token: ""', 'token: "' + token + '"') : asked.query;
  return [{ ...asked, query }, ...found.filter((tab) => tab !== asked)];
}

async function start() {
  forgetOldTabs();
  showCustomer();
  const examples = await fetch(document.body.dataset.assets + "/examples.graphql");
  const page = React.createElement(GraphiQL, {
    fetcher,
    defaultTabs: withMail(tabs(await examples.text())),
    storage: NOTHING_KEPT,
    isHeadersEditorEnabled: true,
    shouldPersistHeaders: false,
  });
  document.getElementById("sign-out").addEventListener("click", signOut);
  ReactDOM.createRoot(document.getElementById("graphiql")).render(page);
}

start();
