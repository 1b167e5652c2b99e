"use strict";

// The style element that GraphiQL makes for its dialogs carries the nonce of this page's policy.
window.__webpack_nonce__ = document.body.dataset.nonce;

async function fetcher(parameters, options) {
  const response = await fetch(window.location.pathname, {
    method: "POST",
    headers: {
      ...(options && options.headers),
      Accept: "application/graphql-response+json",
      "Content-Type": "application/json",
    },
    body: JSON.stringify(parameters),
  });
  return response.json();
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

async function start() {
  const examples = await fetch(document.body.dataset.assets + "/examples.graphql");
  const page = React.createElement(GraphiQL, {
    fetcher,
    defaultTabs: tabs(await examples.text()),
    isHeadersEditorEnabled: true,
    // Access tokens are not left behind in the browser.
    shouldPersistHeaders: false,
  });
  ReactDOM.createRoot(document.getElementById("graphiql")).render(page);
}

start();
