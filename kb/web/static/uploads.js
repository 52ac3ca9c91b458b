// Sends files: those chosen or dropped together are one upload, so that a transcript finds its recording.
import { call, part } from "./api.js";
import { button, element } from "./elements.js";
import { openAdding, refresh, tell } from "./library.js";
import { phrase, plural } from "./phrases.js";

const drop = document.getElementById("drop"), hint = document.getElementById("hint"), files = document.getElementById("files");
const list = document.getElementById("sending"), show = document.getElementById("upload-show");
const origin = document.getElementById("upload-origin");
const language = document.getElementById("upload-language"), model = document.getElementById("upload-model");
const UNHEARD = phrase(
  "No speech model is here yet, so these recordings wait on this page. Fetch a model, then they are sent.",
);

// fetch() does not report the progress of an upload; XMLHttpRequest does.
function send(file, address, row) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PUT", address);
    request.upload.addEventListener("progress", (event) => {
      const share = event.total ? Math.floor((100 * event.loaded) / event.total) : 0;
      row.bar.value = share;
      row.state.textContent = phrase("Sending: %(share)s", { share: `${share} %` });
    });
    request.addEventListener("load", () => {
      if (request.status === 201) return resolve();
      const values = { file: file.name, status: request.status };
      let sentence = phrase("%(file)s: the server did not take it (%(status)s).", values);
      try { sentence = JSON.parse(request.responseText).error || sentence; } catch { /* no JSON: ours stands */ }
      reject(new Error(sentence));
    });
    const lost = phrase("%(file)s: the connection was lost; add it again.", { file: file.name });
    request.addEventListener("error", () => reject(new Error(lost)));
    request.addEventListener("abort", () => reject(new Error(phrase("Cancelled"))));
    row.cancel.addEventListener("click", () => request.abort());
    request.send(file);
  });
}

function addRow(file) {
  const item = element("li", "vb-job"), left = element("div");
  const state = element("span", "vb-state", phrase("Waiting")), bar = element("progress");
  bar.max = 100;
  bar.value = 0;
  bar.setAttribute("aria-label", phrase("Sending: %(file)s", { file: file.name }));
  const row = { item, state, bar, cancelled: false };
  row.cancel = button(phrase("Cancel"), "vb-button vb-quiet vb-small", () => {
    row.cancelled = true;
    state.textContent = phrase("Cancelled");
  });
  row.cancel.setAttribute("aria-label", phrase("Cancel: %(file)s", { file: file.name }));
  left.append(element("span", "vb-row-title", file.name), " ", state, bar);
  item.append(left, row.cancel);
  list.append(item);
  list.hidden = false;
  return row;
}

// Recordings without a transcript of the same name, if no speech model is here.
function unheard(chosen) {
  if (document.getElementById("no-speech").hidden) return false;
  const kinds = (name) => drop.dataset[name].split(" "), ending = (file) => file.name.toLowerCase().match(/\.[^.]*$/)?.[0];
  const stem = (file) => file.name.replace(/\.[^.]*$/, "");
  const written = new Set(chosen.filter((file) => kinds("transcripts").includes(ending(file))).map(stem));
  return chosen.some((file) => kinds("recordings").includes(ending(file)) && !written.has(stem(file)));
}

// Resolves when a model is here; cancelled files are not sent.
async function untilHeard(rows) {
  for (const row of rows) row.state.textContent = phrase("Waiting for a speech model");
  openAdding(true);
  tell(UNHEARD);
  (document.querySelector("#fetch-model select") ?? document.getElementById("speech")).scrollIntoView({ block: "center" });
  while (!document.getElementById("no-speech").hidden && rows.some((row) => !row.cancelled)) {
    await new Promise((looked) => document.addEventListener("verbatim:refreshed", looked, { once: true }));
  }
  for (const row of rows) if (!row.cancelled) row.state.textContent = phrase("Waiting");
  tell("");
}

async function upload(chosen) {
  if (!chosen.length) return;
  tell("");
  const rows = chosen.map(addRow), problems = [];
  if (unheard(chosen)) await untilHeard(rows);
  let sent = 0, group = null;
  try {
    if (rows.every((row) => row.cancelled)) return clear(rows);
    group = (await call("POST", "/api/uploads")).id;
    for (const [number, file] of chosen.entries()) {
      const row = rows[number];
      if (row.cancelled) continue;
      try {
        await send(file, `/api/uploads/${group}/${part(file.name)}`, row);
        row.state.textContent = phrase("Sent");
        row.cancel.remove();
        sent += 1;
      } catch (error) {
        if (!row.cancelled) problems.push(error.message);
      }
    }
    if (sent) {
      const [engine, ...name] = model.value.split(" ");
      const hearing = { language: language.value, engine, model: name.join(" ") };
      const query = new URLSearchParams({ show: show.value.trim(), origin: origin.value, ...hearing });
      problems.push(...(await call("POST", `/api/uploads/${group}?${query}`)).refused);
    } else await call("DELETE", `/api/uploads/${group}`);
  } catch (error) {
    problems.push(error.message);
    if (group) await call("DELETE", `/api/uploads/${group}`).catch(() => {});
  }
  clear(rows);
  if (sent) document.getElementById("work").open = true;
  if (problems.length) tell(problems.join(" "));
  else if (sent) {
    tell(plural("%(count)s file is sent and being taken in.", "%(count)s files are sent and being taken in.", sent));
  } else tell("");
  await refresh();
}

function clear(rows) {
  for (const row of rows) row.item.remove();
  list.hidden = !list.children.length;
}

files.addEventListener("change", () => {
  const chosen = [...files.files];
  files.value = "";
  upload(chosen);
});
let depth = 0;  // entering a child also fires "leave" on its parent
const holdsFiles = (event) => [...(event.dataTransfer?.types || [])].includes("Files");
const over = (is) => {
  if (!is) depth = 0;
  drop.classList.toggle("vb-over", is);
  hint.hidden = !is;
};
addEventListener("dragenter", (event) => {
  if (!holdsFiles(event)) return;
  depth += 1;
  over(true);
});
addEventListener("dragleave", (event) => { if (holdsFiles(event) && --depth <= 0) over(false); });
addEventListener("dragover", (event) => { if (holdsFiles(event)) event.preventDefault(); });
addEventListener("drop", (event) => {
  if (!holdsFiles(event)) return;
  event.preventDefault();
  over(false);
  upload([...event.dataTransfer.files]);
});
