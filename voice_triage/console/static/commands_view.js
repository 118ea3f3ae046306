// What the CSR can ask of the desk, and the page's own tools: buttons and keys. What is possible now, the desk says.

import { lastDone, send } from "./actions.js";
import { lastAction } from "./card.js";
import { button, byId, focused, page, setAttributes } from "./dom.js";
import { onKey, perform, showKeys } from "./keys.js";
import { isPossible } from "./popout.js";
import { words } from "./words.js";

let possible = [];

/** The desk's commands that can be given now, as buttons; only while the desk is there to take them. */
export function renderCommands({ call, desk }, connection) {
  possible = connection === "open" ? desk?.commands ?? [] : [];
  renderTools(call, connection);
  const place = byId("commands");
  const shown = possible.join(" ");
  if (place.dataset.shown === shown) return;
  place.dataset.shown = shown;
  const hadFocus = place.contains(focused());
  place.replaceChildren(...possible.map(commandButton));
  showKeys(place);
  if (hadFocus) place.querySelector("button")?.focus({ preventScroll: true });
}

function commandButton(name) {
  const { label, key } = words.commands[name];
  return button(label, () => ask(name), { key, class: "command", "data-command": name });
}

export function startCommands() {
  for (const { name } of words.keys.filter(({ group }) => group === "Listening")) {
    onKey(name, () => {
      const command = possible.find((each) => words.commands[each].key === name);
      if (command) ask(command);
    });
  }
  const tools = ["raise", "note", "hand-off", "walk-in", "view", "pop-out", "help"];
  byId("tools").replaceChildren(...tools.map(tool));
  byId("answers").append(tool("undo"));
  onKey("walk-in", () => send("/api/walk-in", null, words.walk_in_begun));
  showKeys();
}

function tool(name) {
  const label = name === "view" ? words.tools.view.full : words.tools[name];
  const title = words.keys.find((each) => each.name === name).does;
  return button(label, () => perform(name), { key: name, id: `tool-${name}`, class: "command", title });
}

/** Tools that make no sense now are not there. */
function renderTools(call, connection) {
  const live = connection === "open";
  const hidden = {
    raise: !call || !live,
    note: !call || !live,
    "hand-off": !call || !live,
    undo: !lastAction(call) || !live,
    "walk-in": !live || Boolean(call && !call.ended),
    "pop-out": !isPossible(),
  };
  for (const [name, hide] of Object.entries(hidden)) byId(`tool-${name}`).hidden = hide;
  setAttributes(byId("tool-undo"), { title: lastDone(call) });
  setAttributes(page(), { "data-tools": live });
}

const ask = (name) => send(`/api/desk/${name}`, null, words.commands[name].done);

