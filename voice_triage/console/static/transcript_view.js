// The transcript: what was said for good in the log region; what is still being heard beside it, never read out.

import { arrange, byId, el, focused, linkTo, setAttributes, setText, show } from "./dom.js";
import { marksOf, runsOf } from "./marks.js";
import { play } from "./sound.js";
import { callTime, oneDecimal, say, timeOfDay, word, words } from "./words.js";

const lines = new Map(); // key -> {node, shown, startS}
let shownCall = null; // the call itself: the same id may start over
let following = true; // keep the newest words in view until the reader scrolls away

export function startTranscript() {
  const scroll = byId("scroll");
  scroll.addEventListener("scroll", () => {
    following = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 40;
    byId("to-latest").hidden = following;
  });
  byId("to-latest").addEventListener("click", () => {
    following = true;
    toLatest();
    scroll.focus({ preventScroll: true });
  });
}

/** Draw what has changed: utterances that are new, or whose marks may be; the others stay as they are. */
export function renderTranscript({ call }) {
  if (shownCall !== call) {
    shownCall = call;
    lines.clear();
    following = true;
    for (const index of call?.utterances.keys() ?? []) call.touched.add(index);
  }
  for (const index of call?.touched ?? []) {
    const { final, again, mentions } = call.utterances.get(index) ?? {};
    if (final) renderUtterance(call, final, again, mentions);
    else lines.delete(`utterance-${index}`); // joined to the one before
  }
  call?.touched.clear();
  for (const [i, gap] of (call?.gaps ?? []).entries()) renderGap(`gap-${i}`, gap);
  const inOrder = [...lines.values()].sort((a, b) => a.startS - b.startS).map((line) => line.node);
  const end = endLine(call);
  arrange(byId("transcript"), end ? [...inOrder, end] : inOrder);
  renderPartial({ call });
}

let shownPartial = "";

/** The open utterance, and the newest words in view. */
export function renderPartial({ call }) {
  const partial = call?.partials.get("client");
  byId("partial").hidden = !partial?.text;
  byId("no-words").hidden = lines.size > 0 || Boolean(partial?.text);
  setText(byId("no-words"), words.no_words);
  drawPartial(call, partial);
  if (following) toLatest();
}

function drawPartial(call, partial) {
  const marks = partial ? marksOf(call, partial.utterance, partial.words) : [];
  const shown = JSON.stringify([partial?.text, marks]);
  if (shown === shownPartial) return;
  shownPartial = shown;
  // No links here: the words may be gone in a moment, and with them whatever was focused.
  const runs = runsOf(partial?.words ?? [], marks).map(({ text, mark }) =>
    mark ? el("span", { class: "mark", "data-kind": mark.kind, "data-urgency": mark.urgency, "data-state": mark.state }, text) : text,
  );
  byId("partial-text").replaceChildren(...runs.flatMap((run, i) => (i ? [" ", run] : [run])));
}

function toLatest() {
  byId("scroll").scrollTop = byId("scroll").scrollHeight;
}

function lineOf(key, startS, tag) {
  let line = lines.get(key);
  if (!line) {
    line = { node: el("p", { id: key, class: tag, tabindex: "-1" }), shown: null, startS };
    lines.set(key, line);
  }
  line.startS = startS;
  return line;
}

function renderUtterance(call, final, again, mentions) {
  const line = lineOf(`utterance-${final.utterance}`, final.start_s, "utterance");
  const marks = final.side === "client" ? marksOf(call, final.utterance, final.words, mentions) : [];
  const shown = JSON.stringify([final.text, again, marks, mentions?.map(({ meant }) => meant)]);
  if (line.shown === shown) return;
  // Read out once, when it was said; a mark that comes later must not make it be read again.
  if (line.shown !== null) line.node.setAttribute("aria-live", "off");
  line.shown = shown;
  setAttributes(line.node, { "data-side": final.side });
  const time = el("time", { title: timeOfDay(call.startedAt + final.start_s * 1000) }, callTime(final.start_s));
  const side = final.side === "client" ? [] : [el("span", { class: "side" }, words.own_side), " "];
  const text = el("span", { class: "words" });
  runsOf(final.words, marks, mentions).forEach((run, i) => text.append(...(i ? [" "] : []), runNode(call, run)));
  const here = line.node.contains(focused()) ? focused().dataset : null;
  line.node.replaceChildren(time, " ", ...side, text, ...(again ? [" ", againNode(final, again)] : []));
  if (here?.id) line.node.querySelector(`[data-id="${CSS.escape(here.id)}"]`)?.focus({ preventScroll: true });
}

/** That an utterance was heard a second time, and what it was first taken for. */
function againNode(final, { outcome, first }) {
  const same = outcome !== "settled" || first === final.text;
  const title = [words.hearings[outcome], ...(same ? [] : [first ? say(words.first_heard, { text: first }) : words.first_nothing])].join(" ");
  return el("span", { class: "again", role: "img", "data-outcome": outcome, "aria-label": title, title }, outcome === "skipped" ? "1×" : "2×");
}

/** Marked words: activated, they are heard again, and the card that rests on them lights up. */
function runNode(call, { text, mark, heard }) {
  const said = heard ? termNode(text, heard) : text;
  if (!mark) return said;
  if (mark.kind === "mention") {
    return el("span", { class: "mention", "data-status": word(words.mention_statuses, mark.status) }, said);
  }
  const target = mark.kind === "flag" ? word(words.categories, mark.category) : words.fields.find(([field]) => field === mark.field)?.[1] ?? mark.field;
  const card = `${mark.kind}-${mark.id}`;
  const attributes = {
    class: "mark",
    "data-kind": mark.kind,
    "data-id": mark.id,
    "data-urgency": mark.urgency,
    "data-state": mark.state,
    title: say(words.to_card, { name: target }),
  };
  const run = () => {
    show(byId(card));
    play(call, "client", mark.startS, mark.endS);
  };
  return linkTo(card, run, attributes, said);
}

/** A term that the recognizer does not know, and what it wrote instead. */
const termNode = (term, heard) => el("span", { class: "term", "data-heard": say(words.term_heard, { text: heard }) }, term);

function renderGap(key, gap) {
  const line = lineOf(key, gap.start_s, "gap");
  if (line.shown) return;
  line.shown = key;
  const what = say(words.gap, { seconds: oneDecimal(gap.duration_s) });
  line.node.replaceChildren(el("time", {}, callTime(gap.start_s)), ` ${[what, gap.reason].filter(Boolean).join(": ")}`);
}

let ending = null;
function endLine(call) {
  if (!call?.ended) {
    ending = null;
    return null;
  }
  ending ??= el("p", { class: "call-end" });
  const reason = call.ended.reason && word(words.end_reasons, call.ended.reason);
  setText(ending, `${words.call_phases.ended}${reason ? `: ${reason}` : ""}`);
  return ending;
}

