// Small comforts on pages that are whole without them: forms that send themselves, edit in place,
// copy buttons, menus that close, messages that leave, and a word when a request fails.

const on = (type, selector, act) =>
  document.addEventListener(type, (event) => {
    const found = event.target.closest?.(selector);
    if (found) act(event, found);
  });

function announce(text) {
  const place = document.getElementById("announcer");
  if (place) place.textContent = text;
}

// Facets and sort orders: a change sends the form; the Apply button is for those without scripts.
on("change", "[data-autosubmit]", (event, holder) => {
  (event.target.form ?? holder.closest("form"))?.requestSubmit();
});

// Empty fields would only lengthen the address.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "get" || !form.matches("[data-drop-empty]")) return;
  const empty = [...form.elements].filter((field) => field.name && !field.disabled && field.value === "");
  for (const field of empty) field.disabled = true;
  setTimeout(() => {
    for (const field of empty) field.disabled = false;
  });
}, true);

// A form is sent once.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented || form.closest("[hx-boost], [hx-post]")) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "1";
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// Edit in place: opening puts the cursor in; Enter saves; Escape leaves the value as it was.
document.addEventListener("toggle", (event) => {
  const details = event.target;
  if (!details.open || !details.matches("[data-edit]")) return;
  const field = details.querySelector("input:not([type=hidden]), textarea, select");
  field?.focus();
  if (field?.matches("input, textarea")) field.select?.();
}, true);
on("keydown", "[data-edit] form", (event, form) => {
  const details = form.closest("[data-edit]");
  if (event.key === "Escape") {
    event.preventDefault();
    event.stopPropagation();
    form.reset();
    details.open = false;
    details.querySelector("summary")?.focus();
  } else if (event.key === "Enter" && event.target.matches("textarea") && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit();
  }
});
on("click", "[data-edit-cancel]", (event, button) => {
  event.preventDefault();
  const details = button.closest("details");
  button.form?.reset();
  details.open = false;
  details.querySelector("summary")?.focus();
});

// Menus close by Escape, by a click elsewhere, and when the focus leaves.
const openMenus = () => document.querySelectorAll("details[data-menu][open]");
document.addEventListener("click", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) {
    menu.open = false;
    menu.querySelector("summary")?.focus();
  }
});
document.addEventListener("focusout", (event) => {
  const menu = event.target.closest?.("details[data-menu][open]");
  if (menu && event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
});

// Copy: the text in data-copy, or of the element that data-copy-from names.
on("click", "[data-copy], [data-copy-from]", async (event, button) => {
  const text = button.dataset.copy ?? document.querySelector(button.dataset.copyFrom)?.textContent ?? "";
  const label = button.textContent;
  try {
    await navigator.clipboard.writeText(text.trim());
    button.textContent = "Copied";
    announce("Copied");
  } catch {
    button.textContent = "Copy by hand";
  }
  setTimeout(() => {
    button.textContent = label;
  }, 1600);
});

// Dialogs: data-dialog names one to open.
on("click", "[data-dialog]", (event, button) => {
  const dialog = document.getElementById(button.dataset.dialog);
  if (!dialog?.showModal) return;
  event.preventDefault();
  dialog.showModal();
});
on("click", "dialog", (event, dialog) => {
  if (event.target === dialog) dialog.close();
});

// Where the tabs of a page do not fit, the one shown comes into view.
for (const tab of document.querySelectorAll(".tabs a[aria-current]")) {
  const row = tab.closest(".tabs");
  const over = tab.getBoundingClientRect().right - row.getBoundingClientRect().right;
  if (over > 0) row.scrollLeft += over + 24;
}

// Messages
on("click", "[data-toast-close]", (event, button) => button.closest("[data-toast]").remove());

function toast(text) {
  const box = document.createElement("div");
  box.className = "notice toast notice-bad";
  box.dataset.toast = "";
  const words = document.createElement("p");
  words.textContent = text;
  const close = document.createElement("button");
  close.className = "btn-link";
  close.type = "button";
  close.dataset.toastClose = "";
  close.textContent = "Close";
  box.append(words, close);
  document.getElementById("toasts")?.append(box);
}

// What was unfolded stays so when htmx replaces it: any details with an id.
// The focus too, which htmx cannot put back into something folded.
let unfolded = [];
let focused = "";
document.addEventListener("htmx:beforeSwap", (event) => {
  unfolded = [...event.detail.target.querySelectorAll("details[id][open]")].map((details) => details.id);
  focused = event.detail.target.contains(document.activeElement) ? document.activeElement.id : "";
});
document.addEventListener("htmx:afterSwap", () => {
  for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
  if (focused && document.activeElement === document.body) document.getElementById(focused)?.focus({ preventScroll: true });
  unfolded = [];
  focused = "";
});

// htmx: say what is loading, what came, and what failed.
document.addEventListener("htmx:beforeRequest", (event) => event.detail.target?.setAttribute("aria-busy", "true"));
document.addEventListener("htmx:afterRequest", (event) => event.detail.target?.removeAttribute("aria-busy"));
document.addEventListener("htmx:afterSettle", (event) => {
  // The event's own target is what came; the request's target may be what it replaced.
  const said = event.target.querySelector?.("[data-announce]");
  if (said) announce(said.dataset.announce || said.textContent.trim());
});
document.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr?.status;
  if (status === 403) toast("You may not do this here. Reload the page, and sign in if you are not.");
  else if (status === 404) toast("This does not exist any more. Reload the page to see what does.");
  else if (status === 429) toast("Too many requests. Wait a minute, then try again.");
  else toast("That did not work. Nothing was changed; try again in a moment.");
});
document.addEventListener("htmx:sendError", () => toast("The server cannot be reached. Nothing was changed; try again."));
