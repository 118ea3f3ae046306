// The patient cards: one for each pet, the sick one in front with every field in its fixed place, so that the eye finds
// it and sees what was not asked; the others below with what was said of them.

import { CALLER_FIELDS, cardId, petName, petsInOrder } from "./call.js";
import { arrange, byId, el, setAttributes, setText } from "./dom.js";
import { linkToWords } from "./flags_view.js";
import { quote, say, words } from "./words.js";

const cards = new Map(); // pet -> {node, heading, note, rows: field -> {node, value, shown}}

export function renderPatient({ call }) {
  const pets = petsInOrder(call);
  for (const pet of [...cards.keys()]) if (!pets.some((told) => told.pet === pet)) cards.delete(pet);
  arrange(byId("fields"), pets.map((told, place) => renderCard(call, told, place === 0, pets.length > 1)));
}

function renderCard(call, told, front, several) {
  const card = cards.get(told.pet) ?? newCard(told.pet);
  const name = several ? petName(call, told.pet) : "";
  setText(card.heading, name);
  card.heading.hidden = !several;
  setText(card.note, told.died ? words.pet_died : !several ? "" : front ? words.pet_in_front : words.pet_behind);
  card.note.hidden = !card.note.textContent;
  setAttributes(card.node, {
    "data-front": front,
    "data-died": told.died,
    role: several ? "group" : null,
    "aria-labelledby": several ? card.heading.id : null,
  });
  for (const [field, row] of card.rows) {
    const caller = CALLER_FIELDS.has(field);
    const suggestion = (caller && !front ? null : call?.cards.get(caller ? 0 : told.pet)?.get(field)) ?? null;
    row.node.hidden = !front && !suggestion;
    renderField(row, cardId(call, told.pet, field), suggestion, Boolean(call?.ended));
  }
  return card.node;
}

function newCard(pet) {
  const heading = el("h3", { id: `pet-${pet}`, hidden: true });
  const note = el("p", { class: "pet-note", hidden: true });
  const list = el("dl", {});
  const rows = new Map();
  for (const [field, label] of words.fields) {
    const value = el("dd", {});
    const node = el("div", { class: "field", tabindex: "-1" }, el("dt", {}, label), value);
    rows.set(field, { node, value, shown: null });
    list.append(node);
  }
  const card = { node: el("div", { class: "pet" }, heading, note, list), heading, note, rows };
  cards.set(pet, card);
  return card;
}

function renderField(row, id, suggestion, ended) {
  setAttributes(row.node, { id: row.node.hidden ? null : `field-${id}` });
  const shown = JSON.stringify([id, suggestion, ended]);
  if (row.shown === shown) return;
  row.shown = shown;
  const hadFocus = row.value.contains(document.activeElement);
  setAttributes(row.node, { "data-state": !suggestion ? "not-asked" : suggestion.provisional ? "provisional" : "suggested" });
  if (!suggestion) {
    row.value.replaceChildren(el("span", { class: "value" }, words.not_asked));
    return;
  }
  const unsure = suggestion.confidence < words.low_confidence;
  const tag = suggestion.provisional ? words.hearing : unsure ? words.unsure : null;
  const said = linkToWords("field", id, suggestion.utterance, quote(suggestion.evidence));
  row.value.replaceChildren(
    el("span", { class: "value" }, suggestion.plain),
    ...(tag ? [" ", el("span", { class: "tag" }, tag)] : []),
    said,
    ...(suggestion.plain_contradicts
      ? [el("p", { class: "contradiction" }, say(words.contradiction, { value: suggestion.plain_contradicts }))]
      : []),
  );
  if (hadFocus) said.focus({ preventScroll: true });
}
