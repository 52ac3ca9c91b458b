// The player's row of controls, at the foot of every page: its looks, not its behaviour.
import { element } from "./elements.js";
import { number, phrase } from "./phrases.js";

const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3];

export const audio = element("audio");
audio.preload = "metadata";

export const bar = element("section", "vb-player");
bar.id = "vb-player";
bar.hidden = true;
bar.tabIndex = -1;
bar.setAttribute("aria-label", phrase("Audio player"));
bar.innerHTML =
  '<button type="button" class="vb-player-toggle" aria-keyshortcuts="k"><span class="vb-icon" aria-hidden="true"></span></button>' +
  '<button type="button" class="vb-tiny" data-skip="-10" aria-keyshortcuts="j">−10 s</button>' +
  '<button type="button" class="vb-tiny" data-skip="10" aria-keyshortcuts="l">+10 s</button>' +
  '<a class="vb-player-title" dir="auto"></a><span class="vb-player-note" dir="auto"></span>' +
  '<span class="vb-player-clock"></span>' +
  '<span class="vb-player-paused" role="status"><button type="button" class="vb-tiny" hidden></button></span>' +
  '<input type="range" class="vb-player-place" min="0" max="0" step="1" value="0">' +
  '<select class="vb-speed"></select>' +
  '<input type="range" class="vb-player-volume" min="0" max="1" step="0.05" value="1">' +
  '<button type="button" class="vb-tiny vb-player-keys" data-keys aria-keyshortcuts="?">?</button>' +
  '<button type="button" class="vb-tiny vb-player-close">×</button>';
bar.append(audio);
const LABELS = {
  ".vb-player-toggle": phrase("Play"),
  "[data-skip='-10']": phrase("Back 10 seconds"),
  "[data-skip='10']": phrase("Forward 10 seconds"),
  ".vb-player-place": phrase("Place in the recording"),
  ".vb-speed": phrase("Speed"),
  ".vb-player-volume": phrase("Volume"),
  ".vb-player-keys": phrase("Keys"),
  ".vb-player-close": phrase("Close the player"),
};
for (const [part, label] of Object.entries(LABELS)) bar.querySelector(part).setAttribute("aria-label", label);

export const [toggle, title, note, clock, slider, speed, volume] =
  ["toggle", "title", "note", "clock", "place"].map((name) => bar.querySelector(`.vb-player-${name}`))
    .concat(bar.querySelector(".vb-speed"), bar.querySelector(".vb-player-volume"));
export const goOn = bar.querySelector(".vb-player-paused button");
for (const each of SPEEDS) speed.add(new Option(`${number(each)} ×`, each, each === 1, each === 1));

// A skip link to it, for keyboard users, first on the page.
const skip = element("a", "vb-skip", phrase("Skip to the player"));
skip.href = "#vb-player";
skip.hidden = true;
document.body.prepend(skip);
document.body.append(bar);
skip.addEventListener("click", (event) => {
  event.preventDefault(); // the address must not change
  toggle.focus();
});

// Fixed elements at the foot of a page are placed above the player.
const measure = () =>
  document.documentElement.style.setProperty("--vb-player-height", `${bar.offsetHeight}px`);
new ResizeObserver(measure).observe(bar);
export const show = (shown) => {
  bar.hidden = skip.hidden = !shown;
  document.body.classList.toggle("vb-playing", shown);
  measure();
};

export const clockOf = (seconds) => {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
};

// An error message is shown in place of the times.
export const complain = (sentence) => {
  note.textContent = sentence;
  bar.classList.toggle("vb-player-fails", Boolean(sentence));
};
// Shows the position; `waits` means that it plays on after a click.
export const render = (at, waits) => {
  const length = Number.isFinite(audio.duration) ? audio.duration : 0;
  toggle.setAttribute("aria-label", audio.paused ? phrase("Play") : phrase("Pause"));
  toggle.classList.toggle("vb-on", !audio.paused);
  clock.textContent = length ? `${clockOf(at)} / ${clockOf(length)}` : clockOf(at);
  slider.max = Math.max(Math.ceil(length), Math.floor(at));
  slider.value = Math.floor(at);
  const told = length ? phrase("%(at)s of %(all)s", { at: clockOf(at), all: clockOf(length) }) : clockOf(at);
  slider.setAttribute("aria-valuetext", told);
  const offer = waits ? phrase("Paused at %(time)s · continue", { time: clockOf(at) }) : "";
  if (goOn.textContent !== offer) goOn.textContent = offer;
  goOn.hidden = !waits;
  bar.classList.toggle("vb-player-waits", waits);
};
