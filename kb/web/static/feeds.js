// Feeds: first show what the address has, then follow it.
import { call } from "./api.js";
import { button, element, labelled } from "./elements.js";
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
  const counts = feed.episodes === null ? "" : `: ${feed.episodes} episodes, ${feed.transcripts} with a transcript`;
  return element("p", "", (feed.title || feed.url) + counts);
}

function follower(url, many) {
  const row = element("p", "vb-choose"), select = element("select");
  for (const [value, name] of [["5", "the 5 newest"], ["20", "the 20 newest"], ["", "all episodes"]]) {
    select.add(new Option(name, value));
  }
  const label = labelled("Take in", select);
  label.className = "vb-field";
  const follow = button(many > 1 ? `Follow all ${many}` : "Follow", "vb-button", async () => {
    follow.disabled = true;
    found.append(" Adding …");
    try {
      await call("POST", "/api/feeds", { url, limit: select.value ? Number(select.value) : null });
      form.reset();
      found.textContent = "You follow this feed now; its episodes are being taken in.";
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
