// What is heard goes on when one moves to another page: this tab keeps the file, the place, the speed and whether it plays.
import { inTab } from "./storage.js";

const KEY = "verbatim-player";
const MOST = 50; // recordings whose places are kept

const read = () => {
  try {
    return JSON.parse(inTab.get(KEY) || "{}");
  } catch {
    return {};
  }
};
const write = (state) => inTab.set(KEY, JSON.stringify(state));

// What stood in the player: { address, title, note, at, end, speed, volume, plays }, or null.
export const heard = () => read().heard ?? null;

// Keeps it, and its place for whoever comes back to this recording.
export const keep = (state) => {
  const places = Object.entries(read().places ?? {}).filter(([address]) => address !== state.address);
  write({ heard: state, places: Object.fromEntries([...places, [state.address, state.at]].slice(-MOST)) });
};
export const placeIn = (address) => Number(read().places?.[address]) || 0;

// Nothing goes on after the player was closed; the places stay.
export const close = () => write({ places: read().places });
export const forget = () => write({});
