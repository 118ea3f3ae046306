// Building the page. Text goes in as text nodes only: a transcript may hold anything, markup included.

const SVG = "http://www.w3.org/2000/svg";

/** Everything shown; it moves as a whole into the window in front and back (popout.js). */
const all = document.getElementById("console");

/** The document that the page is in now: this tab's, or that of the window in front. */
export const home = () => all.ownerDocument;
export const page = () => all;
export const byId = (id) => home().getElementById(id);
export const find = (selector) => all.querySelector(selector);
export const findAll = (selector) => all.querySelectorAll(selector);
export const focused = () => home().activeElement;

/** An element with attributes (false, null and undefined leave one out) and children (strings become text). */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  setAttributes(node, attributes);
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== "" && child !== false));
  return node;
}

/** A button that does `run`; `keyName` shows the key that does the same (keys.js keeps it right). */
export function button(label, run, { key, ...attributes } = {}) {
  const node = el("button", { type: "button", "data-key": key, ...attributes }, label, key && el("kbd", { "aria-hidden": "true" }));
  node.addEventListener("click", (event) => {
    event.stopPropagation();
    run(node);
  });
  return node;
}

export function setAttributes(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) node.removeAttribute(name);
    else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value === true ? "" : String(value));
  }
}

/** Change a node's text only if it differs, so that live regions speak only when something is new. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** One of the template's icons; what it means is always said in words beside it. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  return svg;
}

/** Make `parent` hold exactly `nodes`, in order, moving as few as possible and keeping the focus where it was. */
export function arrange(parent, nodes) {
  const before = focused();
  const wanted = new Set(nodes);
  for (const child of [...parent.childNodes]) if (!wanted.has(child)) child.remove();
  let next = parent.firstChild;
  for (const node of nodes) {
    if (node === next) next = next.nextSibling;
    else parent.insertBefore(node, next);
  }
  if (before && before !== focused() && parent.contains(before)) before.focus({ preventScroll: true });
}

/** Replace what `node` holds; where the focus was on something with a data-part, it goes to its successor. */
export function refill(node, children) {
  const part = node.contains(focused()) ? focused().dataset.part : null;
  node.replaceChildren(...children.filter(Boolean));
  if (part) node.querySelector(`[data-part="${CSS.escape(part)}"]`)?.focus({ preventScroll: true });
}

/** A link inside the page that does `run` and leaves the address, and Back, as they are. */
export function linkTo(href, run, attributes, ...children) {
  const link = el("a", { href: `#${href}`, ...attributes }, ...children);
  link.addEventListener("click", (event) => {
    event.preventDefault();
    event.stopPropagation();
    run();
  });
  return link;
}

/** Bring `node` into view and light it up for a moment. The focus stays where it is. */
export function show(node) {
  if (!node) return;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  node.scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
  for (const before of findAll(".shown")) before.classList.remove("shown");
  void node.offsetWidth; // restarts the animation
  node.classList.add("shown");
}

/** The same, and the focus goes there: only where a person asked to go. */
export function goTo(node) {
  if (!node) return;
  node.focus({ preventScroll: true });
  node.scrollIntoView({ block: "nearest" }); // after it: what has the focus may show more
}
