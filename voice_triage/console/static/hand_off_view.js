// The hand-off note: made by one key; copied, printed, saved, or given to the back of the house.

import { act, currentCall, tellAnswer } from "./actions.js";
import { button, byId, el, home, setText } from "./dom.js";
import { onKey } from "./keys.js";
import { words } from "./words.js";

const said = words.hand_off;
const TYPES = { text: "txt", json: "json", fhir: "fhir.json" };

export function startHandOff() {
  const dialog = byId("hand-off-dialog");
  onKey("hand-off", () => (dialog.open ? dialog.close() : open(dialog)));
  byId("hand-off-close").addEventListener("click", () => dialog.close());
  byId("hand-off-buttons").replaceChildren(
    button(said.technician, () => give(dialog, "technician"), { class: "strong" }),
    button(said.doctor, () => give(dialog, "doctor"), { class: "strong" }),
    button(said.copy, copy),
    button(said.print, () => home().defaultView.print()),
    ...Object.keys(TYPES).map((kind) => el("a", { class: "button", id: `save-${kind}`, download: "" }, said.save[kind])),
  );
}

const addressOf = (call, kind) => `/api/calls/${encodeURIComponent(call.id)}/hand-off?as=${kind}`;

async function open(dialog) {
  const call = currentCall();
  if (!call) return;
  setText(byId("hand-off-answer"), "");
  const answer = await fetch(addressOf(call, "text")).catch(() => null);
  if (!answer?.ok) return tellAnswer((await answer?.json().catch(() => null))?.detail ?? words.command_lost);
  setText(byId("hand-off-note"), await answer.text());
  for (const [kind, ending] of Object.entries(TYPES)) {
    Object.assign(byId(`save-${kind}`), { href: addressOf(call, kind), download: `hand-off-${call.id}.${ending}` });
  }
  dialog.showModal();
}

async function copy() {
  const text = byId("hand-off-note").textContent;
  const done = await home().defaultView.navigator.clipboard.writeText(text).then(() => true, () => false);
  if (!done) home().getSelection().selectAllChildren(byId("hand-off-note")); // then Ctrl+C does it
  setText(byId("hand-off-answer"), done ? said.copied : said.not_copied);
}

async function give(dialog, to) {
  if (await act("hand_off", { to })) dialog.close();
  else setText(byId("hand-off-answer"), byId("command-answer").textContent);
}
