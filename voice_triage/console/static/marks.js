// Which words of an utterance raised a flag, filled a field, or were read as denied, past and so on.

import { flagsInOrder } from "./card.js";
import { cardId } from "./pets.js";

/**
 * Everything that points into one utterance, strongest first:
 * {kind: "flag" | "field" | "mention", id, urgency?, status?, first, last} with inclusive word indices.
 */
export function marksOf(call, index, wordList, mentions = []) {
  const marks = [];
  for (const flag of flagsInOrder(call)) {
    if (flag.utterance !== index || flag.state === "withdrawn") continue;
    const span = find(flag, wordList);
    if (span) marks.push({ kind: "flag", id: flag.key, category: flag.category, urgency: flag.urgency, state: flag.state, startS: flag.start_s, endS: flag.end_s, ...span });
  }
  for (const { suggestion } of call.card?.fields ?? []) {
    if (suggestion?.utterance !== index) continue;
    const span = find(suggestion, wordList);
    if (span) marks.push({ kind: "field", id: cardId(suggestion.pet, suggestion.field), field: suggestion.field, startS: suggestion.start_s, endS: suggestion.end_s, ...span });
  }
  for (const mention of mentions) {
    if (mention.status === "present" || mention.status === "not_meant") continue;
    marks.push({ kind: "mention", status: mention.status, first: mention.first_word, last: mention.last_word });
  }
  return marks;
}

/**
 * Cut an utterance into runs of {text, mark or null, heard}; where marks overlap, the strongest has the word. Words
 * written for a term that the recognizer does not know are a run of their own: `text` is the term, `heard` the words.
 */
export function runsOf(wordList, marks, mentions = []) {
  const runs = [];
  const terms = termsIn(mentions);
  const markAt = (i) => marks.find((m) => m.first <= i && i <= m.last) ?? null;
  for (let i = 0; i < wordList.length; i += 1) {
    const term = terms.find((each) => each.first_word === i && each.text === textOf(wordList, i, each.last_word));
    if (term) {
      runs.push({ text: term.meant, mark: markAt(i), heard: term.text });
      i = term.last_word;
      continue;
    }
    const mark = markAt(i);
    const run = runs.at(-1);
    if (run && run.mark === mark && !run.heard) run.text += ` ${wordList[i].text}`;
    else runs.push({ text: wordList[i].text, mark });
  }
  return runs;
}

const textOf = (wordList, first, last) => wordList.slice(first, last + 1).map((word) => word.text).join(" ");

/** The shortest mentions that hold a real term: "zan ax", not "ate my zan ax"; none within another. */
function termsIn(mentions) {
  const found = [];
  const length = ({ first_word: first, last_word: last }) => last - first;
  const named = mentions.filter(({ meant, status }) => meant && status !== "not_meant");
  for (const mention of named.sort((a, b) => length(a) - length(b))) {
    const apart = ({ first_word: first, last_word: last }) => last < mention.first_word || mention.last_word < first;
    if (found.every(apart)) found.push(mention);
  }
  return found;
}

/** The evidence's words by their text, nearest in time where they occur twice; else by their time alone. */
function find(evidence, wordList) {
  const wanted = evidence.evidence.split(" ");
  let best = null;
  for (let first = 0; first + wanted.length <= wordList.length; first += 1) {
    if (wanted.every((text, i) => wordList[first + i].text === text)) {
      const away = Math.abs(wordList[first].start_s - evidence.start_s);
      if (!best || away < best.away) best = { first, last: first + wanted.length - 1, away };
    }
  }
  if (best) return { first: best.first, last: best.last };
  const inside = (word) => {
    const middle = (word.start_s + word.end_s) / 2;
    return evidence.start_s <= middle && middle <= evidence.end_s;
  };
  const first = wordList.findIndex(inside);
  return first < 0 ? null : { first, last: wordList.findLastIndex(inside) };
}
