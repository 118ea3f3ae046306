// What the CSR can ask of the desk: buttons and keys. What is possible now, the desk says.

import { byId, el, setText } from "./dom.js";
import { words } from "./words.js";

const ANSWER_MS = 8000;

let possible = [];
let fading = 0;

/** The desk's commands that can be given now, as buttons; only while the desk is there to take them. */
export function renderCommands({ desk }, connection) {
  possible = connection === "open" ? desk?.commands ?? [] : [];
  const place = byId("commands");
  const shown = possible.join(" ");
  if (place.dataset.shown === shown) return;
  place.dataset.shown = shown;
  const focused = place.contains(document.activeElement);
  place.replaceChildren(...possible.map(button));
  if (focused) place.querySelector("button")?.focus({ preventScroll: true });
}

function button(name) {
  const { label, key } = words.commands[name];
  const node = el(
    "button",
    { type: "button", class: "command", "data-command": name, "aria-keyshortcuts": key },
    label,
    el("kbd", { "aria-hidden": "true" }, key),
  );
  node.addEventListener("click", () => ask(name));
  return node;
}

/** Function keys, which type nothing: they work wherever the focus is in this page. */
export function startCommands() {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    const name = possible.find((each) => words.commands[each].key === event.key);
    if (!name) return;
    event.preventDefault();
    if (!event.repeat) ask(name);
  });
}

async function ask(name) {
  const answer = await fetch(`/api/desk/${name}`, { method: "POST" }).catch(() => null);
  const refusal = answer && !answer.ok ? (await answer.json().catch(() => null))?.detail : null;
  setText(byId("command-answer"), answer?.ok ? words.commands[name].done : refusal ?? words.command_lost);
  clearTimeout(fading);
  fading = setTimeout(() => setText(byId("command-answer"), ""), ANSWER_MS);
}
