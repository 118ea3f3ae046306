// The review of the call: a verdict for each flag, what was missed, notes, teaching, done. Each goes into the call's log.

import { tellAnswer } from "../actions.js";
import { keyOf } from "../card.js";
import { button, byId, el, focused, setAttributes, setText } from "../dom.js";
import { onKey, pick, stopPicking } from "../keys.js";
import { callTime, quote, say, word, words } from "../words.js";

const said = words.review;

export class Sheet {
  /** `seek(startS)` plays from there; `selection()` gives the selected words. */
  constructor(replay, seek, selection) {
    this.call = replay.call;
    this.flags = replay.card.flags.map((flag) => ({ ...flag, key: keyOf(flag) }));
    this.sheet = replay.sheet;
    this.seek = seek;
    this.selection = selection;
    this.current = 0;
    this.#start();
    this.draw();
  }

  #start() {
    onKey("review-next-flag", () => this.#nextFlag());
    onKey("review-right", () => this.#judge("right"));
    onKey("review-false-alarm", () => this.#judge("false_alarm"));
    onKey("review-missed", () => this.#askMissed());
    onKey("review-note", () => byId("review-note").focus());
    onKey("review-teach", () => this.#teach());
    onKey("review-undo", () => this.#enter({ entry: "undo" }, said.undone));
    onKey("review-done", () => this.#done());
    byId("missed").addEventListener("click", () => this.#askMissed());
    byId("teach").addEventListener("click", () => this.#teach());
    byId("undo").addEventListener("click", () => this.#enter({ entry: "undo" }, said.undone));
    byId("done").addEventListener("click", () => this.#done());
    box("review-form", "review-note", async (text) => (await this.#enter({ entry: "note", text }, said.note_kept)) || text);
    box("teach-form", "teach-title", async (title) => {
      await this.#enter({ entry: "teaching", marked: true, title }, said.teaching_on);
      return title;
    });
  }

  draw() {
    byId("verdicts").replaceChildren(...this.flags.map((flag, place) => this.#row(flag, place)));
    byId("no-verdicts").hidden = this.flags.length > 0;
    setText(byId("no-verdicts"), said.no_flag);
    byId("misses").replaceChildren(...this.sheet.misses.map((miss) => this.#miss(miss)));
    byId("misses").hidden = !this.sheet.misses.length;
    byId("review-notes").replaceChildren(...this.sheet.notes.map((note) => this.#note(note)));
    const { teaching, done, last } = this.sheet;
    setAttributes(byId("teach"), { "aria-pressed": String(teaching !== null) });
    if (teaching && focused() !== byId("teach-title")) byId("teach-title").value = teaching.title;
    byId("undo").disabled = !last;
    setText(byId("done-by"), done ? say(said.done_by, { name: done.by }) : "");
  }

  #row(flag, place) {
    const verdict = this.sheet.verdicts.find(({ category, pet }) => category === flag.category && pet === flag.pet);
    const name = word(words.categories, flag.category);
    const judge = (what) =>
      button(said.judge[what], () => this.#judge(what, place), { class: "small", "aria-pressed": String(verdict?.verdict === what), "aria-label": `${said.judge[what]}: ${name}`, "data-part": `${place}-${what}` });
    const end = flag.disposition;
    const facts = [
      flag.state === "withdrawn" && said.withdrawn,
      flag.by_hand && said.by_hand,
      end && word(words.flag_ends, end.end),
      end?.reason && word(Object.fromEntries(words.dismissal_reasons), end.reason),
    ].filter(Boolean);
    return el(
      "li",
      { "data-key-of": flag.key, "data-urgency": flag.state === "withdrawn" ? "none" : flag.urgency, "data-current": place === this.current, "data-verdict": verdict?.verdict },
      el("p", { class: "verdict-name" }, el("strong", {}, `${word(words.urgencies, flag.urgency).word}: ${name}`), facts.length > 0 && ` (${facts.join(", ")})`),
      flag.evidence && button(quote(flag.evidence), () => this.#hear(place), { class: "small evidence", "aria-label": `${say(said.to_time, { time: callTime(flag.start_s) })}: ${flag.evidence}` }),
      el("p", { class: "verdict" }, verdict ? say(said.judged, { verdict: said.verdicts[verdict.verdict], name: verdict.by }) : said.no_verdict),
      el("p", { class: "buttons" }, judge("right"), " ", judge("false_alarm")),
    );
  }

  #miss(miss) {
    const text = say(said.missed_list, { name: word(words.categories, miss.category), text: quote(miss.text) });
    return el("li", {}, button(text, () => this.seek(miss.start_s), { class: "small" }), " ", this.#remove(miss, text));
  }

  #note(note) {
    return el("li", {}, note.text, " ", el("span", { class: "by" }, note.by), " ", this.#remove(note, note.text));
  }

  #remove({ sequence }, what) {
    return button(said.remove, () => this.#enter({ entry: "undo", sequence }, said.undone), { class: "small", "aria-label": `${said.remove}: ${what}` });
  }

  #hear(place) {
    this.current = place;
    this.draw();
    this.seek(this.flags[place].start_s);
  }

  #nextFlag() {
    if (!this.flags.length) return tellAnswer(said.no_flag);
    this.current = (this.current + 1) % this.flags.length;
    this.draw();
    const row = byId("verdicts").children[this.current];
    row.querySelector("button").focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
    return this.seek(this.flags[this.current].start_s, true);
  }

  #judge(verdict, place = this.current) {
    const flag = this.flags[place];
    if (!flag) return tellAnswer(said.no_flag);
    this.current = place;
    return this.#enter({ entry: "verdict", category: flag.category, pet: flag.pet, verdict }, say(said.verdict_kept, { verdict: said.verdicts[verdict] }));
  }

  #askMissed() {
    const chosen = this.selection();
    if (!chosen) return tellAnswer(said.select_first);
    const names = words.category_order;
    const close = () => {
      byId("choose").hidden = true;
      stopPicking();
      byId("said").focus({ preventScroll: true });
    };
    const take = (place) => {
      close();
      if (place === null) return;
      const { utterance, first, last } = chosen;
      this.#enter({ entry: "missed", category: names[place], utterance, first_word: first, last_word: last }, said.miss_kept);
    };
    setText(byId("choose-heading"), said.choose_flag);
    byId("choices").replaceChildren(...names.map((name, place) => el("li", {}, button(words.categories[name], () => take(place), { class: "small", "data-digit": place + 1 }))));
    byId("choose").hidden = false;
    byId("choices").querySelector("button").focus();
    return pick(names.length, take);
  }

  #teach() {
    if (this.sheet.teaching) return this.#enter({ entry: "teaching", marked: false }, said.teaching_off);
    return this.#enter({ entry: "teaching", marked: true, title: byId("teach-title").value.trim() }, said.teaching_on);
  }

  /** Done, and on to the next call that is to be reviewed. */
  async #done() {
    if (!this.sheet.done && !(await this.#enter({ entry: "done" }, said.done_kept))) return;
    const answer = await fetch("/api/review/calls").catch(() => null);
    const next = answer?.ok ? (await answer.json()).calls.find(({ call }) => call !== this.call) : null;
    if (next) location.assign(`/review/calls/${encodeURIComponent(next.call)}`);
    else tellAnswer(said.queue_end);
  }

  /** Log one entry; says `done`, or why not. Whether it was done. */
  async #enter(entry, done) {
    const part = focused()?.dataset?.part;
    const answer = await fetch(`/api/review/calls/${encodeURIComponent(this.call)}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(entry),
    }).catch(() => null);
    const told = await answer?.json().catch(() => null);
    if (!answer?.ok) {
      tellAnswer(typeof told?.detail === "string" ? told.detail : words.command_lost);
      return false;
    }
    this.sheet = told.sheet;
    this.draw();
    if (part) document.querySelector(`[data-part="${CSS.escape(part)}"]`)?.focus({ preventScroll: true });
    tellAnswer(done);
    return true;
  }
}

/** A line to type: Enter keeps it, Escape leaves it. `keep` gives what the box holds then; true for nothing. */
function box(form, input, keep) {
  byId(form).addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = byId(input).value.trim();
    if (!text) return;
    const left = await keep(text);
    byId(input).value = left === true ? "" : left;
    byId(input).blur();
  });
  byId(input).addEventListener("keydown", (event) => event.key === "Escape" && byId(input).blur());
}
