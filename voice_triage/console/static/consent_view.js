// Whether this call may be kept, what is being captured, and noting what the client says: one key, then a number.

import { act, currentCall, tellAnswer } from "./actions.js";
import { button, byId, el, find, focused, setAttributes, setText } from "./dom.js";
import { onKey, pick, showKeys, stopPicking } from "./keys.js";
import { words } from "./words.js";

const said = words.consent;
let choosing = null; // id of the call whose consent is being chosen
let before = null; // what had the focus then

export function startConsent() {
  onKey("consent", ask);
  onKey("pause-recording", pauseOrResume);
  byId("consent-tools").replaceChildren(
    button(said.choose, ask, { key: "consent", class: "command", id: "tool-consent", "aria-expanded": "false", "aria-controls": "consent-choice" }),
    button(said.pause, pauseOrResume, { key: "pause-recording", class: "command", id: "tool-pause-recording" }),
  );
  byId("consent-choice").replaceChildren(
    el("p", {}, said.why),
    el("ol", { class: "choices" }, ...said.choices.map(([consent, text], i) => el("li", {}, button(text, () => choose(consent), { "data-consent": consent, "data-digit": i + 1 })))),
  );
  showKeys(byId("consent-tools"));
}

export function renderConsent({ call, desk }) {
  const card = call?.card;
  const asked = Boolean(card && card.consent !== null);
  byId("consent").hidden = !asked;
  byId("consent-tools").hidden = !asked;
  byId("captured").hidden = !asked;
  if (choosing !== null && (!asked || choosing !== card.call)) close();
  if (!asked) return;
  const keeping = keepingOf(card);
  setAttributes(byId("consent"), { "data-consent": card.consent, "data-keeping": keeping });
  setText(byId("consent-text"), said.states[card.consent]);
  setText(byId("keeping-text"), said.keeping[keeping][call.ended ? "ended" : "live"]);
  setText(byId("captured"), call.ended || keeping === "refused" || keeping === "paused" ? "" : captured(desk));
  byId("tool-pause-recording").hidden = Boolean(call.ended) || card.consent === "refused";
  setText(byId("tool-pause-recording").firstChild, card.recording_paused ? said.resume : said.pause);
}

/** What becomes of what is said now. */
function keepingOf({ consent, held, recording_paused: paused }) {
  if (consent === "refused") return "refused";
  if (paused) return "paused";
  return held ? "held" : "kept";
}

function captured(desk) {
  const what = (desk?.captures ?? []).map((each) => said.captures[each]).filter(Boolean);
  return what.length ? `${said.captured} ${what.join(", ")}` : "";
}

function ask() {
  const card = currentCall()?.card;
  if (!card || card.consent === null) return tellAnswer(said.nothing);
  if (choosing !== null) return close();
  choosing = card.call;
  before = focused();
  byId("consent-choice").hidden = false;
  setAttributes(byId("tool-consent"), { "aria-expanded": "true" });
  find(`#consent-choice [data-consent="${card.consent}"]`)?.closest("li").setAttribute("aria-current", "true");
  find("#consent-choice button").focus({ preventScroll: true });
  pick(said.choices.length, (n) => (n === null ? close() : choose(said.choices[n][0])));
}

function choose(consent) {
  const id = choosing;
  close();
  if (id !== null) act("consent", { consent }, id);
}

function close() {
  choosing = null;
  stopPicking();
  byId("consent-choice").hidden = true;
  setAttributes(byId("tool-consent"), { "aria-expanded": "false" });
  for (const row of byId("consent-choice").querySelectorAll("li")) row.removeAttribute("aria-current");
  if (byId("consent-choice").contains(focused()) || focused() === focused()?.ownerDocument.body) before?.focus({ preventScroll: true });
  before = null;
}

function pauseOrResume() {
  const call = currentCall();
  if (!call?.card || call.card.consent === null) return tellAnswer(said.nothing);
  act(call.card.recording_paused ? "resume_recording" : "pause_recording");
}
