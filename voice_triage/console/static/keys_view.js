// The list of keys: what each does, and choosing another.

import { button, byId, el, setText } from "./dom.js";
import { choose, isKept, keyLabel, keyOf, onKey, resetKeys, showKeys } from "./keys.js";
import { renderNotifying } from "./notify.js";
import { say, words } from "./words.js";

const said = words.keys_view;
let waitingFor = null; // the name whose new key comes next

export function startKeys() {
  const dialog = byId("keys-dialog");
  onKey("help", () => (dialog.open ? dialog.close() : open(dialog)));
  byId("keys-reset").addEventListener("click", () => {
    resetKeys();
    draw();
    setText(byId("keys-answer"), said.reset_done);
  });
  byId("keys-close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("keydown", (event) => {
    if (waitingFor === null) return;
    if (event.key === "Tab" || ["Shift", "Control", "Alt", "Meta"].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    take(event.key);
  });
  dialog.addEventListener("close", () => (waitingFor = null));
}

function open(dialog) {
  waitingFor = null;
  setText(byId("keys-answer"), "");
  draw();
  renderNotifying();
  dialog.showModal();
}

function draw() {
  const groups = [...new Set(words.keys.map(({ group }) => group))];
  byId("keys-list").replaceChildren(
    ...groups.map((group) =>
      el(
        "section",
        { class: "key-group" },
        el("h3", {}, group),
        el("ul", {}, ...words.keys.filter((each) => each.group === group).map(row)),
      ),
    ),
  );
  showKeys();
}

function row({ name, does }) {
  const waiting = waitingFor === name;
  return el(
    "li",
    { "data-waiting": waiting, "data-name": name },
    el("kbd", {}, waiting ? "…" : keyLabel(keyOf(name))),
    el("span", {}, does),
    button(said.change, () => ask(name), { class: "small", "aria-label": say(said.change_of, { does }) }),
  );
}

function ask(name) {
  waitingFor = name;
  draw();
  byId("keys-list").querySelector(`[data-name="${name}"] button`).focus();
  setText(byId("keys-answer"), said.press);
}

function take(key) {
  const name = waitingFor;
  const { does } = words.keys.find((each) => each.name === name);
  const refusal = key === "Escape" ? null : choose(name, key);
  if (refusal) {
    const what = refusal.taken ? say(said.taken, { key: keyLabel(key), does: refusal.taken }) : say(said.not_possible, { key: keyLabel(key) });
    setText(byId("keys-answer"), what);
    return;
  }
  waitingFor = null;
  draw();
  byId("keys-list").querySelector(`[data-name="${name}"] button`).focus();
  const kept = isKept() ? "" : ` ${said.not_kept}`;
  setText(byId("keys-answer"), key === "Escape" ? "" : say(said.changed, { key: keyLabel(keyOf(name)), does }) + kept);
}
