// What the CSR typed and told the client, and typing more.

import { act, currentCall } from "./actions.js";
import { arrange, byId, el, goTo, setText } from "./dom.js";
import { onKey } from "./keys.js";
import { callTime, words } from "./words.js";

const lines = new Map(); // sequence -> node
let typing = false;

export function startNotes() {
  const box = byId("note-box");
  onKey("note", () => {
    if (!currentCall()) return;
    typing = true;
    renderNotes({ call: currentCall() });
    box.focus();
  });
  byId("note-form").addEventListener("submit", (event) => event.preventDefault());
  box.addEventListener("keydown", async (event) => {
    if (event.isComposing || !["Enter", "Escape"].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    const text = box.value.trim();
    if (event.key === "Enter" && text && !(await act("note", { text }))) return; // refused: what was typed stays
    box.value = "";
    typing = false;
    renderNotes({ call: currentCall() });
    goTo(byId("call"));
  });
}

export function renderNotes({ call }) {
  const card = call?.card;
  const told = [
    ...(card?.notes ?? []),
    ...(card?.advice ?? []).map((each) => ({ ...each, text: `${words.advice} ${each.text}` })),
    ...(card?.handed_off ?? []).map((each) => ({ ...each, text: words.handed_to[each.to] })),
  ].sort((a, b) => a.sequence - b.sequence);
  byId("notes-section").hidden = !call || (!told.length && !typing);
  byId("note-form").hidden = !typing;
  const wanted = new Set(told.map(({ sequence }) => sequence));
  for (const key of [...lines.keys()]) if (!wanted.has(key)) lines.delete(key);
  arrange(byId("notes"), told.map(line));
}

function line({ sequence, at_s: atS, text }) {
  let node = lines.get(sequence);
  if (!node) lines.set(sequence, (node = el("li", {}, el("time", {}, callTime(atS)), " ", el("span", {}))));
  setText(node.lastChild, text);
  return node;
}
