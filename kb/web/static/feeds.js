// Feeds: first what the address holds, then following it.
import { call } from "./api.js";
import { refresh } from "./library.js";

const form = document.getElementById("feed"), found = document.getElementById("feed-found");
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const url = form.elements.url.value.trim();
  found.textContent = "Reading the feed …";
  try {
    const feeds = await call("POST", "/api/feeds/find", { url });
    found.replaceChildren(...feeds.map(describe), follower(url, feeds.length));
    found.querySelector("button").focus();
  } catch (error) {
    found.textContent = error.message;
  }
});

function describe(feed) {
  const line = document.createElement("p");
  const counts = feed.episodes === null ? "" : `: ${feed.episodes} episodes, ${feed.transcripts} with a transcript`;
  line.textContent = (feed.title || feed.url) + counts;
  return line;
}

function follower(url, many) {
  const row = document.createElement("p"), label = document.createElement("label");
  const select = document.createElement("select"), button = document.createElement("button");
  row.className = "vb-choose";
  label.className = "vb-field";
  label.textContent = "Take in";
  for (const [value, name] of [["5", "the 5 newest"], ["20", "the 20 newest"], ["", "all episodes"]]) {
    select.add(new Option(name, value));
  }
  label.append(select);
  button.className = "vb-button";
  button.type = "button";
  button.textContent = many > 1 ? `Follow all ${many}` : "Follow";
  button.addEventListener("click", async () => {
    button.disabled = true;
    found.append(" Adding …");
    try {
      await call("POST", "/api/feeds", { url, limit: select.value ? Number(select.value) : null });
      form.reset();
      found.textContent = "You follow this feed now; its episodes are on their way.";
      document.getElementById("feeds").open = true;
      form.elements.url.focus();
    } catch (error) {
      found.textContent = error.message;
    }
    await refresh();
  });
  row.append(label, button);
  return row;
}
