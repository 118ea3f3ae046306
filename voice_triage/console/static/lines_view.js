// What to say, whom to call, what to ask about a flag: the fixed lines, which the clinic's veterinarian signs.

import { act } from "./actions.js";
import { button, el } from "./dom.js";
import { quote, words } from "./words.js";

/** The part of a flag's card that holds them, or null. `clinic` is what clinicFor gives. */
export function flagLines(clinic) {
  if (!clinic) return null;
  const { line, ask, phones, rooms } = clinic;
  return el(
    "div",
    { class: "lines" },
    el(
      "p",
      { class: "line-to-say" },
      el("strong", {}, words.guidance.say_line),
      ` ${quote(line.text)} `,
      button(words.guidance.said_line, () => act("advice", { text: line.text, line: line.id }), { key: "said-line", class: "small", "data-part": "line" }),
    ),
    rooms.length > 0 && el("p", { class: "rooms-heading" }, el("strong", {}, words.guidance.rooms)),
    ...rooms.map(room),
    clinic.missingRooms && el("p", { class: "unsigned" }, words.guidance.no_rooms),
    ask.length > 0 && el("p", { class: "to-ask" }, el("strong", {}, words.guidance.ask_line), ` ${ask.join(" ")}`),
    ...phones.map((each) => el("p", { class: "phone" }, el("strong", {}, each.name), ` ${each.phone}`, each.note && ` · ${each.note}`)),
    clinic.unsigned && el("p", { class: "unsigned" }, words.guidance.not_signed),
    clinic.problem && el("p", { class: "unsigned" }, clinic.problem),
  );
}

const room = ({ name, address, phone, hours, note }) =>
  el("p", { class: "room" }, el("strong", {}, name), ` ${[address, phone, hours, note].filter(Boolean).join(" · ")}`);
