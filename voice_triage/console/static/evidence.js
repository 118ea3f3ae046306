// The client's words where something rests on them: activated, they are heard again and shown in the transcript.

import { byId, find, linkTo, show } from "./dom.js";
import { play } from "./sound.js";
import { say, words } from "./words.js";

/** A link in a card: plays the words and lights them up. `what`: {kind, id, evidence, utterance, start_s, end_s}. */
export function hearAndShow(call, what, ...spoken) {
  const run = () => {
    show(wordsOf(what));
    hear(call, what);
  };
  return linkTo(`utterance-${what.utterance}`, run, { class: "said", title: say(words.sound.play, { name: what.evidence }), "data-part": "said" }, ...spoken);
}

/** The marked words in the transcript if they are marked, else the utterance, else what is still being heard. */
const wordsOf = ({ kind, id, utterance }) =>
  find(`#transcript .mark[data-kind="${CSS.escape(kind)}"][data-id="${CSS.escape(id)}"]`) ?? byId(`utterance-${utterance}`) ?? byId("partial");

/** Play what a flag or field rests on. */
export const hear = (call, { start_s: startS, end_s: endS, side = "client" }) => play(call, side, startS, endS);
