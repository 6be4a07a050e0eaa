// Keys for the whole site. Never inside a field, never with Ctrl, Alt or Cmd held.

const CHORD_MS = 1200;
let chordStarted = 0;

function isTyping(target) {
  return target.isContentEditable || target.matches("input:not([type=checkbox], [type=radio]), textarea, select");
}

function items() {
  return [...document.querySelectorAll("[data-nav-item]")].filter((item) => item.checkVisibility());
}

function currentItem() {
  return document.querySelector("[data-nav-item][data-current]");
}

function move(step) {
  const all = items();
  if (!all.length) return;
  const from = all.indexOf(currentItem());
  const to = from < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, from + step));
  for (const item of all) delete item.dataset.current;
  all[to].dataset.current = "";
  all[to].querySelector("a[href]")?.focus();
  all[to].scrollIntoView({ block: "nearest" });
}

function openKeys() {
  const dialog = document.getElementById("keys");
  if (dialog && !dialog.open) dialog.showModal();
}

const actions = {
  "/": () => {
    const boxes = [...document.querySelectorAll("[data-key-search]")];
    const box = boxes.find((field) => field.checkVisibility({ visibilityProperty: true }));
    box?.focus();
    box?.select();
  },
  "?": openKeys,
  j: () => move(1),
  k: () => move(-1),
  x: () => currentItem()?.querySelector("input[type=checkbox]")?.click(),
  c: () => document.querySelector("[data-tray][data-open] [data-tray-go]")?.click(),
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
  if (event.key === "h" && Date.now() - chordStarted < CHORD_MS) {
    chordStarted = 0;
    document.querySelector("[data-key-home]")?.click();
    return;
  }
  chordStarted = event.key === "g" ? Date.now() : 0;
  const action = Object.hasOwn(actions, event.key) ? actions[event.key] : null;
  if (!action) return;
  event.preventDefault();
  action();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-open-keys]")) openKeys();
});

// Whoever tabs or clicks into an item has moved there.
document.addEventListener("focusin", (event) => {
  const item = event.target.closest("[data-nav-item]");
  if (!item) return;
  for (const other of document.querySelectorAll("[data-nav-item][data-current]")) delete other.dataset.current;
  item.dataset.current = "";
});
