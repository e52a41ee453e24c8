// A press on a small picture shows it large; with a key held it opens in a tab, as any link does.

const large = document.getElementById("large");

document.addEventListener("click", (event) => {
  const link = event.target.closest(".pictures a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const picture = large.querySelector("img");
  picture.src = link.href;
  picture.alt = link.querySelector("img").alt;
  large.showModal();
});

// A press beside the picture closes it.
large.addEventListener("click", (event) => {
  if (event.target === large) large.close();
});
