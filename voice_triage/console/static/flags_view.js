// The list of flags: one card per category and call, updated in place, until the CSR says what became of it.

import { currentCall, act, tellAnswer } from "./actions.js";
import { flagsInOrder } from "./card.js";
import { clinicFor } from "./clinic.js";
import { arrange, button, byId, el, focused, goTo, icon, refill, setAttributes, setText } from "./dom.js";
import { onKey, pick, showKeys, stopPicking } from "./keys.js";
import { flagLines } from "./lines_view.js";
import { petName, petsInOrder } from "./pets.js";
import { hearAndShow } from "./evidence.js";
import { callTime, quote, say, timeOfDay, word, words } from "./words.js";

const DISPLACED_MS = 1000; // a key pressed so soon after was meant for the flag before

const isOpen = (flag) => flag.open;
const cards = new Map(); // key -> {node, shown}
let current = { key: null, since: 0, displaced: false }; // the flag that keys act on; displaced: it took another's place
let dismissing = null; // key of the flag whose reasons are shown

export function startFlags() {
  onKey("acknowledge", () => withCurrent((flag) => act("acknowledge", of(flag))));
  onKey("emergency-room", () => withCurrent((flag) => end(flag, "sent_to_emergency_room")));
  onKey("hand-over", () => withCurrent((flag) => end(flag, "handed_over")));
  onKey("dismiss", () => withCurrent(askReason));
  onKey("said-line", () => withCurrent(sayLine));
  onKey("next-flag", goToNext);
}

export function renderFlags({ call }) {
  const flags = call ? flagsInOrder(call) : [];
  const keys = new Set(flags.map(({ key }) => key));
  for (const key of [...cards.keys()]) if (!keys.has(key)) cards.delete(key);
  arrange(byId("flags"), flags.map((flag) => card(call, flag)));
  const open = flags.filter(isOpen);
  setText(byId("flags-count"), open.length ? String(open.length) : "");
  setText(byId("no-flags"), words.no_flags);
  byId("no-flags").hidden = flags.some(({ state }) => state !== "withdrawn");
  setText(byId("flags-left"), call?.ended && open.length ? words.flags_left : "");
  markCurrent();
}

/** The flag that keys act on: the open one with the focus, else the first open one. */
export function currentFlag() {
  const call = currentCall();
  const open = call ? flagsInOrder(call).filter(isOpen) : [];
  const here = focused()?.closest?.(".flag")?.id;
  return open.find((flag) => `flag-${flag.key}` === here) ?? open[0] ?? null;
}

/** Show which card keys act on. Also when the focus moves. */
export function markCurrent() {
  const flag = currentFlag();
  for (const [key, { node }] of cards) setAttributes(node, { "data-current": key === flag?.key });
  if (flag?.key === current.key) return;
  const before = cards.get(current.key)?.node;
  const displaced = before && !before.dataset.ended && before.dataset.state !== "withdrawn" && !before.contains(focused());
  current = { key: flag?.key ?? null, since: performance.now(), displaced: Boolean(displaced && !cards.get(flag?.key)?.node.contains(focused())) };
}

/** Do it to the current flag, unless that one has only now come before the one the CSR was looking at. */
function withCurrent(run) {
  const flag = currentFlag();
  if (!flag) return tellAnswer(words.no_open_flag);
  if (current.displaced && performance.now() - current.since < DISPLACED_MS) {
    current.displaced = false;
    return tellAnswer(say(words.new_in_front, { name: word(words.categories, flag.category) }));
  }
  run(flag);
}

function goToNext() {
  const call = currentCall();
  const open = call ? flagsInOrder(call).filter(isOpen) : [];
  if (!open.length) return tellAnswer(words.no_open_flag);
  const here = open.findIndex((flag) => `flag-${flag.key}` === focused()?.closest?.(".flag")?.id);
  goTo(cards.get(open[(here + 1) % open.length].key).node);
  markCurrent();
}

const of = (flag) => ({ category: flag.category, pet: flag.pet ?? 0 });
const end = (flag, how, reason) => act("end_flag", { ...of(flag), end: how, ...(reason ? { reason } : {}) });

function sayLine(flag) {
  const line = clinicFor(currentCall(), flag)?.line;
  if (line) act("advice", { text: line.text, line: line.id });
  else tellAnswer(words.guidance.no_line);
}

function askReason(flag) {
  dismissing = flag.key;
  redraw(flag.key);
  const list = cards.get(flag.key).node.querySelector(".reasons");
  list.querySelector("button").focus({ preventScroll: true });
  pick(words.dismissal_reasons.length, (n) => {
    dismissing = null;
    if (n === null) redraw(flag.key);
    else end(flag, "dismissed", words.dismissal_reasons[n][0]);
    if (n === null) goTo(cards.get(flag.key)?.node);
  });
}

function redraw(key) {
  const call = currentCall();
  const flag = call && flagsInOrder(call).find((each) => each.key === key);
  if (flag) card(call, flag);
}

function card(call, flag) {
  const known = cards.get(flag.key) ?? { node: el("li", { class: "flag", id: `flag-${flag.key}`, tabindex: "-1" }), shown: "" };
  cards.set(flag.key, known);
  const pet = petsInOrder(call).length > 1 ? petName(call, flag.pet ?? 0) : null;
  if (!isOpen(flag) && dismissing === flag.key) {
    dismissing = null;
    stopPicking();
  }
  const clinic = clinicFor(call, flag);
  const shown = JSON.stringify([call.id, flag, pet, dismissing === flag.key, clinic]);
  if (known.shown === shown) return known.node;
  known.shown = shown;
  setAttributes(known.node, {
    "data-urgency": flag.urgency,
    "data-state": flag.state,
    "data-ended": flag.disposition?.end,
    "data-acknowledged": flag.acknowledged_at_s !== null,
  });
  refill(known.node, content(call, flag, pet, clinic));
  showKeys(known.node);
  return known.node;
}

function content(call, flag, pet, clinic) {
  const withdrawn = flag.state === "withdrawn";
  const closed = !isOpen(flag);
  const name = word(words.categories, flag.category);
  const urgency = word(words.urgencies, flag.urgency);
  const state = words.flag_states[flag.state];
  return [
    el(
      "p",
      { class: "flag-head" },
      icon(withdrawn ? "withdrawn" : flag.disposition ? "done" : flag.state === "provisional" ? "provisional" : flag.urgency),
      el("span", { class: "urgency" }, urgency.word),
      " ",
      state ? el("span", { class: "flag-state" }, state) : el("span", { class: "flag-action" }, flag.disposition ? endWords(flag.disposition) : urgency.action),
      " ",
      el("time", { class: "at", title: timeOfDay(call.startedAt + flag.shown_at_s * 1000) }, callTime(flag.shown_at_s)),
    ),
    el("h3", {}, withdrawn ? el("s", {}, name) : name),
    pet && el("p", { class: "flag-pet" }, pet),
    flag.by_hand && el("p", { class: "by-hand" }, [words.by_hand, flag.note].filter(Boolean).join(": ")),
    flag.evidence && el("p", { class: "evidence" }, spoken(call, flag, withdrawn)),
    flag.state === "raised" && flag.possible && el("p", { class: "unclear" }, words.unclear_words),
    flag.reopened && el("p", { class: "unclear" }, words.reopened),
    el("p", { class: "reason" }, withdrawn ? flag.withdrawn_because : flag.reason),
    ...status(flag),
    !closed && buttons(flag),
    dismissing === flag.key && !closed && reasons(flag),
    !closed && flagLines(clinic),
  ];
}

function spoken(call, flag, withdrawn) {
  const text = quote(flag.evidence);
  return hearAndShow(call, { kind: "flag", id: flag.key, ...flag }, withdrawn ? el("s", {}, text) : text);
}

const endWords = ({ end: how, reason }) =>
  reason ? `${word(words.flag_ends, how)}: ${word(Object.fromEntries(words.dismissal_reasons), reason)}` : word(words.flag_ends, how);

function status({ acknowledged_at_s: seenAtS, disposition: over, by_hand: byHand }) {
  if (over) return [el("p", { class: "done" }, [`${words.ended_at} ${callTime(over.at_s)}`, over.note].filter(Boolean).join(": "))];
  return [seenAtS !== null && !byHand && el("p", { class: "done" }, `${words.acknowledged} ${callTime(seenAtS)}`)];
}

function buttons(flag) {
  const waiting = flag.state === "provisional";
  return el(
    "div",
    { class: "flag-buttons", role: "group", "aria-label": words.flag_group },
    flag.acknowledged_at_s === null && button(words.do_acknowledge, () => act("acknowledge", of(flag)), { key: "acknowledge", class: "strong", "data-part": "acknowledge" }),
    !waiting && button(words.flag_ends.sent_to_emergency_room, () => end(flag, "sent_to_emergency_room"), { key: "emergency-room", "data-part": "er" }),
    !waiting && button(words.do_hand_over, () => end(flag, "handed_over"), { key: "hand-over", "data-part": "over" }),
    button(words.do_dismiss, () => askReason(flag), { key: "dismiss", "data-part": "dismiss", "aria-expanded": String(dismissing === flag.key) }),
  );
}

function reasons(flag) {
  const rows = words.dismissal_reasons.map(([reason, text], i) =>
    el("li", {}, button(text, () => end(flag, "dismissed", reason), { "data-part": `reason-${reason}`, "data-digit": i + 1 })),
  );
  return el("div", { class: "reasons" }, el("p", {}, words.why_dismiss), el("ul", {}, ...rows));
}
