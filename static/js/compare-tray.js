// The tray of models to compare: kept in localStorage, shown at the bottom of every page.
//
// Page side: checkboxes with data-compare-box (value is the reference, data-label the name) and
// buttons or links with data-compare-add (the reference) and data-label.

const KEY = "compare";
const MOST = 12;
const tray = document.querySelector("[data-tray]");
const list = tray?.querySelector("[data-tray-list]");

function read() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    if (!Array.isArray(kept)) return [];
    return kept.filter((item) => typeof item?.ref === "string" && typeof item?.label === "string").slice(0, MOST);
  } catch {
    return memory;
  }
}

let memory = [];

function write(picked) {
  memory = picked;
  try {
    localStorage.setItem(KEY, JSON.stringify(picked));
  } catch {
    // Storage is off: the tray lives as long as the page.
  }
  show();
}

function announce(text) {
  const place = document.getElementById("announcer");
  if (place) place.textContent = text;
}

function add(ref, label) {
  const picked = read();
  if (picked.some((item) => item.ref === ref)) return true;
  if (picked.length >= MOST) {
    announce(`At most ${MOST} models can be compared. Remove one first.`);
    return false;
  }
  write([...picked, { ref, label }]);
  announce(`${label} added to the comparison, ${picked.length + 1} of at most ${MOST}.`);
  return true;
}

function remove(ref) {
  const picked = read();
  const gone = picked.find((item) => item.ref === ref);
  write(picked.filter((item) => item.ref !== ref));
  if (gone) announce(`${gone.label} removed from the comparison.`);
}

function chip({ ref, label }) {
  const row = document.createElement("li");
  const word = document.createElement("span");
  word.textContent = label;
  word.title = ref;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "×";
  button.setAttribute("aria-label", `Remove ${label} from the comparison`);
  button.addEventListener("click", () => {
    remove(ref);
    (list.querySelector("button") ?? document.getElementById("content"))?.focus();
  });
  row.append(word, button);
  return row;
}

function show() {
  if (!tray) return;
  const picked = read();
  const refs = new Set(picked.map((item) => item.ref));
  list.replaceChildren(...picked.map(chip));
  tray.toggleAttribute("data-open", picked.length > 0);
  const go = tray.querySelector("[data-tray-go]");
  go.textContent = picked.length > 1 ? `Compare ${picked.length}` : "Pick one more";
  go.setAttribute("aria-disabled", String(picked.length < 2));
  for (const box of document.querySelectorAll("[data-compare-box]")) box.checked = refs.has(box.value);
  for (const button of document.querySelectorAll("[data-compare-add]")) {
    const on = refs.has(button.dataset.compareAdd);
    if (button.matches("button")) button.setAttribute("aria-pressed", String(on));
    button.textContent = on ? "In comparison" : "Add to compare";
  }
}

function compareUrl(picked) {
  const query = new URLSearchParams(picked.map((item) => ["model", item.ref]));
  return `${tray.getAttribute("action")}?${query.toString().replaceAll("%2F", "/").replaceAll("%40", "@")}`;
}

tray?.addEventListener("submit", (event) => {
  event.preventDefault();
  const picked = read();
  if (picked.length > 1) location.assign(compareUrl(picked));
  else announce("Pick at least two models to compare.");
});
tray?.querySelector("[data-tray-clear]")?.addEventListener("click", () => {
  write([]);
  announce("The comparison is empty.");
});

document.addEventListener("change", (event) => {
  const box = event.target.closest?.("[data-compare-box]");
  if (!box) return;
  if (!box.checked) remove(box.value);
  else if (!add(box.value, box.dataset.label || box.value)) box.checked = false;
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-compare-add]");
  if (!button || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const ref = button.dataset.compareAdd;
  if (read().some((item) => item.ref === ref)) remove(ref);
  else add(ref, button.dataset.label || ref);
});

addEventListener("storage", (event) => event.key === KEY && show());
addEventListener("pageshow", show);
document.addEventListener("htmx:afterSettle", show);
show();
