// The player bar, which every page shares: plays a quote to its end, or an episode from any moment.
// Works by delegation, so cards may come and go; needs no server round trip.
(() => {
  if (window.verbatim) return; // the page may run this twice
  const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3];

  const bar = document.createElement("section");
  bar.className = "vb-player";
  bar.hidden = true;
  bar.setAttribute("aria-label", "Audio player");
  bar.innerHTML =
    '<div class="vb-player-text"><strong class="vb-player-title"></strong><span class="vb-player-note"></span></div>' +
    '<button type="button" class="vb-tiny" data-skip="-10" aria-label="Back 10 seconds">−10 s</button>' +
    '<audio controls preload="metadata"></audio>' +
    '<button type="button" class="vb-tiny" data-skip="10" aria-label="Forward 10 seconds">+10 s</button>' +
    `<select class="vb-speed" aria-label="Speed">${SPEEDS.map(
      (speed) => `<option value="${speed}"${speed === 1 ? " selected" : ""}>${speed} ×</option>`,
    ).join("")}</select>` +
    '<button type="button" class="vb-tiny vb-player-close" aria-label="Close the player">Close</button>';
  document.body.appendChild(bar);
  // What stands at the foot of a page stands above the player.
  new ResizeObserver(() =>
    document.documentElement.style.setProperty("--vb-player-height", `${bar.offsetHeight}px`),
  ).observe(bar);
  const audio = bar.querySelector("audio");
  const note = bar.querySelector(".vb-player-note");
  const speed = bar.querySelector(".vb-speed");
  let playing = null; // the button whose quote is heard
  let stopAt = null; // where that quote ends, until the listener takes over
  let pending = null; // a start still waiting for the audio's length

  const label = (button, on) => {
    if (!button) return;
    button.setAttribute("aria-pressed", on ? "true" : "false");
    button.classList.toggle("vb-on", on);
  };

  const load = (address, title, told) => {
    const source = new URL(address, location.origin).href;
    bar.querySelector(".vb-player-title").textContent = title;
    note.textContent = told;
    bar.hidden = false;
    document.body.classList.add("vb-playing");
    if (audio.src !== source) {
      audio.src = source;
      audio.playbackRate = Number(speed.value);
    }
  };
  const seek = (seconds) => {
    if (audio.readyState) audio.currentTime = Math.max(0, seconds);
    else pending = Math.max(0, seconds);
  };
  const play = () =>
    audio.play().catch((error) => {
      if (error.name === "NotSupportedError") note.textContent = "This audio cannot be played in this browser.";
    });
  const playFrom = (seconds, end = null) => {
    label(playing, false);
    playing = null;
    stopAt = end;
    seek(seconds);
    play();
  };
  window.verbatim = { audio, load, seek, playFrom };

  const begin = (button) => {
    load(button.dataset.audio, button.dataset.title, button.dataset.note);
    playFrom(Number(button.dataset.start), button.dataset.end ? Number(button.dataset.end) : null);
    playing = button;
  };

  audio.addEventListener("loadedmetadata", () => {
    if (pending !== null) audio.currentTime = pending;
    pending = null;
    audio.playbackRate = Number(speed.value); // which a new source resets
  });
  audio.addEventListener("play", () => label(playing, true));
  audio.addEventListener("pause", () => label(playing, false));
  audio.addEventListener("error", () => {
    note.textContent = "The audio file cannot be read. Is it still where it was?";
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
  speed.addEventListener("change", () => (audio.playbackRate = Number(speed.value)));

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
  window.verbatim.copy = copy;

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const chosen = target?.closest(".vb-play");
    if (chosen) {
      if (chosen === playing && !audio.paused) audio.pause();
      else begin(chosen);
      return;
    }
    const button = target?.closest(".vb-copy");
    if (button) copy(button);
    const skip = target?.closest("[data-skip]");
    if (skip) seek(audio.currentTime + Number(skip.dataset.skip));
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

  const toggle = () => (audio.paused ? play() : audio.pause());
  const KEYS = {
    " ": toggle,
    k: toggle,
    j: () => seek(audio.currentTime - 10),
    l: () => seek(audio.currentTime + 10),
    ArrowLeft: () => seek(audio.currentTime - 5),
    ArrowRight: () => seek(audio.currentTime + 5),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target.closest?.("input, textarea, select, audio, [contenteditable]")) return;
    if (event.key === "/") {
      document.querySelector("[data-slash], #question textarea, #question input")?.focus();
      event.preventDefault();
    } else if (KEYS[event.key] && !bar.hidden) {
      // The space bar presses what has the focus.
      if (event.key === " " && event.target.closest?.("button, a, summary")) return;
      stopAt = event.key === " " || event.key === "k" ? stopAt : null;
      KEYS[event.key]();
      event.preventDefault();
    }
  });
})();
