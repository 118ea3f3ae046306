// The lexicon's page: a trial begun, followed and stopped; a version put in force or taken back. The page itself is
// made by the server, and asked for anew when something has changed.

const PATH = "/api/review/lexicon";
const LOOK_EVERY_MS = 1000;
const answer = document.getElementById("answer");

function say(text) {
  answer.textContent = text;
  answer.hidden = !text;
}

async function ask(what, content) {
  say("");
  const response = await fetch(`${PATH}/${what}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(content),
  });
  if (response.ok) return true;
  const told = await response.json().catch(() => ({}));
  say(typeof told.detail === "string" ? told.detail : "That did not work. Try again.");
  return false;
}

function contentOf(button) {
  if (button.dataset.do === "use") return { hash: button.dataset.with };
  if (button.dataset.do !== "try") return {};
  const newest = document.getElementById("newest").value;
  return { draft: document.getElementById("draft").value, newest: newest ? Number(newest) : null };
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-do]");
  if (!button || button.disabled) return;
  if (button.dataset.ask && !window.confirm(button.dataset.ask)) return;
  button.disabled = true;
  try {
    if (await ask(button.dataset.do, contentOf(button))) location.reload();
  } catch {
    say("The product does not answer. Is it still running?");
  } finally {
    button.disabled = false;
  }
});

async function look() {
  const response = await fetch(PATH);
  if (!response.ok) return location.reload();
  const { running, read, calls } = await response.json();
  if (!running) return location.reload();
  const bar = document.getElementById("progress");
  bar.max = calls || 1;
  bar.value = read;
  document.getElementById("progress-text").textContent = `${read} of ${calls}`;
  return undefined;
}

if (document.getElementById("running")) {
  setInterval(() => look().catch(() => say("The product does not answer. Is it still running?")), LOOK_EVERY_MS);
}
