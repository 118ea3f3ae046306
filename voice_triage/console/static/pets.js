// Which pets a call is about, in what order, and what they are called.

import { quote, say, words } from "./words.js";

/** Fields of the caller and not of a pet; they are shown on the card in front. */
export const CALLER_FIELDS = new Set(words.caller_fields);

/** The pets, {pet, evidence, died, front}, the sick one first; one if nothing else was told. */
export const petsInOrder = (call) => call?.card?.pets ?? [{ pet: 0, evidence: "", died: false, front: true }];

export const frontPet = (call) => petsInOrder(call)[0].pet;

/** What a pet is called on the page where there are several: its name, else its kind and the words that told it. */
export function petName(call, pet) {
  const told = petsInOrder(call).find((one) => one.pet === pet);
  const plain = (name) => call.card.fields.find((each) => each.field === name && each.pet === pet)?.plain;
  const named = plain("pet_name");
  const spoken = named || !told?.evidence ? null : quote(told.evidence);
  return [named ?? say(words.pet_number, { n: pet + 1 }), plain("species"), spoken].filter(Boolean).join(", ");
}

/** The id of a field's place on the page: of the first pet the field alone, of the caller that on the card in front. */
export function cardId(pet, field) {
  const of = CALLER_FIELDS.has(field) ? 0 : pet;
  return of ? `${of}-${field}` : field;
}
