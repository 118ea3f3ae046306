// The patient card: every field in its fixed place, so that the eye finds it and sees what was not asked.

import { byId, el, setAttributes } from "./dom.js";
import { linkToWords } from "./flags_view.js";
import { quote, say, words } from "./words.js";

const rows = new Map(); // field -> {node, shown}

export function renderPatient({ call }) {
  if (!rows.size) {
    for (const [field, label] of words.fields) {
      const value = el("dd", {});
      const node = el("div", { class: "field", id: `field-${field}`, tabindex: "-1" }, el("dt", {}, label), value);
      rows.set(field, { node, value, shown: null });
      byId("fields").append(node);
    }
  }
  for (const [field, row] of rows) renderField(row, call?.fields.get(field) ?? null, Boolean(call?.ended));
}

function renderField(row, suggestion, ended) {
  const shown = JSON.stringify([suggestion, ended]);
  if (row.shown === shown) return;
  row.shown = shown;
  const hadFocus = row.value.contains(document.activeElement);
  setAttributes(row.node, { "data-state": !suggestion ? "not-asked" : suggestion.provisional ? "provisional" : "suggested" });
  if (!suggestion) {
    row.value.replaceChildren(el("span", { class: "value" }, words.not_asked));
    return;
  }
  const unsure = suggestion.confidence < words.low_confidence;
  const tag = suggestion.provisional ? words.hearing : unsure ? words.unsure : null;
  const said = linkToWords("field", suggestion.field, suggestion.utterance, quote(suggestion.evidence));
  row.value.replaceChildren(
    el("span", { class: "value" }, suggestion.plain),
    ...(tag ? [" ", el("span", { class: "tag" }, tag)] : []),
    said,
    ...(suggestion.plain_contradicts
      ? [el("p", { class: "contradiction" }, say(words.contradiction, { value: suggestion.plain_contradicts }))]
      : []),
  );
  if (hadFocus) said.focus({ preventScroll: true });
}
