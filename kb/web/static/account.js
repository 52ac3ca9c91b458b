// Who is signed in, on a server where people sign in: shown in the header, and filled in where a name is asked for.
import { phrase } from "./phrases.js";
(async () => {
  const answer = await fetch("/account");
  if (!answer.ok) return;
  const { name, role, signs_out: signsOut } = await answer.json();
  if (!name) return;
  Object.assign(document.documentElement.dataset, { role, person: name });

  const show = () => {
    const top = document.querySelector(".vb-top");
    if (!top || top.querySelector(".vb-who")) return;
    const who = document.createElement("form");
    who.className = "vb-who";
    who.method = "post";
    who.action = "/sign-out";
    const told = document.createElement("span");
    told.dir = "auto";
    told.textContent = name;
    who.append(told);
    if (role === "admin") {
      const log = document.createElement("a");
      log.className = "vb-inline";
      log.href = "/log";
      log.textContent = phrase("Log");
      who.append(log);
    }
    if (signsOut) {
      const out = document.createElement("button");
      out.textContent = phrase("Sign out");
      who.append(out);
    }
    top.append(who);
  };
  // The server records the signed-in user, whatever the field says.
  const sign = () => {
    for (const by of document.querySelectorAll('input[name="by"]:not([readonly])')) {
      by.value = by.defaultValue = name; // not typed, so leaving the page does not ask about it
      by.readOnly = true;
    }
  };
  const look = () => {
    show();
    sign();
  };
  look();
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
})();
