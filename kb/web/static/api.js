// Requests to the server. Failures are an Error whose message is one sentence for the user.
import { waiting, whenBack } from "./away.js";
import { phrase } from "./phrases.js";

export const part = encodeURIComponent;
const SIGNED_OUT = phrase(
  "You are no longer signed in. Sign in in another tab and try again; what you typed is kept here.",
);

// The server refused the request; `found` is its whole answer.
export class Refused extends Error {
  constructor(status, found) {
    super(found.error || phrase("That did not work (%(status)s). Try again.", { status }));
    this.status = status;
    this.found = found;
  }
}

// If the server is away, wait and send the request again, unless `once`, where that could do something twice.
const reached = async (address, options, once) => {
  for (;;) {
    const over = waiting();
    try {
      return await fetch(address, options);
    } catch {
      if (once) {
        whenBack();
        throw new Error(phrase("Verbatim does not answer. Is it still running? Your text is still here; try again."));
      }
      await whenBack();
    } finally {
      over();
    }
  }
};

// `body` is sent as JSON, or as a form if it is one.
export const call = async (method, address, body, { once = false } = {}) => {
  const headers = { Accept: "application/json" };
  const isForm = body instanceof FormData;
  if (body !== undefined && !isForm) headers["Content-Type"] = "application/json";
  const sent = body === undefined || isForm ? body : JSON.stringify(body);
  const reply = await reached(address, { method, headers, body: sent }, once);
  const found = reply.status === 204 ? {} : await reply.json().catch(() => ({}));
  if (!reply.ok) throw new Refused(reply.status, found);
  return found;
};

// One of our pages as a document.
export const page = async (address) => {
  const reply = await reached(address, { headers: { Accept: "text/html" } }, false);
  if (reply.redirected && new URL(reply.url).pathname === "/sign-in") throw new Refused(401, { error: SIGNED_OUT });
  const found = new DOMParser().parseFromString(await reply.text(), "text/html");
  if (!reply.ok) throw new Refused(reply.status, { error: found.querySelector(".vb-problem")?.textContent });
  return found;
};
