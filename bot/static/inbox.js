// The inbox without leaving the keyboard, and without jumping while somebody chooses; htmx swaps the
// list, and every page works without this file.

const inbox = document.querySelector("#inbox");
const news = document.querySelector("#news");
const bulk = document.querySelector("#bulk");
const find = (selector) => inbox.querySelector(selector);
const boxes = () => [...inbox.querySelectorAll("input[name=case]:not([hidden])")];
const ticked = () => boxes().filter((box) => box.checked);
const rows = () => [...inbox.querySelectorAll(".matter a")];

// Ticks

function showTicks() {
  if (!bulk) return;
  const number = ticked().length;
  bulk.hidden = number === 0;
  bulk.querySelector("#ticked").textContent = number ? `Đã chọn ${number} phản ánh.` : "";
  const all = find("#all");
  if (!all) return;
  all.hidden = false;
  all.checked = number > 0 && number === boxes().length;
  all.indeterminate = number > 0 && !all.checked;
}

function showFields() {
  const deed = bulk.querySelector("#deed").value;
  for (const label of bulk.querySelectorAll("[data-for]")) {
    label.hidden = !label.dataset.for.split(" ").includes(deed);
  }
}

function untick() {
  for (const box of boxes()) box.checked = false;
  showTicks();
}

document.addEventListener("change", (event) => {
  if (event.target.id === "all") for (const box of boxes()) box.checked = event.target.checked;
  if (event.target.id === "deed") showFields();
  showTicks();
});

if (bulk) {
  bulk.classList.add("floats");
  bulk.querySelector("#untick").hidden = false;
  bulk.querySelector("#untick").addEventListener("click", () => {
    untick();
    rows()[0]?.focus();
  });
  showFields();
  showTicks();
}

// Going back in the browser brings ticks back with the page.
addEventListener("pageshow", showTicks);

// Live: the list asks by itself. While boxes are ticked it stands still and says that there is more.

document.body.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.id === "pulse" && document.hidden) event.preventDefault();
});

let anchor = null;

document.body.addEventListener("htmx:oobBeforeSwap", (event) => {
  if (event.detail.target.id !== "list") return;
  if (ticked().length) {
    event.detail.shouldSwap = false;
    offerTheNew();
    return;
  }
  anchor = anchorNow();
});

document.body.addEventListener("htmx:oobAfterSwap", (event) => {
  if (event.detail.target.id === "list") holdStill();
});

document.body.addEventListener("htmx:afterSettle", showTicks);

// What the eyes are on: the row with the focus, else the first one in sight.
function anchorNow() {
  const focused = document.activeElement?.closest?.("#list tr, #list details");
  const seen = [...inbox.querySelectorAll("tbody tr")].find(
    (row) => row.getBoundingClientRect().top >= 0,
  );
  const row = focused?.matches("tr") ? focused : seen;
  const list = find("#list");
  return {
    id: row?.querySelector(".matter a")?.id,
    top: row?.getBoundingClientRect().top,
    focus: list.contains(document.activeElement) ? document.activeElement.id : "",
    scrolled: list.getBoundingClientRect().top < 0,
  };
}

function holdStill() {
  if (!anchor) return;
  const row = anchor.id && document.getElementById(anchor.id)?.closest("tr");
  if (row && (anchor.scrolled || anchor.focus)) {
    scrollBy(0, row.getBoundingClientRect().top - anchor.top);
  }
  if (anchor.focus) document.getElementById(anchor.focus)?.focus({ preventScroll: true });
  anchor = null;
}

function offerTheNew() {
  if (news.querySelector("button")) return;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Bỏ chọn và cập nhật danh sách";
  button.addEventListener("click", () => {
    untick();
    news.textContent = "";
    htmx.ajax("GET", location.pathname + location.search, { target: "#list", swap: "outerHTML" });
  });
  news.append("Danh sách có thay đổi. ", button);
}

const NEWS_MS = 12000;
new MutationObserver(() => {
  clearTimeout(news.timer);
  if (news.textContent && !news.querySelector("button")) {
    news.timer = setTimeout(() => (news.textContent = ""), NEWS_MS);
  }
}).observe(news, { childList: true });

// Keys

const keys = document.querySelector("#keys");
const useKeys = document.querySelector("#use-keys");
useKeys.checked = localStorage.getItem("inbox-keys") !== "off";
useKeys.addEventListener("change", () =>
  localStorage.setItem("inbox-keys", useKeys.checked ? "on" : "off"),
);
document.querySelector(".keys-hint").hidden = false;

const typing = (element) => element.closest("input:not([type=checkbox]), textarea, select, dialog");

function move(step) {
  const all = rows();
  if (!all.length) return;
  const row = document.activeElement.closest?.("#list tr");
  const now = all.indexOf(row?.querySelector(".matter a"));
  const next = now < 0 ? (step > 0 ? 0 : all.length - 1) : now + step;
  const link = all[Math.min(Math.max(next, 0), all.length - 1)];
  link.focus();
  link.scrollIntoView({ block: "nearest" });
}

function tickHere() {
  const box = document.activeElement.closest?.("#list tr")?.querySelector("input[name=case]");
  if (!box || box.hidden) return;
  box.checked = !box.checked;
  showTicks();
}

const deeds = {
  j: () => move(1),
  k: () => move(-1),
  ArrowDown: () => move(1),
  ArrowUp: () => move(-1),
  x: tickHere,
  "/": () => find("#search").select(),
  "?": () => keys.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape" && event.target.id === "search") return event.target.blur();
  const deed = deeds[event.key];
  if (!deed || typing(event.target)) return;
  if (!useKeys.checked && event.key !== "?") return;
  if (event.key.startsWith("Arrow") && !document.activeElement.closest("#list tr")) return;
  event.preventDefault();
  deed();
});

// On a phone the filters are folded away until somebody wants them.
if (matchMedia("(max-width: 699.98px)").matches) {
  const more = find("#more");
  more.open = [...more.querySelectorAll("input, select")].some((field) => field.value);
}
