// The scorecard, as the server works it out from the call's log.

import { byId, el } from "../dom.js";
import { callTime, oneDecimal, quote, say, word, words } from "../words.js";

const said = words.review.score;

export function showScore({ opened_with_question: opened, red_flag_questions: questions, exam_offered: exam, flags }) {
  const asked = questions.filter(({ asked_at_s: atS }) => atS !== null).length;
  byId("score").replaceChildren(
    ...row(said.opened, finding(opened)),
    ...row(said.asked, [questions.length ? say(said.asked_of, { n: asked, of: questions.length }) : said.none_suggested, questions.length > 0 && el("ul", {}, ...questions.map(question))]),
    ...row(said.exam, finding(exam)),
  );
  byId("times").hidden = !flags.length;
  const heads = [said.flag, said.to_flag, said.to_acknowledge, said.to_disposition];
  byId("times").tHead.replaceChildren(el("tr", {}, ...heads.map((name) => el("th", { scope: "col" }, name))));
  byId("times").tBodies[0].replaceChildren(...flags.map(times));
}

const row = (name, parts) => [el("dt", {}, name), el("dd", {}, ...parts.filter(Boolean))];

function finding({ answer, at_s: atS, evidence }) {
  return [said.answers[answer], atS !== null && ` (${callTime(atS)})`, evidence && `: ${quote(evidence)}`];
}

function question({ text, asked_at_s: atS, skipped }) {
  const state = atS !== null ? say(said.question_asked, { time: callTime(atS) }) : skipped ? said.question_skipped : said.question_open;
  return el("li", {}, `${text} (${state})`);
}

function times({ category, to_flag_s: flagS, to_acknowledge_s: seenS, to_disposition_s: endS }) {
  const cell = (value) => el("td", {}, value === null ? said.never : say(said.seconds, { n: oneDecimal(value) }));
  return el("tr", {}, el("th", { scope: "row" }, word(words.categories, category)), cell(flagS), cell(seenS), cell(endS));
}
