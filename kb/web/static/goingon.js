// Playback continues on the next page: this tab stores the file, the position, the speed and whether it plays.
import { inTab } from "./storage.js";

const KEY = "verbatim-player";
const MOST = 50; // most recordings with stored positions

const read = () => {
  try {
    return JSON.parse(inTab.get(KEY) || "{}");
  } catch {
    return {};
  }
};
const write = (state) => inTab.set(KEY, JSON.stringify(state));

// The stored state of the player: { address, title, note, at, end, quoted, speed, volume, plays }, or null.
export const heard = () => read().heard ?? null;

// Stores it, and the position for the next visit to this recording.
export const keep = (state) => {
  const places = Object.entries(read().places ?? {}).filter(([address]) => address !== state.address);
  write({ heard: state, places: Object.fromEntries([...places, [state.address, state.at]].slice(-MOST)) });
};
export const placeIn = (address) => Number(read().places?.[address]) || 0;

// After the player is closed, nothing continues; the positions stay.
export const close = () => write({ places: read().places });
export const forget = () => write({});
