// The words of a lesson, written down as they are heard: none stands on the page before its sound.

import { byId, el } from "../dom.js";
import { callTime, words } from "../words.js";

export class HeardWords {
  constructor({ utterances }) {
    this.line = byId("said");
    this.left = utterances
      .flatMap((each) => each.words.map(([text, startS]) => ({ text, startS, of: each })))
      .sort((a, b) => a.startS - b.startS);
    this.lines = new Map(); // utterance -> its words' element
    this.next = 0;
  }

  /** Everything that has begun up to `atS`. */
  upTo(atS) {
    const before = this.next;
    for (; this.next < this.left.length && this.left[this.next].startS <= atS; this.next += 1) this.#write(this.left[this.next]);
    if (this.next > before) this.line.scrollTop = this.line.scrollHeight;
  }

  #write({ text, of }) {
    let line = this.lines.get(of);
    if (!line) {
      line = el("span", { class: "words" });
      this.lines.set(of, line);
      const head = [el("time", {}, callTime(of.start_s)), " ", el("span", { class: "side-name" }, words.review.side[of.side]), " "];
      this.line.append(el("p", { class: "utterance", "data-side": of.side }, ...head, line));
    }
    line.append(line.hasChildNodes() ? ` ${text}` : text);
  }
}
