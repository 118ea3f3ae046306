// What to ask next, three at most, and what was not asked. The card has them in order; a question stays in its place until
// it is answered, so the eye finds it again.

import { act, currentCall, tellAnswer } from "./actions.js";
import { generalLine, petCalled } from "./clinic.js";
import { arrange, button, byId, el, focused, goTo, refill, setAttributes, setText } from "./dom.js";
import { onKey, showKeys } from "./keys.js";
import { frontPet } from "./pets.js";
import { say, sayCount, words } from "./words.js";

const nodes = new Map(); // id -> {node, drawn}

export function startQuestions() {
  onKey("questions", () => goTo(byId("questions").firstChild ?? byId("not-asked").querySelector("summary")));
  for (const place of [0, 1, 2]) onKey(`asked-${place + 1}`, () => settle(suggested()[place], "asked"));
  onKey("skip", () => settle(suggested().find(({ id }) => nodes.get(id)?.node.contains(focused())) ?? suggested()[0], "skipped"));
}

const questionsOf = (call) => (call && !call.ended ? call.card?.questions ?? [] : []);
const suggested = () => questionsOf(currentCall());

function settle(question, state) {
  if (question) act("settle_question", { question: question.id, state });
  else tellAnswer(words.guidance.no_question);
}

export function renderQuestions({ call }) {
  const questions = questionsOf(call);
  const place = [...byId("questions").children].findIndex((node) => node.contains(focused()));
  const ids = new Set(questions.map(({ id }) => id));
  for (const id of [...nodes.keys()]) if (!ids.has(id)) nodes.delete(id);
  arrange(byId("questions"), questions.map(questionNode));
  // The focus was on a question that was settled: it goes to the one in its place, not to the top of the page.
  if (place >= 0 && !byId("questions").contains(focused())) goTo(byId("questions").children[Math.min(place, questions.length - 1)]);
  byId("questions").hidden = !questions.length;
  setText(byId("questions-heading"), call?.ended ? words.guidance.ended : words.guidance.heading);
  setText(byId("closing-line"), call ? generalLine("closing", petCalled(call, frontPet(call))) || words.guidance.closing : "");
  renderNotAsked(call);
}

function questionNode(question, place) {
  const known = nodes.get(question.id) ?? { node: el("li", { class: "question", id: `question-${question.id}`, tabindex: "-1" }), drawn: "" };
  nodes.set(question.id, known);
  const drawn = JSON.stringify([question, place]);
  if (known.drawn === drawn) return known.node;
  known.drawn = drawn;
  setAttributes(known.node, { "data-why": question.why, "data-state": question.state });
  refill(known.node, [
    el("span", { class: "ask" }, question.text),
    question.state
      ? el("span", { class: "tag" }, words.guidance.states[question.state])
      : el(
          "span",
          { class: "question-buttons" },
          button(words.guidance.asked, () => settle(question, "asked"), { key: `asked-${place + 1}`, class: "small", "data-part": "asked", "aria-label": say(words.guidance.asked_of, { text: question.text }) }),
          button(words.guidance.skip, () => settle(question, "skipped"), { class: "small", "data-part": "skip", "aria-label": say(words.guidance.skip_of, { text: question.text }) }),
        ),
  ]);
  showKeys(known.node);
  return known.node;
}

/** The labels of all that was not asked: folded up during the call, open at its end. */
function renderNotAsked(call) {
  const list = byId("not-asked");
  const labels = call?.card?.not_asked ?? [];
  list.hidden = !labels.length;
  const phase = call ? `${call.id} ${call.ended ? "ended" : "live"}` : "";
  if (list.dataset.phase !== phase) list.open = Boolean(call?.ended); // and from then on as the CSR leaves it
  list.dataset.phase = phase;
  setText(list.querySelector("summary"), sayCount(words.guidance.not_asked, labels.length));
  const drawn = labels.join("\n");
  if (list.dataset.drawn === drawn) return;
  list.dataset.drawn = drawn;
  list.querySelector("ul").replaceChildren(...labels.map((label) => el("li", {}, label)));
}
