// A chat that stays open. HTMX asks for news and sends what is written (see chat.html); here is
// what it leaves to us: the place in the list, a page in the background, and an answer that is no
// page of this chat. What was typed is never thrown away.

const NEAR_END_PX = 40;
const lines = () => document.getElementById("lines");
let atEnd = true;

function toEnd() {
  lines().scrollTop = lines().scrollHeight;
}

// The words for each case stand in the template.
function sayUnsent(why) {
  const place = document.getElementById("unsent");
  if (!place) return;
  place.textContent = place.dataset[why];
  place.hidden = false;
}

function isTyping() {
  const box = document.getElementById("text");
  return Boolean(box && box.value.trim());
}

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt === lines() && document.hidden) event.preventDefault();
});

// The session is over, and HTMX would load the page anew.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (!event.detail.xhr.getResponseHeader("HX-Refresh") || !isTyping()) return;
  event.preventDefault();
  sayUnsent("login");
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, requestConfig } = event.detail;
  const list = lines();
  if (requestConfig.elt.id === "say") beforeAnswer(event, xhr);
  else atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_END_PX;
});

function beforeAnswer(event, xhr) {
  const isThisPage = xhr.responseText.includes('id="chat"');
  event.detail.shouldSwap = isThisPage;
  event.detail.isError = false; // said here, and not in the browser's console
  if (isThisPage) atEnd = true;
  else if (xhr.status === 401) event.detail.requestConfig.elt.submit(); // a page shows the words, to be copied
  else sayUnsent(xhr.status === 413 ? "big" : "refused");
}

document.addEventListener("htmx:sendError", (event) => {
  if (event.detail.elt.id === "say") sayUnsent("offline");
});

document.addEventListener("htmx:afterSettle", () => {
  if (atEnd) toEnd();
});

toEnd();
