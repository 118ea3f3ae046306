// Building the page. Text goes in as text nodes only: a transcript may hold anything, markup included.

const SVG = "http://www.w3.org/2000/svg";

export const byId = (id) => document.getElementById(id);

/** An element with attributes (false, null and undefined leave one out) and children (strings become text). */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  setAttributes(node, attributes);
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
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
  const focused = document.activeElement;
  let next = parent.firstChild;
  for (const node of nodes) {
    if (node === next) next = next.nextSibling;
    else parent.insertBefore(node, next);
  }
  while (next) {
    const gone = next;
    next = next.nextSibling;
    gone.remove();
  }
  if (focused && focused !== document.activeElement && parent.contains(focused)) {
    focused.focus({ preventScroll: true });
  }
}

/** A link inside the page that shows what it points to; `find` is asked when it is followed. */
export function linkTo(href, find, attributes, ...children) {
  const link = el("a", { href: `#${href}`, ...attributes }, ...children);
  link.addEventListener("click", (event) => {
    event.preventDefault(); // the address stays as it is, so that Back leaves the page
    show(find());
  });
  return link;
}

/** Bring `node` into view and light it up for a moment. The focus follows, because a person asked for it. */
export function show(node) {
  if (!node) return;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  node.scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });
  node.focus({ preventScroll: true });
  for (const before of document.querySelectorAll(".shown")) before.classList.remove("shown");
  void node.offsetWidth; // restarts the animation
  node.classList.add("shown");
}
