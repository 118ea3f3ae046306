// The replay of one call: its sound, its words, its marks, the console as it was, and the review of it.

import { button, byId, el, setAttributes, setText } from "../dom.js";
import { listenIn, onKey, showKeys } from "../keys.js";
import { stop as stopSound, tell } from "../sound.js";
import { callTime, say, timeOfDay, word, words } from "../words.js";
import { startKeysList } from "./keys_list.js";
import { Moment } from "./moment.js";
import { Player } from "./player.js";
import { SaidWords } from "./said.js";
import { showScore } from "./score.js";
import { Sheet } from "./sheet.js";
import { startSpeed } from "./speed.js";
import { Wave } from "./wave.js";

const said = words.review;
const STEP_S = 5;
const CLIP_S = 10;
const id = byId("console").dataset.replay;
const address = `/api/review/calls/${encodeURIComponent(id)}`;

async function start() {
  startKeysList();
  const answer = await fetch(address).catch(() => null);
  const replay = await answer?.json().catch(() => null);
  if (!answer?.ok) return tell(replay?.detail ?? said.failed);
  const page = new Replay(replay);
  listenIn(window);
  page.draw(0);
  document.documentElement.dataset.ready = "yes";
  return page.loadWave();
}

class Replay {
  constructor(replay) {
    this.replay = replay;
    this.marks = replay.markers.filter(({ at_s: atS }) => atS <= replay.duration_s);
    this.player = new Player(`/api/calls/${encodeURIComponent(id)}`, replay.sides, replay.duration_s, () => this.turned());
    const playFrom = (startS) => this.goTo(startS, true);
    this.wave = new Wave(replay.duration_s, (atS) => this.goTo(atS, false));
    this.wave.marks = this.marks;
    this.said = new SaidWords(replay, playFrom);
    this.sheet = new Sheet(replay, playFrom, () => this.said.selection());
    this.moment = new Moment(replay);
    this.mark = -1;
    this.frame = 0;
    showScore(replay.scorecard);
    this.#facts();
    this.#controls();
    this.#marks();
    if (!replay.sides.length) tell(said.no_sound);
  }

  // --- sound ---------------------------------------------------------------------------------------------------------

  async loadWave() {
    await Promise.all(this.replay.sides.map((side) => this.wave.load(id, side)));
    const spoken = this.replay.utterances.flatMap((each) => each.words.map(([, startS, endS]) => [startS, endS]));
    this.player.hush([...spoken, ...this.wave.loud()].sort((a, b) => a[0] - b[0]));
  }

  toggle() {
    stopSound();
    return this.player.playing ? this.player.stop() : this.player.play();
  }

  turned() {
    const { playing } = this.player;
    setText(byId("play-text"), playing ? said.stop : said.play);
    cancelAnimationFrame(this.frame);
    if (playing) this.frame = requestAnimationFrame(() => this.tick());
    else this.draw(this.player.atS);
  }

  tick() {
    this.player.keep();
    this.draw(this.player.atS, true);
    if (this.player.playing) this.frame = requestAnimationFrame(() => this.tick());
  }

  draw(atS, playing = false) {
    this.said.light(atS); // first: it must be as soon as the sound
    if (playing) this.said.follow();
    this.wave.draw(atS);
    const shown = Math.round(atS * 10) / 10;
    if (byId("place").value !== String(shown)) byId("place").value = String(shown);
    setAttributes(byId("place"), { "aria-valuetext": callTime(atS) });
    setText(byId("clock"), `${callTime(atS)} / ${callTime(this.replay.duration_s)}`);
    this.moment.show(atS, playing);
  }

  goTo(atS, play) {
    this.player.seek(atS);
    if (play && !this.player.playing) this.player.play();
    this.draw(this.player.wantedS, this.player.playing);
  }

  // --- what is on the page ---------------------------------------------------------------------------------------------

  #facts() {
    const { started_at: startedAt, csr, source, ended } = this.replay;
    const day = new Intl.DateTimeFormat(navigator.language, { dateStyle: "full" }).format(Date.parse(startedAt));
    const facts = [day, timeOfDay(Date.parse(startedAt)), csr, source, ended && word(words.end_reasons, ended)];
    setText(byId("facts"), facts.filter(Boolean).join(" · "));
  }

  #controls() {
    setText(byId("play-text"), said.play);
    setAttributes(byId("place"), { max: Math.ceil(this.replay.duration_s * 10) / 10 });
    byId("place").addEventListener("input", () => this.goTo(Number(byId("place").value), false));
    startSpeed(this.player);
    byId("skip").addEventListener("change", () => (this.player.skipping = byId("skip").checked));
    const does = {
      play: () => this.toggle(),
      back: () => this.goTo(this.player.atS - STEP_S, false),
      forward: () => this.goTo(this.player.atS + STEP_S, false),
      "skip-silence": () => byId("skip").click(),
      "previous-mark": () => this.step(-1),
      "next-mark": () => this.step(1),
      loop: () => this.loop(),
      words: () => byId("said").focus(),
      queue: () => location.assign("/review"),
    };
    for (const [name, run] of Object.entries(does)) onKey(`review-${name}`, run);
    byId("play").addEventListener("click", does.play);
    byId("mark-back").addEventListener("click", does["previous-mark"]);
    byId("mark-on").addEventListener("click", does["next-mark"]);
    byId("loop").addEventListener("click", does.loop);
    // Evidence on the console's own cards plays by itself: the two must not be heard at once.
    byId("moment").addEventListener("click", () => this.player.stop(), true);
    byId("exports").replaceChildren(
      ...["vtt", "csv", "json"].map((form) => el("a", { class: "button", href: `${address}/export?as=${form}`, download: true }, { vtt: "WebVTT", csv: "CSV", json: "JSON" }[form])),
      ...this.replay.sides.map((side) => this.#clip(side)),
    );
    addEventListener("pagehide", () => this.player.stop());
  }

  /** The link's stretch is that of the moment in which it is followed. */
  #clip(side) {
    const link = el("a", { class: "button", href: address, download: true }, `WAV: ${said.side[side]}`);
    const aim = () => {
      const { startS, endS } = this.player.loop ?? { startS: this.player.atS, endS: Math.min(this.player.atS + CLIP_S, this.replay.duration_s) };
      link.href = `${address}/clip?side=${side}&start_s=${startS.toFixed(2)}&end_s=${Math.max(endS, startS + 0.5).toFixed(2)}`;
    };
    for (const name of ["click", "focus", "pointerenter"]) link.addEventListener(name, aim);
    return link;
  }

  // --- marks -----------------------------------------------------------------------------------------------------------

  #marks() {
    byId("marks").replaceChildren(
      ...this.marks.map((mark, place) =>
        el("li", { "data-kind": mark.kind }, button([callTime(mark.at_s), markText(mark)].join(" "), () => this.#goToMark(place, true), { class: "small" })),
      ),
    );
    showKeys();
  }

  step(by) {
    const atS = this.player.atS;
    const here = this.mark >= 0 && Math.abs(this.marks[this.mark].at_s - atS) < 0.05 ? this.mark : null;
    const before = this.marks.findLastIndex((mark) => mark.at_s <= atS);
    const place = here !== null ? here + by : by > 0 ? before + 1 : before;
    if (!this.marks[place]) return tell(said.no_mark);
    tell([callTime(this.marks[place].at_s), markText(this.marks[place])].join(" "));
    return this.#goToMark(place, false);
  }

  #goToMark(place, play) {
    this.mark = place;
    if (this.player.loop) this.#setLoop(this.marks[place]);
    [...byId("marks").children].forEach((node, n) => setAttributes(node, { "data-current": n === place }));
    byId("marks").children[place].scrollIntoView({ block: "nearest" });
    this.goTo(this.marks[place].at_s, play);
  }

  loop() {
    if (this.player.loop) return this.#setLoop(null);
    const place = this.mark >= 0 ? this.mark : this.marks.findLastIndex((mark) => mark.at_s <= this.player.atS);
    if (!this.marks[place]) return tell(said.no_mark);
    this.mark = place;
    this.#setLoop(this.marks[place]);
    return this.goTo(this.marks[place].at_s, true);
  }

  #setLoop(mark) {
    this.player.loop = mark && { startS: mark.at_s, endS: Math.max(mark.end_s, mark.at_s + 1) };
    setAttributes(byId("loop"), { "aria-pressed": String(Boolean(mark)) });
    tell(mark ? say(said.looping, { name: markText(mark) }) : "");
  }
}

function markText({ kind, category, text, plain }) {
  const field = words.fields.find(([name]) => name === category)?.[1];
  const name = field ?? (category ? word(words.categories, category) : "");
  const reasons = { ...words.flag_ends, ...Object.fromEntries(words.dismissal_reasons), ...words.settled, ...words.handed_to };
  return say(said.marks[kind], { name, text: reasons[text] ?? text, plain });
}

start();
