// Compact (a column beside another program) or full: by the room there is, until the CSR chooses.

import { byId, page, setAttributes } from "./dom.js";
import { keep, kept } from "./kept.js";
import { onKey } from "./keys.js";
import { words } from "./words.js";

const WIDE = "(min-width: 900px)";
let room = null; // the media query of the window the page is in
let chosen = kept("view");

export function startView() {
  onKey("view", () => {
    chosen = current() === "full" ? "compact" : "full";
    keep("view", chosen);
    apply();
  });
  lookAt(window);
  // How much stays in place at the top, for whoever scrolls something into view below it.
  const above = byId("above");
  new ResizeObserver(() => page().style.setProperty("--above", `${above.offsetHeight}px`)).observe(above);
}

/** Go by the room in that window from now on; the one in front begins compact. */
export function lookAt(target) {
  chosen = target === window ? kept("view") : "compact";
  room?.removeEventListener("change", apply);
  room = target.matchMedia(WIDE);
  room.addEventListener("change", apply);
  apply();
}

const current = () => chosen ?? (room.matches ? "full" : "compact");

function apply() {
  setAttributes(page(), { "data-view": current(), "data-wide": room.matches });
  const name = byId("tool-view")?.firstChild;
  if (name) name.textContent = words.tools.view[current()];
}
