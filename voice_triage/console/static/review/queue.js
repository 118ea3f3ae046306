// The supervisor's queue: filters, one page of calls from the server, and the keys to go through it.

import { byId, el, focused, setText } from "../dom.js";
import { listenIn, onKey } from "../keys.js";
import { callTime, say, sayCount, word, words } from "../words.js";
import { startKeysList } from "./keys_list.js";

const said = words.review;
const TYPING_MS = 250; // so long after the last letter the search is made
const when = new Intl.DateTimeFormat(navigator.language, { weekday: "short", month: "short", day: "numeric", hour: "numeric", minute: "2-digit" });

const form = byId("filters");
let page = 0;
let pages = 1;
let newest = 0; // of several questions, only the last one's answer counts
let typing = 0;

function startFilters() {
  options("which", said.which);
  options("category", [["", said.any], ...words.category_order.map((name) => [name, words.categories[name]])]);
  options("disposition", [["", said.any], ...Object.entries(said.dispositions)]);
  options("quality", [["", said.any], ...Object.entries(said.qualities)]);
  options("csr", [["any", said.any]]);
  for (const [name, value] of new URLSearchParams(location.search)) {
    if (name === "page") page = Number(value) || 0;
    else if (name === "csr") options("csr", [["any", said.any], [value, value]]).value = value;
    else if (form.elements[name]) form.elements[name].value = value;
  }
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", () => look(0));
  form.addEventListener("reset", () => setTimeout(() => look(0)));
  form.elements.words.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(() => look(0), TYPING_MS);
  });
}

function options(name, rows) {
  const select = form.elements[name];
  const before = select.value;
  select.replaceChildren(...rows.map(([value, text]) => el("option", { value }, text)));
  if (rows.some(([value]) => value === before)) select.value = before;
  return select;
}

/** What is asked for, as the address and the server have it; days are this browser's. */
function wanted(forServer) {
  const asked = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (name === "csr" ? value === "any" : !value) continue;
    if (forServer && name === "since") asked.set(name, day(value, 0));
    else if (forServer && name === "until") asked.set(name, day(value, 1));
    else asked.set(name, value);
  }
  if (page) asked.set("page", String(page));
  return asked;
}

function day(value, later) {
  const [year, month, date] = value.split("-").map(Number);
  return new Date(year, month - 1, date + later).toISOString();
}

async function look(at) {
  clearTimeout(typing);
  page = at;
  newest += 1;
  const mine = newest;
  history.replaceState(null, "", `/review?${wanted(false)}`);
  const answer = await fetch(`/api/review/calls?${wanted(true)}`).catch(() => null);
  if (mine !== newest) return;
  if (!answer?.ok) return setText(byId("count"), said.failed);
  const told = await answer.json();
  if (mine === newest) show(told);
}

function show(told) {
  pages = Math.max(1, told.pages);
  const { reviewed, of } = told.in_filter;
  setText(byId("week"), say(said.week, { n: told.this_week.reviewed, of: told.this_week.of }));
  setText(byId("in-filter"), say(said.filter, { n: reviewed, of }));
  const csrs = told.csrs.map((name) => [name, name || said.no_csr]);
  options("csr", [["any", said.any], ...csrs]);
  const unread = told.unread ? ` ${say(said.unread, { n: told.unread })}` : "";
  setText(byId("count"), (told.count ? sayCount(said.count, told.count) : said.none) + unread);
  const had = byId("queue").contains(focused());
  byId("queue").replaceChildren(...told.calls.map(row));
  byId("pager").hidden = pages < 2;
  setText(byId("page-number"), say(said.page, { n: page + 1, of: pages }));
  byId("page-back").disabled = page === 0;
  byId("page-on").disabled = page + 1 >= pages;
  if (had) byId("queue").querySelector("a")?.focus();
  document.documentElement.dataset.ready = "yes";
}

function row(call) {
  const flags = call.flags.map(flag);
  const facts = [
    call.csr || null,
    said.qualities[call.quality],
    call.interrupted && said.interrupted,
    call.misses > 0 && sayCount(said.misses, call.misses),
    call.teaching !== null && said.teaching,
    call.reviewed_at_s === null ? said.not_reviewed : say(said.reviewed_by, { name: call.reviewed_by }),
  ].filter(Boolean);
  const started = new Date(call.started_at);
  return el(
    "li",
    { "data-call": call.call, "data-reviewed": call.reviewed_at_s !== null },
    el(
      "a",
      { href: `/review/calls/${encodeURIComponent(call.call)}` },
      el("time", { datetime: call.started_at }, when.format(started)),
      " ",
      el("span", { class: "length" }, call.duration_s === null ? "" : callTime(call.duration_s)),
      " ",
      el("strong", {}, call.patient.join(", ") || said.no_name),
    ),
    el("ul", { class: "line-flags" }, ...(flags.length ? flags : [el("li", {}, said.no_flags)])),
    el("p", { class: "line-facts" }, facts.join(" · ")),
  );
}

function flag({ category, urgency, withdrawn, end, verdict, by_hand: byHand }) {
  const rest = [
    withdrawn && said.withdrawn,
    byHand && said.by_hand,
    end ? word(words.flag_ends, end) : !withdrawn && said.no_end,
    verdict && word(said.verdicts, verdict),
  ].filter(Boolean);
  const name = `${word(words.urgencies, urgency).word}: ${word(words.categories, category)}`;
  return el("li", { "data-urgency": withdrawn ? "none" : urgency, "data-verdict": verdict }, `${name} (${rest.join(", ")})`);
}

function step(by) {
  const links = [...byId("queue").querySelectorAll("a")];
  const here = links.indexOf(focused());
  links[Math.max(0, Math.min(links.length - 1, here + by))]?.focus();
}

startFilters();
startKeysList();
onKey("review-next", () => step(1));
onKey("review-previous", () => step(-1));
onKey("review-search", () => form.elements.words.focus());
const turn = (by) => page + by >= 0 && page + by < pages && look(page + by);
onKey("review-page-on", () => turn(1));
onKey("review-page-back", () => turn(-1));
byId("page-on").addEventListener("click", () => turn(1));
byId("page-back").addEventListener("click", () => turn(-1));
byId("queue").addEventListener("keydown", (event) => {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!by) return;
  event.preventDefault();
  step(by);
});
listenIn(window);
look(page);
