// Feeds: first show what the address has, then follow it.
import { call } from "./api.js";
import { button, element, labelled } from "./elements.js";
import { refresh } from "./library.js";
import { number, phrase, plural } from "./phrases.js";

const form = document.getElementById("feed"), found = document.getElementById("feed-found");
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const url = form.elements.url.value.trim();
  found.textContent = phrase("Reading the feed …");
  try {
    const feeds = await call("POST", "/api/feeds/find", { url });
    found.replaceChildren(...feeds.map(describe), follower(url, feeds.length));
    found.querySelector("button").focus();
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

function follower(url, many) {
  const row = element("p", "vb-choose"), select = element("select");
  for (const count of [5, 20]) select.add(new Option(phrase("the %(count)s newest", { count }), count));
  select.add(new Option(phrase("all episodes"), ""));
  const label = labelled(phrase("Take in"), select);
  label.className = "vb-field";
  const name = many > 1 ? phrase("Follow all %(count)s", { count: many }) : phrase("Follow");
  const follow = button(name, "vb-button", async () => {
    follow.disabled = true;
    found.append(" ", phrase("Adding …"));
    try {
      await call("POST", "/api/feeds", { url, limit: select.value ? Number(select.value) : null });
      form.reset();
      found.textContent = phrase("You follow this feed now; its episodes are being taken in.");
      document.getElementById("feeds").open = true;
      form.elements.url.focus();
    } catch (error) {
      found.textContent = error.message;
    }
    await refresh();
  });
  row.append(label, follow);
  return row;
}
