// A lesson: the call is heard without its flags, the learner sets their own, and then the two are compared.

import { button, byId, el, setAttributes, setText } from "../dom.js";
import { listenIn, onKey, showKeys } from "../keys.js";
import { tell } from "../sound.js";
import { callTime, say, words } from "../words.js";
import { showComparison } from "./comparison.js";
import { HeardWords } from "./heard.js";
import { startKeysList } from "./keys_list.js";
import { Player, Silence } from "./player.js";
import { startSpeed } from "./speed.js";

const said = words.lesson;
const STEP_S = 5;
const END_S = 0.5; // so near its end a call has been heard
const HEAR_BEFORE_S = 1;
const id = byId("console").dataset.lesson;
const address = `/api/teaching/${encodeURIComponent(id)}`;
const answer = (text) => setText(byId("command-answer"), text);

async function start() {
  startKeysList();
  const reply = await fetch(address).catch(() => null);
  const lesson = await reply?.json().catch(() => null);
  if (!reply?.ok) return tell(lesson?.detail ?? words.review.failed);
  const page = new Lesson(lesson);
  listenIn(window);
  page.draw();
  document.documentElement.dataset.ready = "yes";
  return undefined;
}

class Lesson {
  constructor(lesson) {
    this.durationS = lesson.duration_s;
    const turned = () => this.turned();
    this.player = lesson.sides.length ? new Player(address, lesson.sides, this.durationS, turned) : new Silence(this.durationS, turned);
    this.heard = new HeardWords(lesson);
    this.heardS = 0; // the furthest: who goes back and hears it again decides no sooner
    this.flags = []; // {category, at_s}, as they were set
    this.sure = false;
    this.ended = false;
    this.frame = 0;
    setText(byId("title"), lesson.title || said.untitled);
    setText(byId("facts"), new Intl.DateTimeFormat(navigator.language, { dateStyle: "long" }).format(Date.parse(lesson.started_at)));
    this.#controls();
    if (!lesson.sides.length) tell(said.no_sound);
  }

  get over() {
    return this.heardS >= this.durationS - END_S;
  }

  // --- sound -----------------------------------------------------------------------------------------------------------

  turned() {
    const { playing } = this.player;
    setText(byId("play-text"), playing ? words.review.stop : words.review.play);
    cancelAnimationFrame(this.frame);
    if (playing) this.frame = requestAnimationFrame(() => this.tick());
    else this.draw();
    if (!playing && this.over && !this.ended) answer(said.over);
  }

  tick() {
    this.player.keep();
    this.draw();
    if (this.player.playing) this.frame = requestAnimationFrame(() => this.tick());
  }

  draw() {
    const atS = this.player.atS;
    this.heardS = Math.max(this.heardS, atS);
    this.heard.upTo(this.ended ? Infinity : this.heardS);
    setText(byId("clock"), `${callTime(atS)} / ${callTime(this.durationS)}`);
  }

  toggle() {
    this.sure = false;
    return this.player.playing ? this.player.stop() : this.player.play();
  }

  // --- the learner's flags ---------------------------------------------------------------------------------------------

  flag(category) {
    if (this.ended) return answer(said.ended);
    this.draw();
    if (!this.heardS) return answer(said.play_first);
    this.flags.push({ category, at_s: Math.round(this.heardS * 1000) / 1000 });
    this.#list();
    return answer(say(said.flagged, { time: callTime(this.heardS), name: words.categories[category] }));
  }

  takeBack(place) {
    if (this.ended) return answer(said.ended);
    const [gone] = place < 0 ? [] : this.flags.splice(place, 1);
    if (!gone) return answer(said.nothing_back);
    this.#list();
    return answer(say(said.taken_back, { name: words.categories[gone.category] }));
  }

  #list() {
    setText(byId("none-yet"), said.none_yet);
    byId("none-yet").hidden = this.flags.length > 0;
    byId("yours").replaceChildren(
      ...this.flags.map(({ category, at_s: atS }, place) => {
        const name = say(said.yours, { time: callTime(atS), name: words.categories[category] });
        const back = () => {
          this.takeBack(place);
          (byId("yours").querySelector("button") ?? byId("undo")).focus();
        };
        return el("li", {}, el("span", {}, name), !this.ended && button(said.take_back, back, { class: "small", "aria-label": `${said.take_back}: ${name}` }));
      }),
    );
  }

  // --- the end ---------------------------------------------------------------------------------------------------------

  async end() {
    if (this.ended) return answer(said.ended);
    if (!this.over && !this.sure) {
      this.sure = true;
      return answer(said.not_over);
    }
    this.player.stop();
    const reply = await fetch(address, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ finished: true, flags: this.flags }),
    }).catch(() => null);
    const told = await reply?.json().catch(() => null);
    if (!reply?.ok) return answer(typeof told?.detail === "string" ? told.detail : said.failed);
    this.ended = true;
    this.draw();
    this.#list();
    byId("flag-now").parentElement.hidden = true;
    for (const name of ["undo", "end"]) byId(name).disabled = true;
    answer("");
    return showComparison(told, (startS) => {
      this.player.seek(startS - HEAR_BEFORE_S);
      if (!this.player.playing) this.player.play();
    });
  }

  #controls() {
    startSpeed(this.player);
    const back = () => {
      this.player.seek(this.player.atS - STEP_S);
      this.draw();
    };
    const undo = () => this.takeBack(this.flags.length - 1);
    const does = { play: () => this.toggle(), back, undo, end: () => this.end(), queue: () => location.assign("/teaching") };
    for (const [name, run] of Object.entries(does)) onKey(`review-${name}`, run);
    for (const name of ["play", "back", "undo", "end"]) byId(name).addEventListener("click", does[name]);
    byId("print").addEventListener("click", () => print());
    byId("flag-now").replaceChildren(
      ...words.category_order.map((category) => {
        onKey(`review-flag-${category}`, () => this.flag(category));
        return el("li", {}, button(words.categories[category], () => this.flag(category), { key: `review-flag-${category}` }));
      }),
    );
    this.#list();
    showKeys();
    setAttributes(byId("clock"), { role: "timer", "aria-live": "off" });
    addEventListener("pagehide", () => this.player.stop());
  }
}

start();
