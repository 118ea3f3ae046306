// The list of this page's keys.

import { byId, el } from "../dom.js";
import { keyLabel, keyOf, onKey, showKeys } from "../keys.js";
import { words } from "../words.js";

export function startKeysList() {
  const dialog = byId("keys-dialog");
  const keys = words.keys.filter(({ name }) => words.own_keys.includes(name));
  const groups = [...new Set(keys.map(({ group }) => group))];
  const row = ({ name, does }) => el("li", {}, el("kbd", {}, keyLabel(keyOf(name))), el("span", {}, does));
  byId("keys-list").replaceChildren(
    ...groups.map((group) =>
      el("section", { class: "key-group" }, el("h3", {}, group), el("ul", {}, ...keys.filter((each) => each.group === group).map(row))),
    ),
  );
  const turn = () => (dialog.open ? dialog.close() : dialog.showModal());
  onKey("help", turn);
  byId("show-keys").addEventListener("click", turn);
  byId("keys-close").addEventListener("click", () => dialog.close());
  showKeys();
}
