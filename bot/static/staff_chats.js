// The list of chats renews itself (see chats.html), but not in a tab that nobody looks at.

document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden) event.preventDefault();
});
