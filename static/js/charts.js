// Charts that the server has drawn become alive when they come into view: hover, zoom, click through.
//
// A figure with data-vega names the element that holds its Vega-Lite specification; data-vega-from is Vega itself,
// loaded with the first chart. Where anything goes wrong the server's drawing stays.

// The light colors in which specifications are written, and the tokens that stand for them.
const TOKENS = {
  "#1c1f23": "--ink",
  "#5d6570": "--soft",
  "#e4e1d8": "--line",
  "#0b6e6e": "--series-1",
  "#b4541a": "--series-2",
  "#6a4fa3": "--series-3",
  "#a87300": "--series-4",
  "#1d7a46": "--series-5",
  "#a3336b": "--series-6",
  "#2f6db5": "--series-7",
  "#7a5230": "--series-9",
  "#3b8ea5": "--series-10",
  "#80851a": "--series-11",
  "#c06a9b": "--series-12",
};
const MANY = 600; // marks from which a canvas is quicker than SVG
let loading;

function vega(address) {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.type = "module";
    script.src = address;
    script.addEventListener("load", () => resolve(globalThis.vegaEmbed));
    script.addEventListener("error", reject);
    document.head.append(script);
  });
  return loading;
}

/** The color that a token has now, as the browser computes it: Vega knows no variables. */
function colorOf(token) {
  const probe = document.createElement("span");
  probe.hidden = true;
  probe.style.color = `var(${token})`;
  document.body.append(probe);
  const color = getComputedStyle(probe).color;
  probe.remove();
  return color;
}

function themed(text) {
  return Object.entries(TOKENS).reduce((spec, [light, token]) => spec.replaceAll(light, colorOf(token)), text);
}

async function draw(figure) {
  const source = document.getElementById(figure.dataset.vega);
  const place = figure.querySelector(".vega-live");
  const drawing = figure.querySelector(".vega-drawing");
  if (!source || !place) return;
  const embed = await vega(figure.dataset.vegaFrom);
  const spec = JSON.parse(themed(source.textContent));
  place.hidden = false;
  const marks = spec.data?.values?.length ?? 0;
  await embed(place, spec, {
    actions: false,
    ast: true, // the content policy allows no code made of text
    defaultStyle: false,
    renderer: marks > MANY ? "canvas" : "svg",
    tooltip: { disableDefaultStyle: true },
    loader: { target: "_self" },
  });
  place.setAttribute("role", "group");
  place.setAttribute("aria-label", drawing.getAttribute("aria-label") ?? "");
  place.tabIndex = 0; // on a narrow screen it scrolls, and keys must be able to do that
  drawing.hidden = true;
  figure.dataset.alive = "";
}

function revive(figure) {
  draw(figure).catch(() => {
    figure.querySelector(".vega-live").hidden = true;
    figure.querySelector(".vega-drawing").hidden = false;
  });
}

const seen = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      seen.unobserve(target);
      revive(target);
    }
  },
  { rootMargin: "200px" },
);

function watch() {
  for (const figure of document.querySelectorAll("[data-vega]:not([data-alive])")) seen.observe(figure);
}

function again() {
  for (const figure of document.querySelectorAll("[data-vega][data-alive]")) revive(figure);
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
new MutationObserver(again).observe(document.documentElement, { attributeFilter: ["data-theme"] });
document.addEventListener("htmx:afterSettle", watch);
watch();
