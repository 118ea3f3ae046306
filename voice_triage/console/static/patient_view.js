// The patient cards: one for each pet, the sick one in front with every field in its fixed place, so that the eye finds
// it and sees what was not asked; the others below with what was said of them. What holds is what the CSR settled.

import { act, currentCall } from "./actions.js";
import { fieldOf, openFields } from "./card.js";
import { arrange, button, byId, el, find, focused, goTo, icon, refill, setAttributes, setText } from "./dom.js";
import { hear, hearAndShow } from "./evidence.js";
import { onKey, showKeys } from "./keys.js";
import { CALLER_FIELDS, cardId, petName, petsInOrder } from "./pets.js";
import { quote, say, words } from "./words.js";

const cards = new Map(); // pet -> {node, heading, note, rows: field -> {node, label, value, shown}}
let editing = null; // id of the field that is being typed

export function startPatient() {
  onKey("patient", () => goToOpen());
  onKey("confirm", () => withField(({ told, pet, field }) => told?.suggestion && settle(pet, field, "confirmed", told.suggestion.value)));
  onKey("reject", () => withField(({ told, pet, field }) => told?.suggestion && settle(pet, field, "rejected", told.suggestion.value)));
  onKey("unknown", () => withField(({ pet, field }) => settle(pet, field, "unknown")));
  onKey("edit", () => withField(({ pet, field }) => edit(pet, field)));
  byId("fields").addEventListener("keydown", moveByArrow);
}

export function renderPatient({ call }) {
  const pets = petsInOrder(call);
  for (const pet of [...cards.keys()]) if (!pets.some((told) => told.pet === pet)) cards.delete(pet);
  arrange(byId("fields"), pets.map((told, place) => renderCard(call, told, place === 0, pets.length > 1)));
}

// --- drawing ---------------------------------------------------------------------------------------------------------

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
    const mine = front || !CALLER_FIELDS.has(field);
    const state = mine ? fieldOf(call, told.pet, field) : null;
    row.node.hidden = !front && !state;
    renderField(row, call, told.pet, field, state);
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
    rows.set(field, { node, label, value, shown: null });
    list.append(node);
  }
  const card = { node: el("div", { class: "pet" }, heading, note, list), heading, note, rows };
  cards.set(pet, card);
  return card;
}

/** One of not-asked, provisional, suggested, confirmed, edited, rejected, unknown. */
const stateOf = (told) => (!told ? "not-asked" : told.state === "suggested" && told.suggestion.provisional ? "provisional" : told.state);

function renderField(row, call, pet, field, told) {
  const id = cardId(pet, field);
  setAttributes(row.node, { id: row.node.hidden ? null : `field-${id}`, "data-pet": pet, "data-field": field });
  const shown = JSON.stringify([id, told, editing === id]);
  if (row.shown === shown) return;
  row.shown = shown;
  setAttributes(row.node, { "data-state": stateOf(told), "data-since": Boolean(told?.also_said) });
  refill(row.value, editing === id ? [input(pet, field, told, row.label), buttonGroup(pet, field, told?.suggestion, row.label)] : content(call, pet, field, id, told, row.label));
  showKeys(row.value);
}

function content(call, pet, field, id, told, label) {
  const state = stateOf(told);
  const suggestion = told?.suggestion ?? null;
  const settled = words.settled[state] ?? null;
  const unsure = state === "suggested" && suggestion.confidence < words.low_confidence;
  const tag = state === "provisional" ? words.hearing : unsure ? words.unsure : null;
  const valid = !["not-asked", "rejected", "unknown"].includes(state);
  const value = valid ? told.plain : settled ?? words.not_asked;
  return [
    button(value, () => edit(pet, field), { class: "value", "data-part": "value", "aria-label": [label, value, words.settled_aside[state], words.to_edit].filter(Boolean).join(", ") }),
    state === "rejected" && told.plain && el("s", { class: "rejected-value" }, told.plain),
    settled && icon(valid ? "done" : "withdrawn"),
    settled && valid && el("span", { class: "settled" }, settled),
    tag && el("span", { class: "tag" }, tag),
    suggestion && hearAndShow(call, { kind: "field", id, ...suggestion }, quote(suggestion.evidence)),
    told?.also_said && el("p", { class: "contradiction" }, say(words.contradiction, { value: told.plain_also_said })),
    buttonGroup(pet, field, suggestion, label),
  ];
}

const buttonGroup = (pet, field, suggestion, label) => el("span", { class: "field-buttons" }, ...buttons(pet, field, suggestion, label));

function buttons(pet, field, suggestion, label) {
  const named = (what) => ({ class: "small", "aria-label": `${what}: ${label}`, title: what });
  return [
    suggestion && button(words.do_confirm, () => settle(pet, field, "confirmed", suggestion.value), { key: "confirm", "data-part": "confirm", ...named(words.do_confirm) }),
    suggestion && button(words.do_reject, () => settle(pet, field, "rejected", suggestion.value), { key: "reject", "data-part": "reject", ...named(words.do_reject) }),
    button(words.do_edit, () => edit(pet, field), { key: "edit", "data-part": "edit", ...named(words.do_edit) }),
    button(words.do_unknown, () => settle(pet, field, "unknown"), { key: "unknown", "data-part": "unknown", ...named(words.do_unknown) }),
  ];
}

// --- typing ----------------------------------------------------------------------------------------------------------

function edit(pet, field) {
  const call = currentCall();
  if (!call) return;
  editing = cardId(pet, field);
  renderPatient({ call });
  const box = cards.get(pet)?.rows.get(field)?.value.querySelector("input");
  box?.focus({ preventScroll: true });
  box?.select();
}

function input(pet, field, told, label) {
  const before = told?.plain ?? "";
  const box = el("input", { type: "text", value: before, "aria-label": say(words.type_value, { name: label }), autocomplete: "off", spellcheck: "false", maxlength: 200 });
  box.addEventListener("keydown", (event) => {
    if (event.isComposing || !["Enter", "Escape"].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    const typed = box.value.trim();
    editing = null;
    renderPatient({ call: currentCall() });
    goTo(rowNode(pet, field));
    if (event.key === "Escape" || !typed || typed === before) return;
    act("settle_field", { field, pet: petOf(pet, field), state: "edited", value: typed });
  });
  return el("span", { class: "typing" }, box, el("span", { class: "hint" }, words.type_hint));
}

// --- by key ----------------------------------------------------------------------------------------------------------

const petOf = (pet, field) => (CALLER_FIELDS.has(field) ? 0 : pet);
const rowNode = (pet, field) => cards.get(pet)?.rows.get(field)?.node;

/** The field with the focus, or null. */
export function currentField() {
  const node = focused()?.closest?.(".field");
  if (!node?.dataset.field) return null;
  const [pet, field] = [Number(node.dataset.pet), node.dataset.field];
  return { pet, field, told: fieldOf(currentCall(), pet, field) };
}

/** Do it to the field with the focus; without one go to the next that is open, so that nothing unseen is settled. */
function withField(run) {
  const here = currentField();
  if (here) run(here);
  else goToOpen();
}

/** Settle it and, if the focus is in it, go on to the next that is open. */
async function settle(pet, field, state, value = "") {
  editing = null;
  const inside = rowNode(pet, field)?.contains(focused());
  const after = inside ? nextOpen(pet, field) : null;
  const done = await act("settle_field", { field, pet: petOf(pet, field), state, value });
  if (done && after && rowNode(pet, field)?.contains(focused())) goTo(rowNode(after.pet, after.field));
}

function nextOpen(pet, field) {
  const open = openFields(currentCall());
  const here = open.findIndex((each) => each.pet === pet && each.field === field);
  return open[(here + 1) % (open.length || 1)] ?? null;
}

function goToOpen() {
  const call = currentCall();
  if (!call) return;
  const here = currentField();
  const next = here ? nextOpen(here.pet, here.field) : openFields(call)[0];
  goTo(next ? rowNode(next.pet, next.field) : find(".field:not([hidden])"));
}

/** Arrows go from field to field. */
function moveByArrow(event) {
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  if (!step || event.target.matches("input") || event.ctrlKey || event.altKey || event.metaKey) return;
  const all = [...byId("fields").querySelectorAll(".field:not([hidden])")];
  const here = all.indexOf(event.target.closest(".field"));
  if (here < 0) return;
  event.preventDefault();
  goTo(all[(here + step + all.length) % all.length]);
}

/** Play what the field with the focus rests on; false if there is none. */
export function hearField() {
  const suggestion = currentField()?.told?.suggestion;
  if (suggestion) hear(currentCall(), suggestion);
  return Boolean(suggestion);
}
