// The waveform of both sides from stored peaks: the whole call, and the half minute around the place; marks on it.

import { byId } from "../dom.js";

const PEAK_S = 0.05;
const NEAR_S = 15; // on each side of the place
const LOUD = 4; // of 128: below it nobody speaks

const tints = { flag: "--red", missed: "--red", ended: "--good", acknowledged: "--good", gap: "--orange", failure: "--orange" };

export class Wave {
  constructor(durationS, seek) {
    this.durationS = Math.max(durationS, 1);
    this.sides = new Map(); // side -> Int8Array of pairs
    this.marks = [];
    this.colors = {};
    this.still = null; // the whole call, drawn once
    for (const canvas of [byId("whole"), byId("near")]) {
      canvas.addEventListener("click", (event) => seek(this.timeAt(canvas, event.offsetX)));
    }
    addEventListener("resize", () => this.fit());
    for (const query of ["(prefers-color-scheme: dark)", "(forced-colors: active)"]) {
      matchMedia(query).addEventListener("change", () => this.fit());
    }
    this.atS = 0;
    this.fit();
  }

  /** Peaks of one side as the server keeps them; false if it has none. */
  async load(call, side) {
    const answer = await fetch(`/api/review/calls/${encodeURIComponent(call)}/${side}.peaks`).catch(() => null);
    if (!answer?.ok) return false;
    this.sides.set(side, new Int8Array(await answer.arrayBuffer()));
    this.still = null;
    this.draw(this.atS);
    return true;
  }

  /** Stretches [start, end] in which a side is loud enough for speech, in order. */
  loud() {
    const stretches = [];
    const most = Math.max(0, ...[...this.sides.values()].map((peaks) => peaks.length / 2));
    for (let i = 0; i < most; i += 1) {
      if (![...this.sides.values()].some((peaks) => peaks[2 * i + 1] - peaks[2 * i] > LOUD)) continue;
      const last = stretches.at(-1);
      if (last && i * PEAK_S - last[1] < 0.3) last[1] = (i + 1) * PEAK_S;
      else stretches.push([i * PEAK_S, (i + 1) * PEAK_S]);
    }
    return stretches;
  }

  timeAt(canvas, x) {
    const share = x / canvas.clientWidth;
    return canvas.id === "whole" ? share * this.durationS : this.atS + (share * 2 - 1) * NEAR_S;
  }

  fit() {
    for (const canvas of [byId("whole"), byId("near")]) {
      const scale = devicePixelRatio || 1;
      canvas.width = Math.max(1, Math.round(canvas.clientWidth * scale));
      canvas.height = Math.round(canvas.clientHeight * scale);
    }
    const style = getComputedStyle(byId("whole"));
    const forced = matchMedia("(forced-colors: active)").matches;
    const color = (name) => (forced ? style.color : style.getPropertyValue(name).trim() || style.color);
    this.colors = Object.fromEntries(["--field", "--soft", "--red", "--orange", "--good", "--ink", "--edge"].map((name) => [name, color(name)]));
    this.still = null;
    this.draw(this.atS);
  }

  draw(atS) {
    this.atS = atS;
    const whole = byId("whole");
    if (!whole.width) return;
    this.still ??= this.#drawWhole(whole);
    const pen = whole.getContext("2d");
    pen.clearRect(0, 0, whole.width, whole.height);
    pen.drawImage(this.still, 0, 0);
    this.#place(pen, whole, (atS / this.durationS) * whole.width);
    const near = byId("near");
    const close = near.getContext("2d");
    close.clearRect(0, 0, near.width, near.height);
    this.#stretch(close, near, atS - NEAR_S, atS + NEAR_S);
    this.#place(close, near, near.width / 2);
  }

  #drawWhole(whole) {
    const still = new OffscreenCanvas(whole.width, whole.height);
    this.#stretch(still.getContext("2d"), still, 0, this.durationS);
    return still;
  }

  #stretch(pen, { width, height }, fromS, toS) {
    const perPixel = (toS - fromS) / width / PEAK_S;
    const sides = ["client", "own"];
    sides.forEach((side, lane) => {
      const peaks = this.sides.get(side);
      const middle = (height / sides.length) * (lane + 0.5);
      const half = height / sides.length / 2 - 2;
      pen.fillStyle = this.colors["--edge"];
      pen.fillRect(0, middle, width, 1);
      if (!peaks) return;
      pen.fillStyle = side === "client" ? this.colors["--field"] : this.colors["--soft"];
      for (let x = 0; x < width; x += 1) {
        const first = Math.floor(fromS / PEAK_S + x * perPixel);
        const last = Math.max(first + 1, Math.floor(fromS / PEAK_S + (x + 1) * perPixel));
        let [low, high] = [0, 0];
        for (let i = Math.max(0, first); i < last && 2 * i + 1 < peaks.length; i += 1) {
          low = Math.min(low, peaks[2 * i]);
          high = Math.max(high, peaks[2 * i + 1]);
        }
        // Louder than in proportion: telephone speech is quiet.
        const tall = (value) => Math.sqrt(Math.abs(value) / 128) * half;
        if (high > 0 || low < 0) pen.fillRect(x, middle - tall(high), 1, Math.max(1, tall(high) + tall(low)));
      }
    });
    for (const { kind, at_s: startS, end_s: endS } of this.marks) {
      const tint = tints[kind];
      if (!tint || endS < fromS || startS > toS) continue;
      const x = ((startS - fromS) / (toS - fromS)) * width;
      const wide = Math.max(2, ((endS - startS) / (toS - fromS)) * width);
      pen.fillStyle = this.colors[tint];
      pen.globalAlpha = kind === "gap" ? 0.35 : 1;
      if (kind === "gap") pen.fillRect(x, 0, wide, height);
      else pen.fillRect(x, 0, wide, Math.max(4, height / 10));
      pen.globalAlpha = 1;
    }
  }

  #place(pen, { height }, x) {
    pen.fillStyle = this.colors["--ink"];
    pen.fillRect(Math.round(x) - 1, 0, 2, height);
  }
}
