// The clinic's profile and the fixed lines in force (/api/clinic): whom to send to, what to say, what to ask. Fetched
// anew with every call, so that an edit of either takes effect with the next one.

import { fieldOf } from "./card.js";
import { say, words } from "./words.js";

let profile = null;
let fetchedFor; // id of the call, null before the first, undefined before anything was fetched
let asked = 0;
let answered = 0; // number of the newest request that was answered

/** Fetch them if the call on the page is another one; `then` when they have come. Without them cards go without. */
export async function refreshClinic(call, then) {
  const now = call?.id ?? null;
  if (now === fetchedFor) return;
  fetchedFor = now;
  const request = ++asked;
  const answer = await fetch("/api/clinic").catch(() => null);
  if (answer?.status !== 200) return;
  const fetched = await answer.json().catch(() => null);
  if (!fetched || request < answered) return; // calls in quick succession: an older answer may come later
  answered = request;
  profile = fetched;
  then();
}

/** What to call a pet in a sentence to the client: its name once that is sure, else "your dog". */
export function petCalled(call, pet) {
  const name = fieldOf(call, pet, "pet_name");
  const sure = name && (name.state === "confirmed" || name.state === "edited" || (name.state === "suggested" && name.suggestion.confidence >= words.low_confidence));
  if (sure && name.plain) return name.plain;
  const species = fieldOf(call, pet, "species");
  const known = species && species.state !== "rejected" && !words.guidance.no_species.includes(species.value) && species.plain;
  return say(words.guidance.your_pet, { species: known || words.guidance.pet });
}

/** A line with the pet in its place, its first letter as a sentence begins. */
export function spokenLine(line, pet) {
  const text = line.replaceAll("{pet}", pet);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A line of no category: opening, red, orange or closing; empty while none is there. */
export const generalLine = (name, pet) => spokenLine(profile?.lines.general[name] ?? "", pet);

/** What a lane says, {label, do, say}, or null. */
export const laneLine = (lane) => profile?.lines.lanes[lane] ?? null;

/** What a flag's card shows: {line: {id, text}, ask: [], phones: [], rooms: [], unsigned, problem}, or null. */
export function clinicFor(call, flag) {
  const category = profile?.lines.categories[flag.category];
  if (!category) return null;
  const pet = petCalled(call, flag.pet ?? 0);
  const red = flag.urgency === "red";
  const parts = red ? [profile.lines.general.red, category.say] : [profile.lines.general.orange];
  return {
    line: { id: red ? flag.category : flag.urgency, text: parts.map((part) => spokenLine(part, pet)).join(" ") },
    ask: category.ask.map((each) => spokenLine(each, pet)),
    phones: category.poison_lines ? profile.poison_lines : [],
    rooms: red ? profile.emergency_rooms : [],
    missingRooms: red && !profile.emergency_rooms.length,
    unsigned: profile.signed.state !== "signed",
    problem: profile.problem,
  };
}
