"use strict";

// Who is signed in on this page, and what each request carries of that. All of it is kept in memory only and gone
// with the page. page.js shows it: showState, showAuthenticator, hideAuthenticator.

// These need no session; a dead token with them would be refused, and nobody could sign in again.
const WITHOUT_SESSION = [
  "signIn",
  "verifyMfa",
  "refreshSession",
  "acceptInvitation",
  "requestPasswordReset",
  "resetPassword",
  "confirmEmailChange",
];
// These go by a challenge at the first sign-in, and by the session afterwards.
const ENROLMENT = ["enrollTotp", "confirmTotp"];

const REFRESH =
  "mutation($input: RefreshSessionInput!) { refreshSession(input: $input) " +
  "{ session { accessToken refreshToken expiresAt } errors { code } } }";
const ENDED = "The session has ended. Sign in again.";
const SIGN_OUT = "mutation { signOut(input: {}) { errors { code } } }";

let session = null; // { accessToken, refreshToken, expiresAt, viewer, customer }
let challenge = null; // { token, enrollmentRequired }
let refreshing = null;

// On a customer's own host the host names the customer, and the header may name no other.
function customerOfHost() {
  const host = window.location.hostname;
  return /[a-z]/.test(host) && host.includes(".") ? host.split(".")[0] : null;
}

function customerField() {
  return customerOfHost() ? "" : document.getElementById("customer").value.trim().toLowerCase();
}

function nameIn(headers, wanted) {
  return Object.keys(headers).find((each) => each.toLowerCase() === wanted);
}

function withCustomer(given) {
  const customer = customerField();
  return customer && !nameIn(given, "portal-tenant") ? { ...given, "Portal-Tenant": customer } : given;
}

// The names of the fields that the operation begins with.
function rootFields(parameters, options) {
  const definitions = options?.documentAST?.definitions || [];
  const operation = definitions.find(
    (each) =>
      each.kind === "OperationDefinition" &&
      (!parameters.operationName || each.name?.value === parameters.operationName),
  );
  return (operation?.selectionSet.selections || []).map((each) => each.name?.value);
}

function withChallenge(query, fields) {
  const enrols = fields.some((field) => ENROLMENT.includes(field));
  // Once signed in, the authenticator is replaced by the session; a challenge of a mere sign-in would be refused.
  if (!challenge || (enrols && session && !challenge.enrollmentRequired)) return query;
  return query.replace(/challengeToken:\s*""/g, 'challengeToken: "' + challenge.token + '"');
}

function needsSession(fields, query) {
  const challenged = /challengeToken:\s*"[^"]/.test(query);
  return fields.some((field) => !WITHOUT_SESSION.includes(field) && !(challenged && ENROLMENT.includes(field)));
}

async function ask(body, headers) {
  const response = await fetch(window.location.pathname, {
    method: "POST",
    headers: {
      ...headers,
      Accept: "application/graphql-response+json",
      "Content-Type": "application/json",
    },
    body: JSON.stringify(body),
  });
  return { status: response.status, answer: await response.json() };
}

// Wherever an answer has tokens, whatever the mutation is called: sign-in, step-up, refresh.
function sessionIn(payload) {
  if (!payload || typeof payload !== "object") return null;
  if (typeof payload.accessToken === "string" && payload.accessToken) return payload;
  return Object.values(payload).reduce((found, each) => found || sessionIn(each), null);
}

function endSession(why) {
  session = null;
  hideAuthenticator();
  showState(why);
}

function beginSession(found, customer, before) {
  const { accessToken, refreshToken = before?.refreshToken, expiresAt, viewer = before?.viewer } = found;
  session = { accessToken, refreshToken, expiresAt, viewer, customer: before ? before.customer : customer };
  if (!before) challenge = null;
  showState();
}

async function renew(old) {
  const body = { query: REFRESH, variables: { input: { refreshToken: old.refreshToken } } };
  const { answer } = await ask(body, old.customer ? { "Portal-Tenant": old.customer } : {});
  const payload = answer.data?.refreshSession;
  const found = sessionIn(payload);
  if (session !== old) return;
  if (found) beginSession(found, old.customer, old);
  else if (payload) endSession(ENDED);
}

// A refresh token works once, and its second use ends the session: requests that find it expired wait for one refresh.
function refreshOnce() {
  refreshing ||= renew(session).finally(() => {
    refreshing = null;
  });
  return refreshing;
}

// With the token of the session, renewed once where the portal does not take it. A refresh that got no answer, as when
// the portal is busy, ends nothing.
async function askSignedIn(body, headers) {
  const bearer = () => ({ ...headers, Authorization: "Bearer " + session.accessToken });
  const sent = session.accessToken;
  const first = await ask(body, bearer());
  if (first.status !== 401) return first;
  if (session?.accessToken === sent) {
    if (session.refreshToken) await refreshOnce();
    else endSession(ENDED);
  }
  if (!session || session.accessToken === sent) return first;
  const again = await ask(body, bearer());
  if (again.status === 401 && session) endSession(ENDED);
  return again;
}

function take(answer, customer, before) {
  for (const [field, payload] of Object.entries(answer.data || {})) {
    if (!payload) continue;
    if (payload.challenge?.token) {
      challenge = payload.challenge;
      hideAuthenticator();
    }
    const found = sessionIn(payload);
    if (found) beginSession(found, customer, before);
    if (field === "signOut" && !payload.errors?.length) endSession("Signed out.");
    if (payload.recoveryCodes) hideAuthenticator();
    if (payload.qrCodeSvg) {
      showAuthenticator(payload);
      payload.qrCodeSvg = "(shown above)";
    }
  }
}

async function fetcher(parameters, options) {
  const fields = rootFields(parameters, options);
  const query = withChallenge(parameters.query || "", fields);
  const headers = withCustomer({ ...options?.headers });
  const named = nameIn(headers, "authorization");
  const own = session && !named && (fields.length === 0 || needsSession(fields, query));
  const body = { ...parameters, query };
  const { answer } = own ? await askSignedIn(body, headers) : await ask(body, headers);
  take(answer, headers[nameIn(headers, "portal-tenant")] || "", own ? session : null);
  return answer;
}

async function signOut() {
  if (session) await askSignedIn({ query: SIGN_OUT }, withCustomer({}));
  endSession("Signed out.");
}
