// Correcting a turn in place: its words become a text field, the sound plays on, sending makes a new revision.
// An empty line parts the turn; whose each part is has a field of its own.
(() => {
  const reader = document.querySelector(".vb-reader");
  if (!reader) return;
  const KEPT = "verbatim-name"; // the person's own name, in this browser only
  const field = (name, value) => {
    const input = document.createElement("input");
    input.type = "hidden";
    input.name = name;
    input.value = value;
    return input;
  };
  const kept = () => {
    try {
      return localStorage.getItem(KEPT) ?? "";
    } catch {
      return ""; // a browser may forbid it
    }
  };
  const button = (text, look, type) => {
    const made = document.createElement("button");
    made.className = look;
    made.type = type;
    made.textContent = text;
    return made;
  };
  const labelled = (text, input) => {
    const label = document.createElement("label");
    label.append(text, input);
    return label;
  };

  const parts = (text) => text.split(/\n[^\S\n]*\n/).filter((part) => part.trim()).length || 1;
  const suggest = () => {
    const list = document.getElementById("vb-names") ?? document.createElement("datalist");
    list.id = "vb-names";
    const known = [...reader.querySelectorAll(".vb-turn")].map((turn) => turn.dataset.speaker);
    list.replaceChildren(...[...new Set(known.filter(Boolean))].map((name) => new Option(name, name)));
    reader.append(list);
  };
  // As many fields as the text has parts; a new one begins with the name before it.
  const ask = (people, count) => {
    while (people.childElementCount > count) people.lastElementChild.remove();
    while (people.childElementCount < count) {
      const input = document.createElement("input");
      input.name = "speaker";
      input.maxLength = 200;
      input.setAttribute("list", "vb-names");
      input.placeholder = "Unknown speaker";
      input.value = people.querySelector("label:last-child input")?.value ?? people.dataset.speaker;
      people.append(labelled("", input));
    }
    [...people.children].forEach((label, n) => {
      label.firstChild.data = count > 1 ? `Who says part ${n + 1}` : "Who says this";
    });
  };

  const open = (turn) => {
    const shown = [...turn.querySelectorAll(".vb-par")];
    const form = document.createElement("form");
    form.className = "vb-correcting";
    form.method = "post";
    form.action = `/episode/${encodeURIComponent(reader.dataset.episode)}/words`;
    const text = document.createElement("textarea");
    text.name = "text";
    text.required = true;
    text.value = shown.map((par) => par.querySelector("p").textContent).join(" ");
    const people = document.createElement("div");
    people.className = "vb-people";
    people.dataset.speaker = turn.dataset.speaker;
    suggest();
    ask(people, 1);
    text.addEventListener("input", () => ask(people, parts(text.value)));
    const hint = document.createElement("p");
    hint.className = "vb-note";
    hint.id = `vb-parting-${turn.dataset.turn}`;
    hint.textContent = "An empty line parts the turn where somebody else begins.";
    text.setAttribute("aria-describedby", hint.id);
    const by = document.createElement("input");
    by.name = "by";
    by.className = "vb-by";
    by.required = true;
    by.maxLength = 100;
    by.autocomplete = "name";
    by.value = kept();
    const cancel = button("Cancel", "vb-button vb-quiet", "button");
    const row = document.createElement("div");
    row.className = "vb-actions";
    row.append(button("Keep as a new revision", "vb-button", "submit"), cancel);
    form.append(
      labelled("The words of this turn", text),
      hint,
      people,
      labelled("Your name", by),
      row,
      field("revision", reader.dataset.revision),
      field("turn", turn.dataset.turn),
    );
    const close = () => {
      form.remove();
      for (const par of shown) par.hidden = false;
      turn.querySelector(".vb-correct").hidden = false;
      turn.querySelector(".vb-correct").focus();
    };
    cancel.addEventListener("click", close);
    form.addEventListener("keydown", (event) => event.key === "Escape" && close());
    const height = shown.reduce((sum, par) => sum + par.offsetHeight, 0);
    for (const par of shown) par.hidden = true;
    turn.querySelector(".vb-correct").hidden = true;
    turn.append(form);
    text.style.height = `${Math.max(96, height + 40)}px`;
    text.focus();
  };

  reader.addEventListener("click", (event) => {
    const pressed = event.target.closest(".vb-correct");
    if (pressed) open(pressed.closest(".vb-turn"));
  });
  for (const by of reader.querySelectorAll(".vb-by")) by.value = kept();
  reader.addEventListener("submit", (event) => {
    const by = event.target.querySelector(".vb-by");
    try {
      if (by) localStorage.setItem(KEPT, by.value);
    } catch {
      // it is asked for again next time
    }
  });
})();
