// Wires the stream to the call's model and the model to the page.

import { startActions } from "./actions.js";
import { CallModel } from "./call.js";
import { refreshClinic } from "./clinic.js";
import { flagsInOrder } from "./card.js";
import { renderConsent, startConsent } from "./consent_view.js";
import { renderCommands, startCommands } from "./commands_view.js";
import { page } from "./dom.js";
import { renderEarlier } from "./earlier_view.js";
import { hear } from "./evidence.js";
import { currentFlag, markCurrent, renderFlags, startFlags } from "./flags_view.js";
import { startHandOff } from "./hand_off_view.js";
import { renderBanner, renderElapsed, renderHeader, renderNotices, renderWaiting } from "./header_view.js";
import { listenIn, onKey } from "./keys.js";
import { startKeys } from "./keys_view.js";
import { renderLanes } from "./lanes_view.js";
import { renderNotes, startNotes } from "./notes_view.js";
import { notifyOf } from "./notify.js";
import { hearField, renderPatient, startPatient } from "./patient_view.js";
import { startPopOut } from "./popout.js";
import { renderQuestions, startQuestions } from "./questions_view.js";
import { startRaise } from "./raise_view.js";
import { stop, tell } from "./sound.js";
import { EventStream } from "./stream.js";
import { renderPartial, renderTranscript, startTranscript } from "./transcript_view.js";
import { lookAt, startView } from "./view.js";
import { words } from "./words.js";

const model = new CallModel();
let connection = "connecting";
let broken = false;

/** Draw each part, come what may: a part that fails is said to have failed, and the others go on. */
function draw(...parts) {
  for (const part of parts) {
    try {
      part(model);
    } catch (error) {
      broken = true;
      console.error(error);
    }
  }
  renderHeader(model, broken ? "broken" : connection);
  renderCommands(model, connection);
  renderConsent(model);
}

function render() {
  draw(
    renderBanner,
    renderFlags,
    renderEarlier,
    renderNotices,
    renderWaiting,
    renderPatient,
    renderLanes,
    renderQuestions,
    renderNotes,
    renderTranscript,
  );
  refreshClinic(model.call, render);
}

/** Ten times a second, however long the transcript is. */
function renderTentative() {
  draw(renderPartial, renderNotices); // the line may have changed, too
}

const stream = new EventStream({
  read(name, data) {
    const changed = model.read(name, data);
    if (changed === "all") render();
    else if (changed === "tentative") renderTentative();
    if (name === "card" && model.call) notifyOf(model.call, flagsInOrder(model.call));
  },
  state(next) {
    if (next === connection) return;
    connection = next;
    render();
  },
  lastId: () => model.lastId,
});

function startSound() {
  onKey("sound", () => {
    if (hearField()) return;
    const flag = currentFlag();
    if (flag?.evidence) hear(model.call, flag);
    else tell(words.sound.nothing);
  });
  addEventListener("pagehide", stop);
}

startActions(model);
startTranscript();
startCommands();
startConsent();
startFlags();
startPatient();
startQuestions();
startRaise();
startNotes();
startHandOff();
startKeys();
startSound();
startView();
startPopOut((target) => {
  lookAt(target);
  render();
});
listenIn(window);
page().addEventListener("focusin", markCurrent);
render();
stream.open();

setInterval(() => renderElapsed(model.call), 1000);
