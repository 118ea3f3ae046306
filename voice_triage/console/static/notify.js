// A desktop notification of a new red flag while the page is behind other windows: its heading, never the client's words.

import { button, byId, el } from "./dom.js";
import { keep, kept } from "./kept.js";
import { isOut } from "./popout.js";
import { say, word, words } from "./words.js";

const told = new Set(); // "call category" of what was notified

/** Notify of raised red flags of a running call that were not there when this was last asked. */
export function notifyOf(call, flags) {
  for (const flag of flags) {
    const key = `${call.id} ${flag.key}`;
    if (flag.urgency !== "red" || flag.state !== "raised" || told.has(key)) continue;
    told.add(key);
    if (!call.ended && wanted() && !isOut() && !document.hasFocus()) tell(flag);
  }
}

function tell(flag) {
  const heading = say(words.notifying.title, { urgency: words.urgencies[flag.urgency].word, category: word(words.categories, flag.category) });
  const notification = new Notification(heading, { body: words.notifying.body, tag: "voice-triage", silent: true, icon: "/static/icon.svg" });
  notification.addEventListener("click", () => {
    window.focus();
    notification.close();
  });
}

const possible = () => "Notification" in window;
const wanted = () => possible() && Notification.permission === "granted" && kept("notifications") !== "off";

/** The part of the list of keys that switches notifications; asks the browser only when the button is pressed. */
export function renderNotifying() {
  const place = byId("notifying");
  if (!possible()) {
    place.hidden = true;
    return;
  }
  const said = words.notifying;
  const on = wanted();
  const refused = Notification.permission === "denied";
  place.replaceChildren(
    el("h3", {}, said.heading),
    el("p", {}, said.about),
    el("p", { role: "status" }, on ? said.on : refused ? said.refused : ""),
    ...(refused ? [] : [button(on ? said.off : said.allow, on ? switchOff : allow)]),
  );
}

async function allow() {
  keep("notifications", "on");
  await Notification.requestPermission();
  redraw();
}

function switchOff() {
  keep("notifications", "off");
  redraw();
}

function redraw() {
  renderNotifying();
  byId("notifying").querySelector("button")?.focus();
}
