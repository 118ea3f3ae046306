// The page in a window of its own that stays in front of other programs (Document Picture-in-Picture), where the
// browser has that. The whole page moves there and back; this tab keeps the connection.

import { byId, page, setText } from "./dom.js";
import { listenIn, onKey } from "./keys.js";
import { words } from "./words.js";

const SIZE = { width: 420, height: 760 };

let front = null; // the window in front, while it is open

export const isPossible = () => "documentPictureInPicture" in window;
export const isOut = () => front !== null;

/** `moved` is called after the page has come to another window. */
export function startPopOut(moved) {
  onKey("pop-out", () => (front ? front.close() : open(moved)));
  setText(document.getElementById("elsewhere-text"), words.pop_out.elsewhere);
  const back = document.getElementById("elsewhere-back");
  setText(back, words.pop_out.back);
  back.addEventListener("click", () => front?.close());
}

async function open(moved) {
  if (!isPossible()) return;
  let opened;
  try {
    opened = await documentPictureInPicture.requestWindow(SIZE);
  } catch {
    setText(byId("command-answer"), words.pop_out.refused);
    return;
  }
  front = opened;
  const { document: there } = front;
  there.documentElement.lang = document.documentElement.lang;
  there.title = document.title;
  for (const sheet of document.querySelectorAll('link[rel="stylesheet"], meta[name="color-scheme"]')) there.head.append(sheet.cloneNode());
  there.body.append(page());
  document.getElementById("elsewhere").hidden = false;
  listenIn(front);
  front.addEventListener("pagehide", () => comeBack(moved), { once: true });
  moved(front);
}

function comeBack(moved) {
  front = null;
  document.getElementById("elsewhere").hidden = true;
  document.body.prepend(page());
  moved(window);
}
