// The clinic's profile and its fixed lines: closest emergency rooms, what to say, what to ask. From /api/clinic.

let profile = null;

/** Fetch them once; `then` when they are there. Without them the cards go without. */
export async function loadClinic(then) {
  const answer = await fetch("/api/clinic").catch(() => null);
  profile = answer?.ok ? await answer.json().catch(() => null) : null;
  if (profile) then();
}

/** What a card of that category shows: {line: {id, text} or null, ask, phones, rooms}, or null. */
export const clinicFor = (category) => profile?.cards?.[category] ?? null;
