// The card as it stands: what was understood, and what the CSR made of it. The server folds it from the log (the message
// "card"), so that windows, replay and hand-off cannot differ; this only finds things on it.

import { CALLER_FIELDS, petsInOrder } from "./pets.js";
import { words } from "./words.js";

/** Flags in the card's order, open ones first, each with the `key` of its place on the page. */
export const flagsInOrder = (call) => (call?.card?.flags ?? []).map((flag) => ({ ...flag, key: keyOf(flag) }));

export const keyOf = ({ category, pet }) => (pet ? `${category}-${pet}` : category);

/** The one flag of the banner: raised and not seen yet, else one that may stand, else one that has no end yet. */
export function bannerFlag(flags) {
  const open = flags.filter((flag) => flag.open);
  return (
    open.find((flag) => flag.state === "raised" && flag.acknowledged_at_s === null) ??
    open.find((flag) => flag.state === "provisional") ??
    open[0] ??
    null
  );
}

/** What the card says of a field, or null: it was not asked. */
export function fieldOf(call, pet, field) {
  const of = CALLER_FIELDS.has(field) ? 0 : pet;
  return call?.card?.fields.find((each) => each.field === field && each.pet === of) ?? null;
}

/** Whether a field waits for the CSR: suggested for good, or something else was said since it was settled. */
const isWaiting = (told) => told && (told.state === "suggested" ? !told.suggestion.provisional : told.also_said !== null);

/** Places of the fields that still need the CSR, as {pet, field}: values to be confirmed, then those not asked. */
export function openFields(call) {
  const [front, ...others] = petsInOrder(call);
  const places = [front, ...others].flatMap(({ pet }) =>
    words.fields.filter(([field]) => pet === front.pet || !CALLER_FIELDS.has(field)).map(([field]) => ({ pet, field })),
  );
  const waiting = places.filter(({ pet, field }) => isWaiting(fieldOf(call, pet, field)));
  const missing = places.filter(({ pet, field }) => pet === front.pet && !fieldOf(call, pet, field));
  return [...waiting, ...missing];
}

/** What can be undone, {sequence, action}, or null. */
export const lastAction = (call) => call?.card?.undo ?? null;

/** The utterances whose words the card rests on, each with what it says of them: what differs has to be drawn anew. */
export function evidenceOf(card) {
  const rests = new Map();
  const add = (utterance, what) => rests.set(utterance, [...(rests.get(utterance) ?? []), what]);
  for (const flag of card?.flags ?? []) {
    add(flag.utterance, [flag.category, flag.pet, flag.state, flag.urgency, flag.evidence].join());
  }
  for (const { suggestion } of card?.fields ?? []) {
    if (suggestion) add(suggestion.utterance, [suggestion.field, suggestion.pet, suggestion.evidence].join());
  }
  return rests;
}
