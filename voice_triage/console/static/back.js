// The page at the back of the house: follows the board's stream and shows each hand-off as it was written.

const words = JSON.parse(document.getElementById("words").textContent);
const SILENCE_MS = 13000; // more than two beats without a word: cut off, whatever the browser thinks
const time = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });

const place = document.getElementById("handed");
const closed = new Set(); // notes that somebody folded away stay so
const versions = new Map();
let stream = null;
let lastNews = 0;

function state(name) {
  document.body.dataset.connection = name;
  const line = document.getElementById("connection");
  if (line.textContent !== words.back[name]) line.textContent = words.back[name];
}

function open() {
  stream?.close();
  lastNews = Date.now();
  stream = new EventSource("/api/back/events");
  stream.addEventListener("server", (event) => {
    if (JSON.parse(event.data).assets !== document.documentElement.dataset.assets) location.reload();
  });
  for (const name of ["board", "beat", "bye"]) {
    stream.addEventListener(name, (event) => {
      lastNews = Date.now();
      state(name === "bye" ? "lost" : "open");
      if (name === "board") show(JSON.parse(event.data).calls);
    });
  }
  stream.addEventListener("error", () => {
    state("lost");
    leaveIfSignedOut();
  });
}

/** Whose session has ended is led to the sign-in; a server that does not answer is waited for. */
async function leaveIfSignedOut() {
  try {
    const answer = await fetch("/api/back", { redirect: "manual" });
    if (answer.status === 403) location.reload();
  } catch {
    // not reachable: the line says so already
  }
}

/** Entries that have not changed stay as they are: nothing moves under a reader's eyes, and focus stays where it is. */
function show(calls) {
  document.getElementById("none").hidden = calls.length > 0;
  const before = new Map([...place.children].map((item) => [item.dataset.call, item]));
  const items = calls.map((card) => {
    const version = JSON.stringify([card.handed_off, card.flags, card.fields, card.undo]);
    const known = before.get(card.call);
    if (known && versions.get(card.call) === version) return known;
    versions.set(card.call, version);
    return entry(card);
  });
  items.forEach((item, index) => {
    if (place.children[index] !== item) place.insertBefore(item, place.children[index] ?? null);
  });
  while (place.children.length > items.length) place.lastElementChild.remove();
}

const el = (tag, text, attributes = {}) => {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
};

function entry(card) {
  const given = card.handed_off.at(-1);
  const urgency = card.flags.some((flag) => flag.open && flag.urgency === "red") ? "red" : "none";
  const item = el("li", undefined, { "data-call": card.call, "data-urgency": urgency });
  item.append(el("h2", title(card)), el("p", when(card, given)));
  for (const flag of card.flags.filter((each) => each.open)) item.append(el("p", flagLine(flag), { class: "open-flag" }));
  const details = el("details");
  details.open = !closed.has(card.call);
  details.addEventListener("toggle", () => (details.open ? closed.delete(card.call) : closed.add(card.call)));
  details.append(el("summary", words.back.note), el("pre", given.note));
  item.append(details);
  if (card.undo && card.undo.sequence > given.sequence) item.append(el("p", words.back.changed));
  return item;
}

function title(card) {
  const front = card.pets[0].pet;
  const value = (name) => {
    const field = card.fields.find((each) => each.field === name && each.pet === front);
    return field && field.state !== "rejected" && field.state !== "unknown" ? field.plain : "";
  };
  const known = [value("pet_name"), value("species"), value("age")].filter(Boolean).join(", ");
  const title = known || words.back.no_name;
  return card.sample ? `${words.sample_short}: ${title}` : title;
}

function when(card, given) {
  const at = new Date(Date.parse(card.started_at) + given.at_s * 1000);
  return words.back.handed.replace("{to}", words.back.to[given.to]).replace("{time}", time.format(at));
}

const flagLine = (flag) =>
  words.back.flag.replace("{urgency}", words.urgencies[flag.urgency].word).replace("{category}", words.categories[flag.category]);

addEventListener("pagehide", () => stream?.close());
addEventListener("pageshow", (event) => event.persisted && open());
setInterval(() => {
  if (Date.now() - lastNews > SILENCE_MS) {
    state("lost");
    open();
  }
}, 2000);
open();
