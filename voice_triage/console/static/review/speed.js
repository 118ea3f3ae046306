// How fast it is played: the list beside the sound, and the two keys that step through it.

import { byId, el } from "../dom.js";
import { onKey } from "../keys.js";
import { tell } from "../sound.js";
import { say, words } from "../words.js";
import { SPEEDS } from "./player.js";

export function startSpeed(player) {
  byId("speed").replaceChildren(...SPEEDS.map((speed) => el("option", { value: speed, selected: speed === 1 }, `${speed}×`)));
  byId("speed").addEventListener("change", () => (player.speed = Number(byId("speed").value)));
  const step = (by) => {
    const place = Math.max(0, Math.min(SPEEDS.length - 1, SPEEDS.indexOf(player.speed) + by));
    player.speed = SPEEDS[place];
    byId("speed").value = String(SPEEDS[place]);
    tell(say(words.review.speed, { n: SPEEDS[place] }));
  };
  onKey("review-slower", () => step(-1));
  onKey("review-faster", () => step(1));
}
