// What the CSR does, sent to the call's log. The page changes when the event comes back, so every window agrees.

import { byId, setText } from "./dom.js";
import { keyLabel, keyOf, onKey } from "./keys.js";
import { lastAction } from "./card.js";
import { say, word, words } from "./words.js";

const ANSWER_MS = 8000;

let fading = 0;
let answers = 0; // told so far
let model = null;

export function startActions(callModel) {
  model = callModel;
  onKey("undo", undo);
}

export const currentCall = () => model?.call ?? null;

/** Send one action of a call, the one on the page if not told. `body` holds the event's own keys. Whether it was done. */
export async function act(action, body = {}, id = currentCall()?.id) {
  if (id === undefined) return false;
  return send(`/api/calls/${encodeURIComponent(id)}/actions`, { action, ...body }, words.done[action]);
}

/** POST to the desk; says `done`, unless something newer was said meanwhile, or why not. */
export async function send(address, body, done = "") {
  const before = answers;
  const answer = await fetch(address, {
    method: "POST",
    ...(body ? { headers: { "content-type": "application/json" }, body: JSON.stringify(body) } : {}),
  }).catch(() => null);
  const refusal = answer && !answer.ok ? (await answer.json().catch(() => null))?.detail : null;
  if (!answer?.ok) tellAnswer(typeof refusal === "string" ? refusal : words.command_lost);
  else if (answers === before) tellAnswer(done);
  return Boolean(answer?.ok);
}

/** What became of it, for a moment. */
export function tellAnswer(text) {
  answers += 1;
  setText(byId("command-answer"), text);
  clearTimeout(fading);
  fading = setTimeout(() => setText(byId("command-answer"), ""), ANSWER_MS);
}

function undo() {
  const call = currentCall();
  const last = lastAction(call);
  if (call?.card?.consent_sequence > (last?.sequence ?? 0)) return tellAnswer(say(words.consent.no_undo, { key: keyLabel(keyOf("consent")) }));
  if (last) act("undo", { sequence: last.sequence });
  else tellAnswer(words.nothing_to_undo);
}

/** The last thing done, in words. */
export const lastDone = (call) => {
  const last = lastAction(call);
  return last ? word(words.action_names, last.action) : "";
};
