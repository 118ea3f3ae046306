// Hear again what the client said: a stretch of the kept call's sound, also while the call goes on. Only the bytes of
// that stretch are asked for, so it makes no difference that the recording is still growing.

import { byId, setText } from "./dom.js";
import { callTime, say, words } from "./words.js";

const BEFORE_S = 0.25; // recognizers place words a little late and cut their ends
const AFTER_S = 0.35;
const HEADER_BYTES = 44;
const SAMPLE_BYTES = 2;

let playing = null; // {source, key}
let context = null;

/** Play from `startS` to `endS` of that call's side; where that cannot be, say why. The same stretch again: stop. */
export async function play(call, side, startS, endS) {
  const key = `${call.id} ${side} ${startS} ${endS}`;
  const same = playing?.key === key;
  stop();
  if (same) return;
  if (call.sample) return tell(words.sound.sample);
  const now = { key, source: null };
  playing = now;
  context ??= new AudioContext();
  try {
    const address = `/api/calls/${encodeURIComponent(call.id)}/${side}.wav`;
    const header = new DataView(await part(address, 0, HEADER_BYTES));
    const rate = header.getUint32(24, true);
    const first = Math.floor(Math.max(0, startS - BEFORE_S) * rate);
    const last = Math.ceil((endS + AFTER_S) * rate);
    const samples = new DataView(await part(address, HEADER_BYTES + first * SAMPLE_BYTES, HEADER_BYTES + last * SAMPLE_BYTES));
    if (playing !== now) return; // something else was asked for meanwhile
    await context.resume();
    start(now, samples, rate);
    tell(say(words.sound.playing, { time: callTime(startS) }));
  } catch (error) {
    if (playing === now) playing = null;
    tell(error instanceof Refusal ? error.message : words.sound.failed);
  }
}

function start(now, samples, rate) {
  const sound = context.createBuffer(1, Math.max(1, Math.floor(samples.byteLength / SAMPLE_BYTES)), rate);
  const channel = sound.getChannelData(0);
  for (let i = 0; i < channel.length && i * SAMPLE_BYTES + 1 < samples.byteLength; i += 1) {
    channel[i] = samples.getInt16(i * SAMPLE_BYTES, true) / 32768;
  }
  now.source = context.createBufferSource();
  now.source.buffer = sound;
  now.source.connect(context.destination);
  now.source.addEventListener("ended", () => {
    if (playing === now) stop();
  });
  now.source.start();
}

export function stop() {
  if (!playing) return;
  const { source } = playing;
  playing = null;
  source?.stop();
  tell("");
}

/** Why there is nothing to hear, in the server's words. */
class Refusal extends Error {}

async function part(address, first, end) {
  const answer = await fetch(address, { headers: { range: `bytes=${first}-${end - 1}` } });
  if (answer.ok) return answer.arrayBuffer();
  const reason = (await answer.json().catch(() => null))?.error;
  throw new Refusal(reason ?? words.sound.failed);
}

export function tell(text) {
  setText(byId("sound-answer"), text);
}
