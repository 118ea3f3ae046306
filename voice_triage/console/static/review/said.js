// The words of the call: lit as they are heard, played when they are clicked, selected to be marked as missed.

import { byId, el, setText } from "../dom.js";
import { marksOf } from "../marks.js";
import { callTime, say, word, words } from "../words.js";

const said = words.review;

export class SaidWords {
  /** `replay`: as the server gives it; `seek(startS)` plays from there. */
  constructor(replay, seek) {
    this.seek = seek;
    this.line = byId("said");
    this.all = []; // every word in the page's order: {node, utterance, n, counts, text, startS, endS}
    this.heard = []; // the same, in order of time
    this.lit = new Set();
    this.cursor = -1;
    this.anchor = -1;
    this.#build(replay);
    this.of = new Map(this.all.map((each, place) => [each.node, place]));
    this.heard = [...this.all].sort((a, b) => a.startS - b.startS);
    this.starts = this.heard.map(({ startS }) => startS);
    this.line.addEventListener("click", (event) => this.#clicked(event));
    this.line.addEventListener("keydown", (event) => this.#moved(event));
    document.addEventListener("selectionchange", () => this.#selected());
  }

  #build(replay) {
    const lines = [];
    for (const gap of replay.gaps) lines.push({ startS: gap.start_s, node: gapLine(gap) });
    for (const utterance of replay.utterances) lines.push({ startS: utterance.start_s, node: this.#utterance(replay, utterance) });
    lines.sort((a, b) => a.startS - b.startS);
    this.all.sort((a, b) => a.lineS - b.lineS || a.utterance - b.utterance || b.counts - a.counts || a.n - b.n);
    this.line.replaceChildren(...lines.map(({ node }) => node));
  }

  #utterance(replay, { utterance, side, start_s: lineS, heard_by: ear, words: list, other, mentions }) {
    const text = this.#words(utterance, lineS, list, 1);
    const wordList = list.map(([each, startS]) => ({ text: each, start_s: startS }));
    const marks = side === "client" && replay.card ? marksOf({ card: replay.card }, utterance, wordList, mentions) : [];
    const spans = [...text.children];
    for (const mark of marks.reverse()) {
      for (const span of spans.slice(mark.first, mark.last + 1)) {
        span.dataset.kind = mark.kind;
        if (mark.urgency) span.dataset.urgency = mark.urgency;
        if (mark.status) span.title = word(words.mention_statuses, mark.status);
      }
    }
    const parts = [el("time", {}, callTime(lineS)), " "];
    if (side !== "client") parts.push(el("span", { class: "side-name" }, said.side[side]), " ");
    parts.push(text);
    if (other) {
      const name = say(said.other_hearing, { ear: word(said.heard_by, other.heard_by) });
      parts.push(el("span", { class: "other-hearing" }, el("span", { class: "ear" }, name), " ", this.#words(utterance, lineS, other.words, 0)));
    }
    return el("p", { id: `utterance-${utterance}`, class: "utterance", "data-side": side, "data-ear": ear, tabindex: "-1" }, ...parts);
  }

  #words(utterance, lineS, list, counts) {
    const holder = document.createElement("span");
    holder.className = "words";
    list.forEach(([text, startS, endS, confidence], n) => {
      const node = document.createElement("span");
      node.className = "w";
      if (confidence < words.low_confidence) node.dataset.unsure = "";
      node.textContent = text;
      this.all.push({ node, utterance, n, counts, text, startS, endS, lineS });
      if (n) holder.append(" ");
      holder.append(node);
    });
    return holder;
  }

  /** Light the words that are heard at `atS`; both hearings of them. Whether anything changed. */
  light(atS) {
    const now = this.#at(atS);
    if (now.size === this.lit.size && [...now].every((node) => this.lit.has(node))) return false;
    for (const node of this.lit) if (!now.has(node)) node.classList.remove("now");
    for (const node of now) node.classList.add("now");
    this.lit = now;
    return true;
  }

  #at(atS) {
    const now = new Set();
    let [low, high] = [0, this.starts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.starts[middle] <= atS) low = middle + 1;
      else high = middle;
    }
    for (let i = low - 1; i >= 0 && this.starts[i] > atS - 5; i -= 1) if (this.heard[i].endS > atS) now.add(this.heard[i].node);
    return now;
  }

  follow() {
    const [node] = this.lit;
    const line = node?.closest(".utterance");
    if (!line || line === this.inView) return;
    this.inView = line;
    const [box, outer] = [line.getBoundingClientRect(), this.line.getBoundingClientRect()];
    if (box.top < outer.top || box.bottom > outer.bottom) this.line.scrollTop += box.top - outer.top - outer.height / 3;
  }

  #clicked(event) {
    const place = this.of.get(event.target.closest?.(".w"));
    if (place === undefined || !getSelection().isCollapsed) return;
    this.#moveTo(place, false);
    this.seek(this.all[place].startS);
  }

  #moved(event) {
    const jump = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const line = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Enter" && this.cursor >= 0) {
      event.preventDefault();
      return this.seek(this.all[this.cursor].startS);
    }
    if (!jump && !line) return undefined;
    event.preventDefault();
    if (this.cursor < 0) return this.#moveTo(this.#nearest(), false);
    return this.#moveTo(jump ? this.cursor + jump : this.#lineFrom(line), event.shiftKey);
  }

  #nearest() {
    const [lit] = this.lit;
    return lit ? this.of.get(lit) : 0;
  }

  #lineFrom(by) {
    const here = this.all[this.cursor];
    let place = this.cursor;
    while (this.all[place]?.utterance === here.utterance) place += by;
    if (by < 0) while (this.all[place - 1] && this.all[place - 1].utterance === this.all[place]?.utterance) place -= 1;
    return place;
  }

  #moveTo(place, selecting) {
    if (!this.all[place]) return;
    this.all[this.cursor]?.node.classList.remove("cursor");
    this.cursor = place;
    if (!selecting) this.anchor = place;
    const { node, text, startS } = this.all[place];
    node.classList.add("cursor");
    node.scrollIntoView({ block: "nearest" });
    this.#mark(this.anchor, place);
    const chosen = this.selection();
    const single = say(said.cursor, { text, time: callTime(startS) });
    setText(byId("selection"), selecting && chosen ? say(said.selected, { text: chosen.text }) : single);
  }

  /** The browser's own selection, made with the mouse, becomes ours. */
  #selected() {
    const own = getSelection();
    if (own.isCollapsed || !this.line.contains(own.anchorNode) || !this.line.contains(own.focusNode)) return;
    const range = own.getRangeAt(0);
    const inside = this.all.map((each, place) => (range.intersectsNode(each.node) ? place : -1)).filter((place) => place >= 0);
    if (!inside.length) return;
    this.cursor = inside.at(-1);
    this.#mark(inside[0], this.cursor);
    const chosen = this.selection();
    if (chosen) setText(byId("selection"), say(said.selected, { text: chosen.text }));
  }

  #mark(from, to) {
    for (const node of this.chosen ?? []) node.classList.remove("chosen");
    this.anchor = from;
    const [first, last] = [Math.min(from, to), Math.max(from, to)];
    this.chosen = this.all.slice(first, last + 1).map(({ node }) => node);
    for (const node of this.chosen) node.classList.add("chosen");
  }

  /** The selected words of one utterance, in the hearing that counts: {utterance, first, last, text}; or null. */
  selection() {
    if (this.cursor < 0 || this.anchor < 0) return null;
    const [first, last] = [Math.min(this.anchor, this.cursor), Math.max(this.anchor, this.cursor)];
    const { utterance } = this.all[first];
    const inside = this.all.slice(first, last + 1).filter((each) => each.utterance === utterance && each.counts);
    if (!inside.length) return null;
    return { utterance, first: inside[0].n, last: inside.at(-1).n, text: inside.map(({ text }) => text).join(" ") };
  }
}

const gapLine = (gap) => el("p", { class: "gap" }, el("time", {}, callTime(gap.start_s)), ` ${say(said.marks.gap, { text: gap.reason })}`);
