// Raising a flag by hand: what the CSR has heard or seen and the machine has not. One key and a digit.

import { act, currentCall } from "./actions.js";
import { button, byId, el } from "./dom.js";
import { onKey, pick, stopPicking } from "./keys.js";
import { frontPet } from "./pets.js";
import { say, words } from "./words.js";

export function startRaise() {
  const dialog = byId("raise-dialog");
  onKey("raise", () => currentCall() && open(dialog));
  byId("raise-close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", stopPicking);
}

function open(dialog) {
  const categories = words.category_order.map((category) => [category, words.categories[category]]);
  byId("raise-note").value = "";
  byId("raise-list").replaceChildren(
    ...categories.map(([category, name], i) =>
      el(
        "li",
        {},
        button(name, () => raise(dialog, category, "red"), { class: "red", "data-digit": i + 1, "aria-label": `${i + 1}: ${words.urgencies.red.word}: ${name}` }),
        button(words.urgencies.orange.word, () => raise(dialog, category, "orange"), { class: "orange small", "aria-label": say(words.raise_orange, { name }) }),
      ),
    ),
  );
  dialog.showModal();
  byId("raise-list").querySelector("button").focus();
  pick(categories.length, (n) => (n === null ? dialog.close() : raise(dialog, categories[n][0], "red")));
}

function raise(dialog, category, urgency) {
  const note = byId("raise-note").value.trim();
  dialog.close();
  act("raise_flag", { category, urgency, pet: frontPet(currentCall()), note });
}
