// The comparison: columns are dragged to another place, rows are found while typing.

const heads = [...document.querySelectorAll("[data-compare-column]")];
let dragged = null;

function go(order) {
  const query = new URLSearchParams(location.search);
  query.delete("model");
  const others = [...query];
  const models = order.map((ref) => ["model", ref]);
  location.search = new URLSearchParams([...models, ...others]).toString().replaceAll("%2F", "/").replaceAll("%40", "@");
}

for (const head of heads) {
  head.draggable = true;
  head.addEventListener("dragstart", (event) => {
    dragged = head;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", head.dataset.compareColumn);
  });
  head.addEventListener("dragend", () => {
    dragged = null;
    for (const other of heads) delete other.dataset.over;
  });
  head.addEventListener("dragover", (event) => {
    if (!dragged || dragged === head) return;
    event.preventDefault();
    head.dataset.over = "";
  });
  head.addEventListener("dragleave", () => delete head.dataset.over);
  head.addEventListener("drop", (event) => {
    event.preventDefault();
    if (!dragged || dragged === head) return;
    const order = heads.map((one) => one.dataset.compareColumn);
    const from = order.indexOf(dragged.dataset.compareColumn);
    const to = order.indexOf(head.dataset.compareColumn);
    order.splice(to, 0, ...order.splice(from, 1));
    go(order);
  });
}

// Rows on the page are hidden at once; Enter asks the server, which looks at those beyond the page, too.
const find = document.querySelector("[data-compare-find]");
find?.addEventListener("input", () => {
  const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const row of document.querySelectorAll(".compare tbody tr:not(.group)")) {
    const text = row.textContent.toLowerCase();
    row.hidden = !words.every((word) => text.includes(word));
  }
});

for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => print());
