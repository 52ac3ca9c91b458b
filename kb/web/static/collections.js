// Saving quotes, and everything on the collections' pages. Works by delegation, so cards may come and go.
(() => {
  if (window.verbatimCollections) return; // the page may run this twice
  window.verbatimCollections = true;

  const told = document.createElement("p");
  told.className = "vb-told";
  told.setAttribute("role", "status");
  document.body.appendChild(told);
  let clearing = null;
  const tell = (text) => {
    told.textContent = text;
    clearTimeout(clearing);
    clearing = setTimeout(() => (told.textContent = ""), 6000);
  };

  const ask = async (method, path, body) => {
    const reply = await fetch(`/api/${path}`, {
      method,
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const found = reply.status === 204 ? {} : await reply.json().catch(() => ({}));
    if (!reply.ok) throw new Error(found.error || `That did not work (${reply.status}).`);
    return found;
  };
  const attempt = async (work) => {
    try {
      await work();
    } catch (error) {
      tell(error.message);
    }
  };
  const part = encodeURIComponent;

  const dialog = document.createElement("dialog");
  dialog.className = "vb-dialog";
  dialog.innerHTML =
    '<form class="vb-form"><label>Save in <input name="name" list="vb-names" required maxlength="80"></label>' +
    '<datalist id="vb-names"></datalist><button class="vb-button">Save</button>' +
    '<button type="button" class="vb-button vb-quiet" data-close>Cancel</button></form>';
  document.body.appendChild(dialog);
  let saving = null; // the address of the quote that the dialog is about

  const openDialog = async (id) => {
    const names = (await ask("GET", "collections")).map((each) => each.name);
    const list = dialog.querySelector("datalist");
    list.replaceChildren(...names.map((name) => Object.assign(document.createElement("option"), { value: name })));
    const input = dialog.querySelector("input");
    const last = localStorage.getItem("vb-collection");
    input.value = names.includes(last) ? last : names[0] || "";
    saving = id;
    dialog.showModal();
    input.select();
  };

  const save = async (name) => {
    const found = await ask("POST", `collections/${part(name)}/quotes`, { id: saving });
    localStorage.setItem("vb-collection", name);
    dialog.close();
    tell(found.saved ? `Saved in “${name}”.` : `It is in “${name}” already.`);
  };

  const here = (element) => {
    const collection = element.closest("[data-collection]").dataset.collection;
    const quote = element.closest("[data-quote]");
    return { collection: `collections/${part(collection)}`, name: collection, id: quote && quote.dataset.quote };
  };
  const reload = () => location.reload();

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const { dataset } = button;
    if (dataset.save) attempt(() => openDialog(dataset.save));
    else if ("close" in dataset) dialog.close();
    else if (dataset.move || "remove" in dataset) {
      const { collection, id } = here(button);
      const path = `${collection}/quotes/${part(id)}`;
      const work = dataset.move ? ask("PUT", path, { place: Number(dataset.move) }) : ask("DELETE", path);
      attempt(() => work.then(reload));
    } else if ("delete" in dataset) {
      const { collection, name } = here(button);
      if (confirm(`Delete “${name}” with its notes?`))
        attempt(() => ask("DELETE", collection).then(() => location.assign("/collections")));
    } else if ("rename" in dataset) {
      const { collection, name } = here(button);
      const wanted = prompt("Its new name", name);
      if (wanted)
        attempt(() =>
          ask("PUT", collection, { name: wanted }).then((found) => location.assign(`/collections/${part(found.name)}`)),
        );
    }
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const given = Object.fromEntries(new FormData(form));
    if (form.parentElement === dialog) {
      event.preventDefault();
      attempt(() => save(given.name.trim()));
    } else if ("new" in form.dataset) {
      event.preventDefault();
      attempt(() => ask("POST", "collections", given).then((found) => location.assign(`/collections/${part(found.name)}`)));
    } else if ("notes" in form.dataset) {
      event.preventDefault();
      const { collection, id } = here(form);
      const tags = given.tags.split(",").map((tag) => tag.trim()).filter(Boolean);
      attempt(() => ask("PUT", `${collection}/quotes/${part(id)}`, { note: given.note, tags }).then(() => tell("Kept.")));
    } else if ("status" in form.dataset) {
      event.preventDefault();
      attempt(() => ask("POST", `ledger/${part(here(form).id)}`, given).then(reload));
    }
  });

  document.addEventListener("change", (event) => {
    if ("submits" in event.target.dataset) event.target.form.submit();
  });
})();
