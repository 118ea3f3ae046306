// What the page says: handed over by the template, written in voice_triage/console/wording.py.

export const words = JSON.parse(document.getElementById("words").textContent);

/** A template sentence with its {names} filled in. */
export function say(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

export function sayCount(forms, n) {
  const form = new Intl.PluralRules("en").select(n);
  return say(forms[form] ?? forms.other, { n: new Intl.NumberFormat(navigator.language).format(n) });
}

/** Words for a code; an unknown code is shown readably rather than hidden. */
export function word(table, code) {
  return table[code] ?? String(code).replaceAll("_", " ");
}

const quoteMarks = ["“", "”"];
export const quote = (text) => quoteMarks[0] + text + quoteMarks[1];

/** Call time as 1:04 or 1:02:03. */
export function callTime(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n) => String(n).padStart(2, "0");
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** The time of day as the user's own locale writes it. */
export function timeOfDay(milliseconds) {
  return new Intl.DateTimeFormat(navigator.language, { timeStyle: "short" }).format(milliseconds);
}

export function oneDecimal(value) {
  return new Intl.NumberFormat(navigator.language, { maximumFractionDigits: 1 }).format(value);
}
