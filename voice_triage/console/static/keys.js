// Which key does what. One table (words.keys), the CSR's own choices over it, kept in this browser.

import { find, page, setAttributes } from "./dom.js";
import { keep, kept } from "./kept.js";
import { words } from "./words.js";

const actions = new Map(); // name -> what it does
const chosen = new Map(Object.entries(read()));
let keepable = true;

/** `run` is what the key of that name does from now on. */
export const onKey = (name, run) => actions.set(name, run);

export const keyOf = (name) => chosen.get(name) ?? words.keys.find((each) => each.name === name).key;
export const keyLabel = (key) => words.key_names[key] ?? (key.length === 1 ? key.toUpperCase() : key);
/** Whether choices outlast the page. */
export const isKept = () => keepable;

/** The name of what a key does, or undefined. */
const nameOf = (key) => words.keys.find(({ name }) => keyOf(name) === key)?.name;

/** Do what the key of that name does, as a button beside it would. */
export const perform = (name) => actions.get(name)?.();

/**
 * Choose another key. Returns null if it was done, {taken: what} if another action has it, {impossible: true} for a key
 * that types, moves the focus or closes a dialog.
 */
export function choose(name, key) {
  const wanted = key.length === 1 ? key.toLowerCase() : key;
  if (!/^(F[12489]|[^\s\d])$/u.test(wanted)) return { impossible: true };
  const other = nameOf(wanted);
  if (other && other !== name) return { taken: words.keys.find((each) => each.name === other).does };
  chosen.set(name, wanted);
  keepChoices();
  showKeys();
  return null;
}

export function resetKeys() {
  chosen.clear();
  keepChoices();
  showKeys();
}

/** Write each key beside its button, and say it to screen readers. */
export function showKeys(within = page()) {
  for (const node of within.querySelectorAll("[data-key]")) {
    const key = keyOf(node.dataset.key);
    setAttributes(node, { "aria-keyshortcuts": key });
    const shown = node.querySelector("kbd");
    if (shown && shown.textContent !== keyLabel(key)) shown.textContent = keyLabel(key);
  }
}

let picking = null; // {count, done}: the next digit is a choice

/** The next digit from 1 to `count` is a choice: `done(its index)`, or `done(null)` after Escape. */
export function pick(count, done) {
  picking = { count, done };
}

export const stopPicking = () => (picking = null);

/** Whether the key was a choice. */
function pickedBy(event) {
  const n = /^[1-9]$/.test(event.key) ? Number(event.key) : null;
  if (!picking || !((n !== null && n <= picking.count) || event.key === "Escape")) return false;
  const { done } = picking;
  picking = null;
  done(n === null ? null : n - 1);
  return true;
}

/** Listen in `target`, a window that the page is shown in. */
export function listenIn(target) {
  target.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (!isTyping(event.target) && pickedBy(event)) return event.preventDefault();
    const long = event.key.length > 1;
    if (long && event.shiftKey) return;
    if (!long && (find("dialog[open]") || isTyping(event.target))) return;
    const name = nameOf(event.key);
    if (!name || !actions.has(name)) return;
    event.preventDefault();
    if (!event.repeat) perform(name);
  });
}

const isTyping = (node) => node.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");

function read() {
  const known = new Set(words.keys.map(({ name }) => name));
  let choices;
  try {
    choices = JSON.parse(kept("keys") ?? "{}");
  } catch {
    return {}; // spoiled: the keys as they come
  }
  return Object.fromEntries(Object.entries(choices).filter(([name, key]) => known.has(name) && typeof key === "string"));
}

function keepChoices() {
  keepable = keep("keys", JSON.stringify(Object.fromEntries(chosen)));
}

// Another window of the desk follows at once.
addEventListener("storage", (event) => {
  if (event.key !== "voice-triage.keys") return;
  chosen.clear();
  for (const [name, key] of Object.entries(read())) chosen.set(name, key);
  showKeys();
});
