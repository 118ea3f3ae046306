// The list of flags: one card per category and call, updated in place.

import { flagsInOrder, petName } from "./call.js";
import { arrange, byId, el, icon, linkTo, setAttributes } from "./dom.js";
import { callTime, quote, timeOfDay, word, words } from "./words.js";

const cards = new Map(); // category -> {node, shown}

export function renderFlags({ call }) {
  const flags = call ? flagsInOrder(call) : [];
  for (const category of [...cards.keys()]) if (!call?.flags.has(category)) cards.delete(category);
  arrange(byId("flags"), flags.map((flag) => card(call, flag)));
  const standing = flags.filter((flag) => flag.state !== "withdrawn").length;
  byId("flags-count").textContent = standing ? String(standing) : "";
  byId("no-flags").textContent = words.no_flags;
  byId("no-flags").hidden = standing > 0;
}

function card(call, flag) {
  const known = cards.get(flag.category) ?? { node: el("li", { class: "flag", id: `flag-${flag.category}`, tabindex: "-1" }), shown: "" };
  cards.set(flag.category, known);
  const pet = call.pets?.pets.length > 1 ? petName(call, flag.pet ?? 0) : null;
  const shown = JSON.stringify([call.id, flag, pet]);
  if (known.shown === shown) return known.node;
  known.shown = shown;
  const hadFocus = known.node.contains(document.activeElement) && document.activeElement !== known.node;
  setAttributes(known.node, { "data-urgency": flag.urgency, "data-state": flag.state });
  known.node.replaceChildren(...content(call, flag, pet).filter(Boolean));
  if (hadFocus) known.node.querySelector("a")?.focus({ preventScroll: true });
  return known.node;
}

function content(call, flag, pet) {
  const withdrawn = flag.state === "withdrawn";
  const name = word(words.categories, flag.category);
  const urgency = word(words.urgencies, flag.urgency);
  const state = words.flag_states[flag.state];
  const spoken = quote(flag.evidence);
  return [
    el(
      "p",
      { class: "flag-head" },
      icon(withdrawn ? "withdrawn" : flag.state === "provisional" ? "provisional" : flag.urgency),
      el("span", { class: "urgency" }, urgency.word),
      " ",
      state ? el("span", { class: "flag-state" }, state) : el("span", { class: "flag-action" }, urgency.action),
      " ",
      el("time", { class: "at", title: timeOfDay(call.startedAt + flag.firstAtS * 1000) }, callTime(flag.firstAtS)),
    ),
    el("h3", {}, withdrawn ? el("s", {}, name) : name),
    pet ? el("p", { class: "flag-pet" }, pet) : null,
    el("p", { class: "evidence" }, linkToWords("flag", flag.category, flag.utterance, withdrawn ? el("s", {}, spoken) : spoken)),
    flag.state === "raised" && flag.possible ? el("p", { class: "unclear" }, words.unclear_words) : null,
    el("p", { class: "reason" }, withdrawn ? flag.withdrawn.reason : flag.reason),
  ];
}

/** The client's words as a link to where they were said: the marked words if they are marked, else the utterance. */
export function linkToWords(kind, id, utterance, spoken) {
  const marked = `#transcript .mark[data-kind="${CSS.escape(kind)}"][data-id="${CSS.escape(id)}"]`;
  const find = () => document.querySelector(marked) ?? byId(`utterance-${utterance}`) ?? byId("partial");
  return linkTo(`utterance-${utterance}`, find, { class: "said", title: words.to_words }, spoken);
}
