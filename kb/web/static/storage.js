// What a browser keeps for one person. It may forbid it, and then nothing is kept and nothing breaks.
const kept = (store) => ({
  get(key) {
    try {
      return globalThis[store].getItem(key) ?? "";
    } catch {
      return "";
    }
  },
  set(key, value) {
    try {
      globalThis[store].setItem(key, value);
    } catch {
      // it is asked for again next time
    }
  },
});

export const inBrowser = kept("localStorage");
export const inTab = kept("sessionStorage");
