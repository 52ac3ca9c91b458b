// Feeds: first show what the address has, then follow it; the model and language of each can be changed.
import { call } from "./api.js";
import { element } from "./elements.js";
import { refresh, tell } from "./library.js";
import { number, phrase, plural } from "./phrases.js";

const form = document.getElementById("feed"), found = document.getElementById("feed-found");
const follow = document.getElementById("follow");
const followed = () => follow.querySelector(".vb-button");

// A model's value is its engine and its name.
const hearing = ({ language, model }) => {
  const [engine, ...name] = model.value.split(" ");
  return { language: language.value || null, engine: engine || null, model: name.join(" ") || null };
};

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const url = form.elements.url.value.trim();
  follow.hidden = true;
  found.textContent = phrase("Reading the feed …");
  try {
    const feeds = await call("POST", "/api/feeds/find", { url });
    found.replaceChildren(...feeds.map(describe));
    followed().textContent = feeds.length > 1 ? phrase("Follow all %(count)s", { count: feeds.length }) : phrase("Follow");
    follow.dataset.url = url;
    follow.hidden = false;
    followed().focus();
  } catch (error) {
    found.textContent = error.message;
  }
});

function describe(feed) {
  const title = feed.title || feed.url;
  if (feed.episodes === null) return element("p", "", title);
  return element("p", "", plural(
    "%(title)s: %(count)s episode, %(transcripts)s with a transcript",
    "%(title)s: %(count)s episodes, %(transcripts)s with a transcript",
    feed.episodes,
    { title, transcripts: number(feed.transcripts) },
  ));
}

follow.addEventListener("submit", async (event) => {
  event.preventDefault();
  followed().disabled = true;
  found.append(" ", phrase("Adding …"));
  try {
    const { limit } = follow.elements;
    const { value } = form.elements.url;
    const asked = { url: follow.dataset.url, limit: limit.value ? Number(limit.value) : null };
    await call("POST", "/api/feeds", { ...asked, ...hearing(follow.elements) });
    if (form.elements.url.value === value) form.reset(); // otherwise the next address was typed meanwhile
    follow.reset();
    follow.hidden = true;
    found.textContent = phrase("You follow this feed now; its episodes are being taken in.");
    document.getElementById("feeds").open = true;
    form.elements.url.focus();
  } catch (error) {
    found.textContent = error.message;
  }
  followed().disabled = false;
  await refresh();
});

// -- how a followed feed is transcribed

const dialog = document.getElementById("feed-hearing");
const fields = dialog.querySelector("form").elements;
const buttonOf = (feed) => document.querySelector(`[data-hear="${CSS.escape(feed)}"]`);

document.addEventListener("click", (event) => {
  const pressed = event.target.closest("[data-hear]");
  if (!pressed) return;
  const { hear, title, engine, model, language } = pressed.dataset;
  dialog.dataset.feed = hear;
  dialog.querySelector("bdi").textContent = title;
  fields.language.value = language;
  fields.model.replaceChildren(...[...document.getElementById("feed-model").options].map((each) => each.cloneNode(true)));
  const value = model && `${engine} ${model}`;
  // A model that the command line chose, or that has left this machine since.
  if (![...fields.model.options].some((each) => each.value === value)) fields.model.add(new Option(model, value));
  fields.model.value = value;
  dialog.returnValue = "";
  dialog.showModal();
});
dialog.addEventListener("close", async () => {
  const { feed } = dialog.dataset;
  if (dialog.returnValue === "save") {
    try {
      await call("PUT", `/api/feeds/${feed}`, hearing(fields));
      tell("");
    } catch (error) {
      tell(error.message);
    }
    await refresh();
  }
  buttonOf(feed)?.focus(); // the row may be another one now
});
