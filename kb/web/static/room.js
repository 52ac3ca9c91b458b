// The visible area for reading: between the tools over the transcript and the player.
import { reader } from "./timed.js";

export const room = () => {
  const tools = reader.querySelector(".vb-tools");
  const stays = getComputedStyle(tools).position === "sticky";
  const top = (stays ? tools.offsetHeight : 0) + 8;
  const bottom = innerHeight - (document.getElementById("vb-player")?.offsetHeight ?? 0) - 8;
  return { top, bottom, height: bottom - top };
};
// Scrolls as little as needed to show all of a box, or its beginning if it is higher than the area.
export const reveal = (box) => {
  const { top, bottom, height } = room();
  let by = 0;
  if (box.top < top || box.height > height) by = box.top - top;
  else if (box.bottom > bottom) by = box.bottom - bottom;
  if (by) scrollBy({ top: by, behavior: "instant" });
};
