// Light or dark, before the first paint. A classic script, loaded blocking on purpose; small for that reason.
(() => {
  const root = document.documentElement;
  const choices = ["", "light", "dark"];
  const names = { "": "as the system", light: "light", dark: "dark" };
  root.dataset.js = "";

  function stored() {
    try {
      return localStorage.getItem("theme") ?? root.dataset.theme ?? "";
    } catch {
      return root.dataset.theme ?? "";
    }
  }

  function apply(theme) {
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    else delete root.dataset.theme;
  }

  function keep(theme) {
    try {
      localStorage.setItem("theme", theme);
    } catch {
      // Storage is off: the cookie alone remembers.
    }
    const age = theme ? 31536000 : 0;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `theme=${theme}; Path=/; Max-Age=${age}; SameSite=Lax${secure}`;
  }

  function name() {
    for (const place of document.querySelectorAll("[data-theme-name]")) {
      place.textContent = names[root.dataset.theme ?? ""];
    }
  }

  apply(stored());
  document.addEventListener("DOMContentLoaded", name);
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-switch]")) return;
    const now = choices.indexOf(root.dataset.theme ?? "");
    const next = choices[(now + 1) % choices.length];
    apply(next);
    keep(next);
    name();
  });
})();
