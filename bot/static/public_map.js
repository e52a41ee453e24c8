// The map of released cases: a circle per commune, over the points of all
// communes; tiles only where the province has named a server of them.
// The page is whole without it; the library is fetched only when somebody wants to see the map.

const place = document.getElementById("map-place");
const box = document.getElementById("map");

const WIDE = "(min-width: 60rem)";
const SMALLEST = 10;
const LARGEST = 22;

function fetched(element) {
  return new Promise((done, failed) => {
    element.onload = done;
    element.onerror = failed;
    document.head.append(element);
  });
}

function library() {
  const style = document.createElement("link");
  style.rel = "stylesheet";
  style.href = place.dataset.style;
  const script = document.createElement("script");
  script.src = place.dataset.script;
  return Promise.all([fetched(style), fetched(script)]);
}

function point(element) {
  return element.dataset.point.split(",").map(Number);
}

function text(words) {
  const span = document.createElement("span");
  span.textContent = words;
  return span;
}

// What a circle says when it is pressed: the unit, as a link to its cases, and how many there are.
function told(one) {
  const words = document.createElement("p");
  words.append(one.querySelector("a").cloneNode(true), text(`: ${one.dataset.count} phản ánh`));
  return words;
}

function draw() {
  const { tiles, attribution } = place.dataset;
  const map = L.map(box, { attributionControl: Boolean(tiles), scrollWheelZoom: false, minZoom: 7, maxZoom: 12 });
  if (tiles) {
    L.tileLayer(tiles, { attribution: text(attribution).innerHTML, referrerPolicy: "origin" }).addTo(map);
  }
  const colours = getComputedStyle(document.documentElement);
  const units = [...document.querySelectorAll("#units option[data-point]")];
  for (const unit of units) {
    L.circleMarker(point(unit), { radius: 2, stroke: false, fillOpacity: 0.5, color: colours.getPropertyValue("--quiet") })
      .bindTooltip(text(unit.textContent))
      .addTo(map);
  }
  const counted = [...document.querySelectorAll("li[data-point]")];
  const most = Math.max(...counted.map((one) => Number(one.dataset.count)));
  for (const one of counted) {
    const share = Math.sqrt(Number(one.dataset.count) / most);
    L.circleMarker(point(one), {
      radius: SMALLEST + (LARGEST - SMALLEST) * share,
      color: colours.getPropertyValue("--river"),
      weight: 2,
      fillOpacity: 0.35,
    })
      .bindPopup(told(one))
      .addTo(map);
    L.tooltip(point(one), { content: text(one.dataset.count), permanent: true, direction: "center", className: "count" }).addTo(map);
  }
  map.fitBounds(counted.map(point), { padding: [40, 40], maxZoom: 10 });
}

async function show() {
  place.hidden = true;
  try {
    await library();
  } catch {
    place.hidden = false; // no network for a moment: the button stays
    return;
  }
  box.hidden = false;
  draw();
}

if (place) {
  place.hidden = false;
  document.getElementById("map-open").addEventListener("click", show);
  if (matchMedia(WIDE).matches) show();
}
