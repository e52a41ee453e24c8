// The map of a ticket. No server is asked for tiles unless the page names one: then the communes
// around are the background.

const box = document.getElementById("map");
const NEAREST_NAMED = 8;

function text(words) {
  const span = document.createElement("span");
  span.textContent = words;
  return span;
}

function withTiles(map, { tiles, attribution }) {
  const words = text(attribution).innerHTML;
  // Some servers of tiles turn away pages that do not say where they are; the path stays untold.
  L.tileLayer(tiles, { maxZoom: 19, attribution: words, referrerPolicy: "origin" }).addTo(map);
}

function withCommunes(map, communes, here) {
  const away = ([, latitude, longitude]) => map.distance(here, [latitude, longitude]);
  communes.sort((one, other) => away(one) - away(other));
  communes.forEach(([name, latitude, longitude], rank) => {
    L.circleMarker([latitude, longitude], { radius: 4, className: "commune", interactive: false })
      .bindTooltip(text(name), { permanent: rank < NEAREST_NAMED, direction: "right" })
      .addTo(map);
  });
}

function draw() {
  box.classList.add("drawn");
  const { latitude, longitude, exact, tiles, communes } = box.dataset;
  const here = [Number(latitude), Number(longitude)];
  const map = L.map(box, { scrollWheelZoom: false, attributionControl: Boolean(tiles) });
  map.setView(here, tiles ? (exact ? 16 : 13) : 11);
  if (tiles) withTiles(map, box.dataset);
  else withCommunes(map, JSON.parse(communes), here);
  L.circleMarker(here, { radius: exact ? 9 : 22, className: exact ? "place" : "place about" }).addTo(map);
}

if (box) draw();
