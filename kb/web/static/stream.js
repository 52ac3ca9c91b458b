// Gradio's answers come over one stream a page. Its server ends the stream when nothing is pending; a question that
// joined the queue just before the page sees that would wait without a stream. So Gradio's client gets one lasting
// stream: it continues until every question is complete, and survives a restart of the server. Questions that the
// server has lost raise the event "verbatim:lost".
import { whenBack } from "./away.js";

const PATIENCE = 4000; // milliseconds in which a new question must get its first message (its place in the queue)
const reach = globalThis.fetch.bind(globalThis);
const pending = new Map(); // questions that joined and are not complete, each with its timer
const early = new Map(); // questions whose messages came before they had joined: whether they are complete
let wake = () => {};
let opened = new AbortController(); // of the stream that is open now

// The session has ended: reload the address, and the server redirects to the sign-in page.
const signIn = () => {
  location.reload();
  return new Promise(() => {}); // the page is left
};

const lose = () => {
  for (const timer of pending.values()) clearTimeout(timer);
  pending.clear();
  // The stream may have died silently. Close it, which makes the server drop its questions, then ask again.
  opened.abort();
  whenBack().then(() => dispatchEvent(new Event("verbatim:lost")));
};

// Returns whether to pass a message to Gradio's client.
const heard = (message) => {
  let found;
  try {
    found = JSON.parse(message.replace(/^data: ?/, ""));
  } catch {
    return true;
  }
  if (found.session_not_found) {
    lose();
    return false;
  }
  const { event_id: id } = found;
  const isComplete = found.msg === "process_completed";
  if (pending.has(id)) {
    clearTimeout(pending.get(id));
    pending.set(id, 0);
    if (isComplete) pending.delete(id);
  } else if (id) early.set(id, isComplete);
  return found.msg !== "close_stream";
};

// Passes on the messages of one stream of the server, until it ends.
const pass = async (reply, give) => {
  const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const messages = (rest + value).split("\n\n");
    rest = messages.pop();
    for (const message of messages) if (heard(message)) give(`${message}\n\n`);
  }
};

const lasting = (request) => {
  const encoder = new TextEncoder();
  const start = async (controller) => {
    const give = (text) => controller.enqueue(encoder.encode(text));
    while (!request.signal.aborted) {
      try {
        opened = new AbortController();
        const reply = await reach(request.clone(), { signal: AbortSignal.any([request.signal, opened.signal]) });
        if (reply.status === 401 && pending.size) await signIn();
        await pass(reply, give);
      } catch {
        if (request.signal.aborted) break;
        await whenBack();
      }
      if (!pending.size) await new Promise((joined) => (wake = joined));
    }
    controller.close();
  };
  const body = new ReadableStream({ start: (controller) => void start(controller).catch(() => {}) });
  return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
};

const joined = async (request, options) => {
  for (;;) {
    try {
      const reply = await reach(request, options);
      if (reply.status === 401) await signIn();
      const { event_id: id } = await reply.clone().json().catch(() => ({}));
      if (id && !early.has(id)) pending.set(id, setTimeout(lose, PATIENCE));
      else if (id && !early.get(id)) pending.set(id, 0);
      early.delete(id);
      wake();
      return reply;
    } catch {
      await whenBack(); // the question is sent again
    }
  }
};

globalThis.fetch = async (request, options) => {
  const { pathname } = new URL(request.url ?? request, location.href);
  if (pathname.endsWith("/queue/data")) return lasting(new Request(request, options));
  if (pathname.endsWith("/queue/join")) return joined(request, options);
  return reach(request, options);
};
