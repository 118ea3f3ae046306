// Earlier calls that still ask for something: flags that nobody has said the end of. They stay until someone does.

import { act } from "./actions.js";
import { arrange, button, byId, el, refill } from "./dom.js";
import { quote, sayCount, timeOfDay, word, words } from "./words.js";

const entries = new Map(); // call -> {node, shown}

export function renderEarlier({ earlier, call }) {
  const others = earlier.filter((card) => card.call !== call?.id);
  byId("earlier-section").hidden = !others.length;
  const ids = new Set(others.map((card) => card.call));
  for (const id of [...entries.keys()]) if (!ids.has(id)) entries.delete(id);
  arrange(byId("earlier"), others.map(entry));
}

function entry(card) {
  const known = entries.get(card.call) ?? { node: el("li", {}), shown: "" };
  entries.set(card.call, known);
  const shown = JSON.stringify(card);
  if (known.shown !== shown) {
    known.shown = shown;
    const open = known.node.querySelector("details")?.open ?? false;
    refill(known.node, [details(card, open)]);
  }
  return known.node;
}

function details(card, open) {
  const flags = card.flags.filter((flag) => flag.open);
  const title = [timeOfDay(Date.parse(card.started_at)), nameOf(card), flags.length ? sayCount(words.earlier_flags, flags.length) : "", card.held && words.consent.earlier].filter(Boolean).join(" · ");
  return el("details", { open }, el("summary", { "data-part": "summary" }, title), card.held && consentRow(card), el("ul", {}, ...flags.map((flag) => row(card, flag))));
}

/** It is still held: keep it, or not. */
function consentRow(card) {
  const choices = Object.entries(words.consent.earlier_do);
  return el("p", { class: "flag-buttons" }, ...choices.map(([consent, text]) => button(text, () => act("consent", { consent }, card.call))));
}

function nameOf(card) {
  const plain = (name) => card.fields.find((field) => field.field === name && field.pet === card.pets[0].pet)?.plain;
  return [plain("pet_name"), plain("species")].filter(Boolean).join(", ");
}

function row(card, flag) {
  const end = (how, reason) => act("end_flag", { category: flag.category, pet: flag.pet, end: how, ...(reason ? { reason } : {}) }, card.call);
  const name = word(words.categories, flag.category);
  return el(
    "li",
    { "data-urgency": flag.urgency },
    el("p", {}, el("strong", {}, `${words.urgencies[flag.urgency].word}: ${name}`), flag.evidence && ` ${quote(flag.evidence)}`),
    el(
      "p",
      { class: "flag-buttons" },
      button(words.flag_ends.sent_to_emergency_room, () => end("sent_to_emergency_room"), { "aria-label": `${words.flag_ends.sent_to_emergency_room}: ${name}` }),
      button(words.do_hand_over, () => end("handed_over"), { "aria-label": `${words.do_hand_over}: ${name}` }),
    ),
    el(
      "details",
      {},
      el("summary", {}, words.do_dismiss),
      el("ul", { class: "choices" }, ...words.dismissal_reasons.map(([reason, text]) => el("li", {}, button(text, () => end("dismissed", reason))))),
    ),
  );
}
