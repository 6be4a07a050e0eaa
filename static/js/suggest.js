// Suggestions under the search box: an ARIA combobox fed by the address in data-suggest. Silent on errors.

const WAIT_MS = 140;
const RECENT = "vitrine-recent-searches";
const MOST_RECENT = 6;

// Searches of this browser, the last one first; kept here only, never sent.
function recent() {
  try {
    const kept = JSON.parse(localStorage.getItem(RECENT) ?? "[]");
    return Array.isArray(kept) ? kept.filter((words) => typeof words === "string").slice(0, MOST_RECENT) : [];
  } catch {
    return [];
  }
}

function remember(words) {
  if (words.length < 2 || words.length > 300) return;
  try {
    localStorage.setItem(RECENT, JSON.stringify([words, ...recent().filter((one) => one !== words)].slice(0, MOST_RECENT)));
  } catch {
    // A browser that keeps nothing has no recent searches.
  }
}

class Suggest {
  constructor(form) {
    this.form = form;
    this.input = form.querySelector("input[type=search]");
    this.list = form.querySelector("ul.suggestions");
    this.items = [];
    this.active = -1;
    this.timer = 0;
    this.request = null;
    for (const [name, value] of [
      ["role", "combobox"],
      ["aria-autocomplete", "list"],
      ["aria-expanded", "false"],
      ["aria-controls", this.list.id],
    ]) {
      this.input.setAttribute(name, value);
    }
    this.list.setAttribute("role", "listbox");
    this.input.addEventListener("input", () => this.later());
    this.input.addEventListener("focus", () => this.showRecent());
    this.input.addEventListener("click", () => this.showRecent());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => setTimeout(() => this.close(), 120));
    form.addEventListener("submit", () => this.close());
  }

  later() {
    clearTimeout(this.timer);
    this.request?.abort();
    if (this.input.value.trim() === "") return this.showRecent();
    if (this.input.value.trim().length < 2) return this.close();
    this.timer = setTimeout(() => this.load(), WAIT_MS);
  }

  async load() {
    this.request = new AbortController();
    const text = this.input.value.trim();
    try {
      const answer = await fetch(`${this.form.dataset.suggest}?${new URLSearchParams({ q: text })}`, {
        headers: { Accept: "application/json" },
        signal: this.request.signal,
      });
      if (!answer.ok) return this.close();
      const { suggestions } = await answer.json();
      if (this.input.value.trim() === text && document.activeElement === this.input) this.show(suggestions ?? []);
    } catch {
      this.close();
    }
  }

  showRecent() {
    if (this.input.value.trim() !== "") return;
    const searched = recent().map((words) => ({
      kind: "searched before",
      label: words,
      url: `${this.form.getAttribute("action")}?${new URLSearchParams({ q: words })}`,
    }));
    this.show(searched.length ? [...searched, { kind: "", label: "Forget these searches", forget: true }] : []);
  }

  choose(item) {
    if (item.forget) {
      try {
        localStorage.removeItem(RECENT);
      } catch {
        // Nothing was kept.
      }
      return this.close();
    }
    if (item.url) return location.assign(item.url);
    this.input.value = item.text;
    this.input.focus();
    this.later();
  }

  show(suggestions) {
    const leads = (item) => typeof item.url === "string" && /^\/(?!\/)/.test(item.url);
    this.items = suggestions.filter((item) => leads(item) || item.forget || (item.url === "" && item.text));
    this.active = -1;
    this.list.replaceChildren(...this.items.map((item, index) => this.option(item, index)));
    const open = this.items.length > 0;
    this.list.hidden = !open;
    this.input.setAttribute("aria-expanded", String(open));
    this.input.removeAttribute("aria-activedescendant");
  }

  option(item, index) {
    const row = document.createElement("li");
    row.id = `${this.list.id}-${index}`;
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", "false");
    const label = document.createElement("span");
    label.className = "suggestion-label";
    label.textContent = item.label;
    const hint = document.createElement("span");
    hint.className = "suggestion-hint";
    hint.textContent = [item.kind, item.hint].filter(Boolean).join(" · ");
    row.append(label, hint);
    row.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      this.choose(item);
    });
    return row;
  }

  key(event) {
    if (event.isComposing) return;
    if (event.key === "Escape") {
      if (this.list.hidden) return this.input.blur();
      event.preventDefault();
      return this.close();
    }
    if (this.list.hidden && event.key === "ArrowDown") this.showRecent();
    if (this.list.hidden) return;
    if (event.key === "ArrowDown") this.move(event, 1);
    else if (event.key === "ArrowUp") this.move(event, -1);
    else if (event.key === "Enter" && this.active >= 0) {
      event.preventDefault();
      this.choose(this.items[this.active]);
    }
  }

  move(event, step) {
    event.preventDefault();
    const places = this.items.length + 1; // one more: back in the field itself
    this.active = ((this.active + 1 + step + places) % places) - 1;
    for (const [index, row] of [...this.list.children].entries()) {
      row.setAttribute("aria-selected", String(index === this.active));
    }
    const row = this.list.children[this.active];
    if (row) {
      this.input.setAttribute("aria-activedescendant", row.id);
      row.scrollIntoView({ block: "nearest" });
    } else {
      this.input.removeAttribute("aria-activedescendant");
    }
  }

  close() {
    clearTimeout(this.timer);
    this.request?.abort();
    this.show([]);
  }
}

for (const form of document.querySelectorAll("[data-suggest]")) {
  new Suggest(form);
  // A search that was shown is one to come back to.
  if (location.pathname === form.getAttribute("action")) remember(new URLSearchParams(location.search).get("q")?.trim() ?? "");
}
