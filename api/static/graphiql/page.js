"use strict";

// The style element that GraphiQL makes for its dialogs carries the nonce of this page's policy.
window.__webpack_nonce__ = document.body.dataset.nonce;

// What the next step of a sign-in needs: kept in memory only and gone with the page.
let accessToken = null;
let challengeToken = "";

function withChallenge(query) {
  return (query || "").replaceAll('challengeToken: ""', 'challengeToken: "' + challengeToken + '"');
}

function showCode(svg) {
  const picture = document.getElementById("qr-code");
  picture.hidden = !svg;
  if (svg) picture.src = "data:image/svg+xml," + encodeURIComponent(svg);
}

function withToken(given) {
  const headers = { ...given };
  const name = Object.keys(headers).find((each) => each.toLowerCase() === "authorization");
  if (name && !/^bearer\s*$/i.test(headers[name])) return headers;
  if (name) delete headers[name];
  return accessToken ? { ...headers, Authorization: "Bearer " + accessToken } : headers;
}

function notice(answer) {
  const payloads = Object.entries(answer.data || {}).filter(([, payload]) => payload);
  showCode(null);
  for (const [field, payload] of payloads) {
    if (payload.challenge && payload.challenge.token) challengeToken = payload.challenge.token;
    if (payload.qrCodeSvg) showCode(payload.qrCodeSvg);
    if (payload.session && payload.session.accessToken) accessToken = payload.session.accessToken;
    if (field === "signOut" && !(payload.errors || []).length) accessToken = null;
  }
  document.getElementById("signed-in").hidden = !accessToken;
}

async function fetcher(parameters, options) {
  const response = await fetch(window.location.pathname, {
    method: "POST",
    headers: {
      ...withToken(options && options.headers),
      Accept: "application/graphql-response+json",
      "Content-Type": "application/json",
    },
    body: JSON.stringify({ ...parameters, query: withChallenge(parameters.query) }),
  });
  const answer = await response.json();
  notice(answer);
  return answer;
}

// On a customer's own host the host names the customer, and the header may name no other.
function headersHere(given) {
  const host = window.location.hostname;
  const headers = JSON.parse(given);
  if (/[a-z]/.test(host) && host.includes(".")) delete headers["Portal-Tenant"];
  return JSON.stringify(headers, null, 2);
}

// Each example starts with a line `#--- {headers}`; GraphiQL opens one tab for each.
function tabs(text) {
  return text
    .split(/^#--- /m)
    .slice(1)
    .map((example) => {
      const end = example.indexOf("\n");
      const headers = headersHere(example.slice(0, end));
      return { headers, query: example.slice(end + 1).trim() + "\n", variables: "" };
    });
}

// A link in a mail leads here as `?example=AcceptInvitation#token`: that example comes first, with the token in it.
// Behind the # no server's log sees the token; from here on the address bar does not show it either.
function withMail(found) {
  const wanted = new URLSearchParams(window.location.search).get("example");
  const token = window.location.hash.slice(1);
  const asked = found.find((tab) => wanted && tab.query.includes("mutation " + wanted + " "));
  if (!asked || !/^[\w-]+$/.test(token)) return { defaultTabs: found };
  window.history.replaceState(null, "", window.location.pathname);
  const query = asked.query.replace('token: ""', 'token: "' + token + '"');
  const first = { ...asked, query };
  return { defaultTabs: [first, ...found.filter((tab) => tab !== asked)], ...first };
}

async function start() {
  const examples = await fetch(document.body.dataset.assets + "/examples.graphql");
  const page = React.createElement(GraphiQL, {
    fetcher,
    ...withMail(tabs(await examples.text())),
    isHeadersEditorEnabled: true,
    // Access tokens are not left behind in the browser.
    shouldPersistHeaders: false,
  });
  document.getElementById("forget").addEventListener("click", () => {
    accessToken = null;
    notice({});
  });
  ReactDOM.createRoot(document.getElementById("graphiql")).render(page);
}

start();
