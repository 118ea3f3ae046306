// Whether the client is understood at all: another language or a bad line yields words, and none of them are sure.

import { say, word, words } from "./words.js";

// Our choice, on the recognizer's own confidence, which is a weak guide: three in four of the newest utterances.
const LOOK_AT = 4;
const AT_LEAST = 3;
const UNSURE = 0.6; // a client's utterance whose words are less sure than this on average
const FEW_WORDS = 3; // shorter ones ("yes", "uh huh") say nothing about it

/** What to do about it, or null while enough is understood. */
export function notUnderstood(call) {
  const newest = [...call.utterances.values()]
    .filter(({ final }) => final?.side === "client" && final.words.length >= FEW_WORDS)
    .slice(-LOOK_AT);
  if (newest.filter(isUnsure).length < AT_LEAST) return null;
  const bad = call.line && call.line.state !== "good";
  return bad ? say(words.not_understood.line, { state: word(words.line_states, call.line.state) }) : words.not_understood.language;
}

function isUnsure({ final, again }) {
  if (again?.outcome === "doubted") return true;
  const sum = final.words.reduce((total, { confidence }) => total + confidence, 0);
  return sum / final.words.length < UNSURE;
}
