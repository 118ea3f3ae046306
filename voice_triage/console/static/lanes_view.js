// What the call is about beside red flags, and its way through the house: each lane with the words that show it.

import { laneLine, petCalled, spokenLine } from "./clinic.js";
import { arrange, byId, el, linkTo, refill, show } from "./dom.js";
import { petName, petsInOrder } from "./pets.js";
import { quote, say, word, words } from "./words.js";

const shown = new Map(); // key -> {node, drawn}

export function renderLanes({ call }) {
  const lanes = call?.card?.lanes ?? [];
  const keys = new Set(lanes.map(keyOf));
  for (const key of [...shown.keys()]) if (!keys.has(key)) shown.delete(key);
  arrange(byId("lanes"), lanes.map((lane) => laneNode(call, lane)));
  byId("lanes").hidden = !lanes.length;
}

const keyOf = ({ lane, pet }) => (pet ? `${lane}-${pet}` : lane);

function laneNode(call, lane) {
  const known = shown.get(keyOf(lane)) ?? { node: el("li", { class: "lane", id: `lane-${keyOf(lane)}`, "data-lane": lane.lane }), drawn: "" };
  shown.set(keyOf(lane), known);
  const lines = laneLine(lane.lane);
  const pet = petCalled(call, lane.pet);
  const of = petsInOrder(call).length > 1 ? petName(call, lane.pet) : "";
  const drawn = JSON.stringify([call.id, lane, lines, pet, of]);
  if (known.drawn === drawn) return known.node;
  known.drawn = drawn;
  refill(known.node, [
    el(
      "p",
      { class: "lane-head" },
      el("strong", {}, lines?.label ?? word(words.guidance.lanes, lane.lane)),
      of && ` · ${of}`,
      " ",
      lane.evidence && evidence(lane),
    ),
    lines && el("p", { class: "lane-do" }, spokenLine(lines.do, pet)),
    lines && el("p", { class: "lane-say" }, el("strong", {}, words.guidance.say_line), ` ${quote(spokenLine(lines.say, pet))}`),
  ]);
  return known.node;
}

function evidence({ evidence: text, utterance }) {
  if (utterance < 0) return quote(text);
  const run = () => show(byId(`utterance-${utterance}`));
  return linkTo(`utterance-${utterance}`, run, { class: "said", title: say(words.guidance.show_words, { text }), "data-part": "said" }, quote(text));
}
