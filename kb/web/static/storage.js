// Values stored in the browser. If storage is forbidden, nothing is stored and nothing fails.
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
      // not stored
    }
  },
});

export const inBrowser = kept("localStorage");
export const inTab = kept("sessionStorage");
