"use strict";

// The style element that GraphiQL makes for its dialogs carries the nonce of this page's policy.
window.__webpack_nonce__ = document.body.dataset.nonce;

// The access token of the last sign-in in this page; it is kept in memory only and gone with the page.
let accessToken = null;

function withToken(given) {
  const headers = { ...given };
  const name = Object.keys(headers).find((each) => each.toLowerCase() === "authorization");
  if (name && !/^bearer\s*$/i.test(headers[name])) return headers;
  if (name) delete headers[name];
  return accessToken ? { ...headers, Authorization: "Bearer " + accessToken } : headers;
}

function notice(answer) {
  const payloads = Object.entries(answer.data || {}).filter(([, payload]) => payload);
  for (const [field, payload] of payloads) {
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
    body: JSON.stringify(parameters),
  });
  const answer = await response.json();
  notice(answer);
  return answer;
}

// Each example starts with a line `#--- {headers}`; GraphiQL opens one tab for each.
function tabs(text) {
  return text
    .split(/^#--- /m)
    .slice(1)
    .map((example) => {
      const end = example.indexOf("\n");
      const headers = JSON.stringify(JSON.parse(example.slice(0, end)), null, 2);
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
  // The host of the link names the customer already.
  const headers = window.location.hostname.includes(".") ? "{}" : asked.headers;
  const first = { headers, query, variables: "" };
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
