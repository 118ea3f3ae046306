// The top of the page: whose call, for how long, what is heard and how well; the connection; the banner; notices.

import { bannerFlag, flagsInOrder } from "./card.js";
import { byId, el, home, icon, page, setAttributes, setText } from "./dom.js";
import { notUnderstood } from "./understood.js";
import { callTime, oneDecimal, quote, say, sayCount, word, words } from "./words.js";

const LEVEL_FLOOR_DB = -60;
const LEVEL_TOP_DB = -10;
const LEVEL_BARS = 6;
const BAD_SOURCE = new Set(["searching", "silent", "gap", "failed", "clipping", "late", "paused", "interrupted"]);
const NO_SOUND = new Set(["gap", "paused"]); // what the line was like before says nothing now

export function renderHeader({ call, desk }, connection) {
  const phase = !call ? "none" : call.ended ? "ended" : "live";
  setAttributes(page(), { "data-call": phase, "data-connection": connection });
  const cut = connection === "lost" || connection === "refused";
  const phases = isWalkIn(call) ? words.walk_in_phases : call?.sample ? words.sample_phases : words.call_phases;
  setText(byId("call-state-text"), cut ? words.not_connected : phases[phase]);
  byId("elapsed").hidden = cut;
  renderElapsed(call);
  setText(byId("sample-banner"), words.sample);
  byId("sample-banner").hidden = !(call?.sample ?? desk?.source_state === "sample");
  renderLine(call);
  renderSource(call, desk);
  setText(byId("connection"), connection === "open" ? "" : words.connections[connection]);
  document.title = title(call, cut ? words.not_connected : phases[phase]);
  if (home() !== document) home().title = document.title;
}

/** A card without a call: a client at the counter. */
const isWalkIn = (call) => call?.source === "walk-in";

/** Time since the call began: by the clock while it runs (it is this machine's), by the log once it has ended. */
export function renderElapsed(call) {
  setText(byId("elapsed"), call ? callTime(secondsOf(call)) : "");
}

function secondsOf(call) {
  if (call.ended) return call.ended.durationS;
  const byClock = call.startedAt === null ? 0 : (Date.now() - call.startedAt) / 1000;
  return Math.max(call.atS, byClock);
}

function title(call, state) {
  const flag = call && bannerFlag(flagsInOrder(call));
  const what = flag
    ? `${word(words.urgencies, flag.urgency).word.toUpperCase()}: ${word(words.categories, flag.category)}`
    : state;
  return `${call?.sample ? `${words.sample_short} · ` : ""}${what} · Voice Triage`;
}

function renderLine(call) {
  const line = NO_SOUND.has(call?.sourceState?.state) ? null : call?.line;
  byId("line").hidden = !line;
  if (!line) return;
  setAttributes(byId("line"), { "data-state": line.state });
  const share = (line.level_db - LEVEL_FLOOR_DB) / (LEVEL_TOP_DB - LEVEL_FLOOR_DB);
  setAttributes(byId("level"), { "data-bars": Math.max(0, Math.min(LEVEL_BARS, Math.round(share * LEVEL_BARS))) });
  setText(byId("line-text"), word(words.line_states, line.state));
}

function renderSource(call, desk) {
  const live = call && !call.ended;
  const heard = live && !isWalkIn(call);
  const state = heard ? call.sourceState?.state ?? "listening" : desk?.source_state ?? "";
  const name = heard ? call.source : desk?.source ?? "";
  const parts = [state && word(words.source_states, state), words.source_names[name] ?? name.split(/[\\/]/).at(-1)];
  setText(byId("source"), parts.filter(Boolean).join(" · "));
  setAttributes(byId("source"), { "data-bad": BAD_SOURCE.has(state), title: live ? call.sourceState?.detail : desk?.detail });
  const recognizer = desk?.recognizer_state ?? "";
  setText(byId("recognizer"), recognizer && word(words.recognizer_states, recognizer));
  setAttributes(byId("recognizer"), { "data-bad": recognizer === "failed" });
}

/**
 * At most one banner. A raised flag that nobody has acknowledged is announced; one that is only possible is shown,
 * hollow, and not announced; one that was seen and has no end yet is a quiet reminder.
 */
export function renderBanner({ call }) {
  const flags = call ? flagsInOrder(call) : [];
  const flag = bannerFlag(flags);
  const others = flags.filter(({ open }) => open).length - 1;
  const loud = flag?.state === "raised" && flag.acknowledged_at_s === null;
  fill(byId("alert"), loud ? flag : null, call, others);
  fill(byId("maybe"), loud ? null : flag, call, others);
}

function fill(place, flag, call, others) {
  const state = !flag ? "" : flag.state === "raised" && flag.acknowledged_at_s !== null ? "acknowledged" : flag.state;
  const shown = flag ? [flag.key, flag.urgency, state, flag.evidence, others, Boolean(call.ended)].join("\n") : "";
  if ((place.dataset.shown ?? "") === shown) return;
  place.dataset.shown = shown;
  if (!flag) return place.replaceChildren();
  const name = word(words.categories, flag.category);
  const says = {
    provisional: words.flag_states.provisional,
    acknowledged: call.ended ? words.no_end : words.seen,
    raised: words.urgencies[flag.urgency].action,
  };
  place.replaceChildren(
    el(
      "div",
      { class: "banner", "data-urgency": flag.urgency, "data-state": state },
      icon(state === "provisional" ? "provisional" : flag.urgency),
      el(
        "div",
        { class: "banner-text" },
        el("p", { class: "banner-action" }, says[state]),
        el("p", { class: "banner-what" }, el("strong", {}, name), flag.evidence && ` ${quote(flag.evidence)}`),
      ),
      call.sample ? el("p", { class: "banner-more" }, words.sample_short) : null,
      others > 0 ? el("p", { class: "banner-more" }, sayCount(words.more_flags, others)) : null,
    ),
  );
}

/** Problems the CSR has to know of, each with what to do. */
export function renderNotices({ call, desk }) {
  const notices = [];
  if (call && desk?.recognizer_state === "failed") {
    notices.push({ what: `${words.recognizer_states.failed}.`, advice: `${words.recognizer_failed} ${desk.detail}`.trim() });
  }
  for (const failure of call?.failures ?? []) {
    if (!failure.over) notices.push({ what: say(words.stage_failed, { stage: word(words.stages, failure.stage) }), advice: failure.advice });
  }
  const source = call && !call.ended ? call.sourceState : null;
  if (source && BAD_SOURCE.has(source.state)) {
    notices.push({ what: `${word(words.source_states, source.state)}.`, advice: source.detail });
  }
  const doubt = call && !call.ended ? notUnderstood(call) : null;
  if (doubt) notices.push({ what: `${words.not_understood.heading}.`, advice: doubt, kind: "not-understood" });
  const gap = call?.gaps.at(-1);
  if (gap) {
    const missing = call.gaps.reduce((sum, each) => sum + each.duration_s, 0);
    notices.push({
      what: `${say(words.gap, { seconds: oneDecimal(missing) })}.`,
      advice: say(words.gap_advice, { time: callTime(gap.start_s) }),
    });
  }
  if (call?.ended && call.ended.reason === null) notices.push({ what: words.unheard_end, advice: "" });
  if (call?.forgotten) notices.push({ what: say(words.forgotten, { n: call.forgotten }), advice: "" });
  const place = byId("notices");
  const shown = JSON.stringify(notices);
  if (place.dataset.shown === shown) return;
  place.dataset.shown = shown;
  place.replaceChildren(
    ...notices.map(({ what, advice, kind }) => el("p", { class: "notice", "data-kind": kind }, icon("notice"), el("span", {}, el("strong", {}, what), ` ${advice}`))),
  );
}

/** The page before the first call: what the desk is doing. */
export function renderWaiting({ call, desk }) {
  byId("waiting").hidden = Boolean(call);
  for (const id of ["flags-section", "patient-section", "questions-section"]) byId(id).hidden = !call;
  byId("transcript-section").hidden = !call || isWalkIn(call); // nobody is listening at the counter
  if (call) return;
  const state = !desk
    ? "connecting"
    : desk.recognizer_state === "failed"
      ? "recognizer_failed"
      : desk.source_state === "failed" || desk.source_state === "searching"
        ? desk.source_state
        : desk.recognizer_state === "starting"
          ? "starting"
          : "waiting";
  setAttributes(byId("waiting"), { "data-state": state });
  setText(byId("waiting-heading"), words.waiting[state].heading);
  const [own, general] = [desk?.detail ?? "", words.waiting[state].detail];
  const failed = state === "failed" || state === "recognizer_failed";
  setText(byId("waiting-detail"), failed ? `${general} ${own}`.trim() : own || general);
}
