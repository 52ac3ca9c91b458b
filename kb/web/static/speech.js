// Speech models: one is fetched, or taken from a folder of the server's machine, on a click; library.js shows how far it is.
import { call } from "./api.js";
import { refresh, tell } from "./library.js";

const fetching = document.getElementById("fetch-model"), taking = document.getElementById("take-model");

const bring = async (address, body) => {
  tell("");
  try {
    await call("POST", address, body);
  } catch (error) {
    tell(error.message);
  }
  await refresh();
};

fetching?.addEventListener("submit", (event) => {
  event.preventDefault();
  bring("/api/models/fetch", { name: fetching.elements.name.value });
});
taking?.addEventListener("submit", (event) => {
  event.preventDefault();
  bring("/api/models/folder", { folder: taking.elements.folder.value.trim() });
});
