// The player bar, copying, and keys. Works by delegation, so cards may come and go; needs no server round trip.
(() => {
  if (window.verbatimPlayer) return; // the page may run this twice
  window.verbatimPlayer = true;

  const bar = document.createElement("section");
  bar.className = "vb-player";
  bar.hidden = true;
  bar.setAttribute("aria-label", "Audio player");
  bar.innerHTML =
    '<div class="vb-player-text"><strong class="vb-player-title"></strong><span class="vb-player-note"></span></div>' +
    '<audio controls preload="metadata"></audio>' +
    '<button type="button" class="vb-button vb-quiet vb-player-close" aria-label="Close the player">Close</button>';
  document.body.appendChild(bar);
  const audio = bar.querySelector("audio");
  let playing = null; // the button whose quote is heard
  let stopAt = null; // where that quote ends, until the listener takes over
  let pending = null; // a start still waiting for the audio's length

  const label = (button, on) => {
    if (!button) return;
    button.setAttribute("aria-pressed", on ? "true" : "false");
    button.classList.toggle("vb-on", on);
  };

  const begin = (button) => {
    const start = Number(button.dataset.start);
    const source = new URL(button.dataset.audio, location.origin).href;
    label(playing, false);
    playing = button;
    stopAt = Number(button.dataset.end);
    bar.querySelector(".vb-player-title").textContent = button.dataset.title;
    bar.querySelector(".vb-player-note").textContent = button.dataset.note;
    bar.hidden = false;
    document.body.classList.add("vb-playing");
    if (audio.src !== source) {
      audio.src = source;
      pending = start;
    } else {
      audio.currentTime = start;
    }
    audio.play().catch(() => {
      bar.querySelector(".vb-player-note").textContent = "This audio cannot be played in this browser.";
    });
  };

  audio.addEventListener("loadedmetadata", () => {
    if (pending !== null) audio.currentTime = pending;
    pending = null;
  });
  audio.addEventListener("play", () => label(playing, true));
  audio.addEventListener("pause", () => label(playing, false));
  audio.addEventListener("error", () => {
    bar.querySelector(".vb-player-note").textContent = "The audio file cannot be read. Is it still where it was?";
  });
  audio.addEventListener("timeupdate", () => {
    if (stopAt !== null && pending === null && audio.currentTime >= stopAt + 0.15) {
      audio.pause(); // the quote has been heard; play again to listen on
      stopAt = null;
    }
  });
  audio.addEventListener("seeking", () => {
    // Whoever moves the slider past the quote wants to hear on.
    if (stopAt !== null && audio.currentTime > stopAt + 1) stopAt = null;
  });

  const copy = async (button) => {
    const text = button.dataset.copy;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = document.createElement("textarea"); // no clipboard without https
      area.value = text;
      document.body.appendChild(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    const before = button.textContent;
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = before), 1500);
  };

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const play = target?.closest(".vb-play");
    if (play) {
      if (play === playing && !audio.paused) audio.pause();
      else begin(play);
      return;
    }
    const button = target?.closest(".vb-copy");
    if (button) copy(button);
    if (target?.closest(".vb-player-close")) {
      audio.pause();
      bar.hidden = true;
      document.body.classList.remove("vb-playing");
    }
  });

  // A screen reader hears that an answer has come.
  const live = document.createElement("div");
  live.className = "vb-live";
  live.setAttribute("role", "status");
  document.body.appendChild(live);
  new MutationObserver(() => {
    const said = document.querySelector(".vb-count, .vb-abstain h2")?.textContent ?? "";
    if (said !== live.textContent) live.textContent = said;
  }).observe(document.body, { childList: true, subtree: true });

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, button, a, summary, audio, [contenteditable]");
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/") {
      document.querySelector("#question textarea, #question input")?.focus();
      event.preventDefault();
    } else if (event.key === " " && !bar.hidden) {
      audio.paused ? audio.play() : audio.pause();
      event.preventDefault();
    }
  });
})();
