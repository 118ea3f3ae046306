// The learner's flags beside the call's, as the server compares them.

import { button, byId, el, setText } from "../dom.js";
import { callTime, oneDecimal, quote, say, word, words } from "../words.js";

const said = words.lesson;

/** `hear(startS)` plays from there. */
export function showComparison({ found, missed, extra }, hear) {
  const of = found.length + missed.length;
  const summary = say(said.summary, { found: found.length, of, missed: missed.length, extra: extra.length });
  setText(byId("summary"), of ? summary : [said.nothing_to_flag, extra.length && summary].filter(Boolean).join(" "));
  const rows = [
    ...found.map(({ flag, ...yours }) => [flag.start_s, keyRow("found", flag, yours, hear)]),
    ...missed.map((flag) => [flag.start_s, keyRow("missed", flag, null, hear)]),
    ...extra.map((each) => [each.at_s, extraRow(each)]),
  ].sort((a, b) => a[0] - b[0]);
  byId("compared").tHead.replaceChildren(el("tr", {}, ...said.columns.map((name) => el("th", { scope: "col" }, name))));
  byId("compared").tBodies[0].replaceChildren(...rows.map(([, row]) => row));
  byId("compared-scroll").hidden = !rows.length;
  byId("comparison").hidden = false;
  byId("comparison-heading").focus();
}

function keyRow(result, flag, yours, hear) {
  const name = word(words.categories, flag.category);
  const client = [flag.words && quote(flag.words), flag.words && " ", button(say(said.hear, { time: callTime(flag.start_s) }), () => hear(flag.start_s), { class: "small" })];
  return row(result, [
    flag.pet ? say(said.pet, { name, n: flag.pet + 1 }) : name,
    client,
    yours ? callTime(yours.at_s) : said.not_flagged,
    yours && flag.words && seconds(yours.after_words_s, said.before_words, said.after_words, said.after_words),
    yours && besideCall(yours.after_shown_s),
    source(flag),
  ]);
}

const extraRow = ({ category, at_s: atS, why }) => row("extra", [word(words.categories, category), "", callTime(atS), "", "", said.why[why]]);

function row(result, cells) {
  const first = el("th", { scope: "row" }, said.result[result]);
  return el("tr", { "data-result": result }, first, ...cells.map((cell) => el("td", {}, ...(Array.isArray(cell) ? cell : [cell]))));
}

const besideCall = (afterS) => (afterS === null ? said.nobody : seconds(afterS, said.sooner, said.later, said.same));

function seconds(value, below, above, zero) {
  const n = oneDecimal(Math.abs(value));
  return say(Math.abs(value) < 0.05 ? zero : value < 0 ? below : above, { n });
}

function source({ source: who, judged }) {
  const name = said.source[who];
  if (who === "supervisor") return name;
  return say(judged ? said.judged_right : said.not_judged, { source: name });
}
