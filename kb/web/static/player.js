// The player of every page: plays a quote to its end, or an episode from any moment, and continues on the next page.
// Uses event delegation, so cards may come and go; needs no server round trip.
import { copy } from "./copying.js";
import { close, forget, heard, keep, placeIn } from "./goingon.js";
import "./keys.js";
import { phrase } from "./phrases.js";
import { audio, bar, complain, goOn, note, render, show, slider, speed, title, toggle, volume } from "./playerbar.js";

let playing = null; // the button of the quote that plays
let quoted = null; // which quote that is, as its button says: { start, end }
let stopAt = null; // where that quote ends, until the listener takes over
let pending = null; // a start that waits for the audio's length
let waits = false; // whether it continues from the page before at the next key or click
let refused = false; // whether the browser requires a user action first
let told = null; // what the bar shows: { address, title, note }
let used = false; // whether somebody heard it or moved in it; a transcript that is only read brings no player along
let leaving = false;

const at = () => pending ?? audio.currentTime;
const shown = () => render(at(), waits && audio.paused);
const label = (button, on) => {
  if (!button) return;
  button.setAttribute("aria-pressed", on ? "true" : "false");
  button.classList.toggle("vb-on", on);
};
// Finds the button again on another page, or after its card was replaced.
const isQuoted = ({ dataset }) =>
  dataset.audio === told?.address && dataset.start === quoted.start && dataset.end === quoted.end;
const findPlaying = () => {
  if (!quoted || playing?.isConnected) return;
  playing = [...document.querySelectorAll(".vb-play")].find(isQuoted) ?? null;
  label(playing, !audio.paused);
};
// Only a page that is left stores that it plays, so that a duplicated tab does not play too.
const remember = (plays = false) => {
  if (!told || !used || leaving) return;
  keep({ ...told, at: at(), end: stopAt, quoted, speed: speed.value, volume: volume.value, plays });
};

const load = (address, name, remark) => {
  if (told && told.address !== address) remember();
  const isNew = told?.address !== address;
  told = { address, title: name, note: remark };
  const transcript = address.replace(/^\/audio\//, "/episode/");
  title.textContent = name;
  title.href = transcript === location.pathname ? "#now" : transcript;
  if (!isNew && !bar.hidden) return;
  complain("");
  note.textContent = remark;
  show(true);
  if (isNew) {
    audio.src = new URL(address, location.origin).href;
    pending = placeIn(address) || null;
    refused = used = false;
    waits = Boolean(pending);
  }
  shown();
};
const seek = (seconds) => {
  used = true;
  waits = refused;
  if (audio.readyState) audio.currentTime = Math.max(0, seconds);
  else pending = Math.max(0, seconds);
  shown();
};
const play = () =>
  audio.play().catch((error) => {
    if (error.name === "NotSupportedError") complain(phrase("This audio cannot be played in this browser."));
    if (error.name === "NotAllowedError") waits = refused = true;
    shown();
  });
const playFrom = (seconds, end = null) => {
  label(playing, false);
  playing = quoted = null;
  stopAt = end;
  seek(seconds);
  play();
};
const pressed = () => (audio.paused ? play() : audio.pause());
const isHeard = (address) => told?.address === address;
// After a use of the player's keys or buttons, play on beyond the quote.
const listenOn = () => (stopAt = null);
// Whether something plays, or would if the browser allowed it.
const goesOn = () => Boolean(told) && (!audio.paused || refused);
window.verbatim = { at, audio, copy, goesOn, isHeard, listenOn, load, playFrom, seek, toggle: pressed };

const stop = () => {
  audio.pause();
  told = playing = quoted = null;
  show(false);
  audio.removeAttribute("src");
  audio.load();
};
const begin = (button) => {
  load(button.dataset.audio, button.dataset.title, button.dataset.note);
  playFrom(Number(button.dataset.start), button.dataset.end ? Number(button.dataset.end) : null);
  playing = button;
  quoted = { start: button.dataset.start, end: button.dataset.end };
};

audio.addEventListener("loadedmetadata", () => {
  if (pending !== null) audio.currentTime = pending;
  pending = null;
  audio.playbackRate = Number(speed.value); // which a new source resets
  shown();
});
audio.addEventListener("play", () => {
  used = true;
  waits = refused = false;
  label(playing, true);
  shown();
});
audio.addEventListener("pause", () => {
  label(playing, false);
  shown();
  remember();
});
audio.addEventListener("error", () => {
  const isHere = audio.error?.code === MediaError.MEDIA_ERR_DECODE; // it was read: the browser or its sound device fails
  complain(
    isHere
      ? phrase("This audio cannot be played in this browser.")
      : phrase("The audio file cannot be read. Is it still where it was?"),
  );
});
audio.addEventListener("timeupdate", () => {
  shown();
  if (stopAt !== null && pending === null && audio.currentTime >= stopAt + 0.15) {
    audio.pause(); // the quote has been heard; play again to listen on
    stopAt = null;
  }
});
audio.addEventListener("seeking", () => {
  // After the slider is moved past the quote, play on.
  if (stopAt !== null && audio.currentTime > stopAt + 1) stopAt = null;
});
speed.addEventListener("change", () => {
  audio.playbackRate = Number(speed.value);
  remember();
});
volume.addEventListener("input", () => (audio.volume = Number(volume.value)));
slider.addEventListener("input", () => seek(Number(slider.value)));
toggle.addEventListener("click", pressed);
goOn.addEventListener("click", () => {
  play();
  toggle.focus(); // the button disappears
});

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const chosen = target?.closest(".vb-play");
  if (chosen) {
    if (chosen === playing && !audio.paused) audio.pause();
    else begin(chosen);
    return;
  }
  const skip = target?.closest("[data-skip]");
  if (skip) seek(at() + Number(skip.dataset.skip));
  if (target?.closest(".vb-player-close")) {
    remember();
    close();
    stop();
  }
});

// -- from page to page

const resume = () => {
  leaving = false;
  const before = heard();
  if (!before) return used && stop();
  speed.value = before.speed;
  volume.value = before.volume;
  audio.volume = Number(volume.value);
  load(before.address, before.title, before.note);
  stopAt = before.end;
  label(playing, false);
  playing = null;
  quoted = before.quoted ?? null;
  findPlaying();
  audio.playbackRate = Number(speed.value);
  seek(before.at);
  waits = before.at > 0;
  if (before.plays) play();
  shown();
};
addEventListener("pagehide", () => {
  remember(goesOn());
  leaving = true;
  audio.pause();
});
// A page restored from the cache: another page may have played on meanwhile.
addEventListener("pageshow", (event) => event.persisted && resume());
document.addEventListener("visibilitychange", () => document.hidden && remember()); // a phone may end the page
if (document.querySelector(".vb-sign-in")) forget();
else resume();

// Cards come and go; and a screen reader is told that an answer has arrived.
const live = document.createElement("div");
live.className = "vb-live";
live.setAttribute("role", "status");
document.body.appendChild(live);
new MutationObserver(() => {
  findPlaying();
  const said = document.querySelector(".vb-count, .vb-abstain h2")?.textContent ?? "";
  if (said !== live.textContent) live.textContent = said;
}).observe(document.body, { childList: true, subtree: true });
