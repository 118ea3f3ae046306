// Wires the stream to the call's model and the model to the page.

import { CallModel } from "./call.js";
import { renderCommands, startCommands } from "./commands_view.js";
import { renderFlags } from "./flags_view.js";
import { renderBanner, renderElapsed, renderHeader, renderNotices, renderWaiting } from "./header_view.js";
import { renderPatient } from "./patient_view.js";
import { EventStream } from "./stream.js";
import { renderPartial, renderTranscript, startTranscript } from "./transcript_view.js";

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
}

function render() {
  draw(renderBanner, renderFlags, renderNotices, renderWaiting, renderPatient, renderTranscript);
}

/** Ten times a second, however long the transcript is. */
function renderTentative() {
  draw(renderPartial);
}

const stream = new EventStream({
  read(name, data) {
    const changed = model.read(name, data);
    if (changed === "all") render();
    else if (changed === "tentative") renderTentative();
  },
  state(next) {
    if (next === connection) return;
    connection = next;
    render();
  },
  lastId: () => model.lastId,
});

startTranscript();
startCommands();
render();
stream.open();
setInterval(() => renderElapsed(model.call), 1000);
