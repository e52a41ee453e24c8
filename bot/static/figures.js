// Charts and the map of the leader's view. Every number of theirs stands in a table as well: the
// page is whole without this file.

const drawing = JSON.parse(document.getElementById("figures-drawing").textContent);
const colours = getComputedStyle(document.documentElement);
const colour = (name) => colours.getPropertyValue(name).trim();

const SMALLEST = 5;
const LARGEST = matchMedia("(min-width: 60rem)").matches ? 24 : 16;
const ANIMATION = false; // nothing moves by itself, and a printed chart is whole

function day(text) {
  const [, month, number] = text.split("-");
  return `${number}/${month}`;
}

// A tap on a bar opens the cases that it stands for.
function options(rows, more) {
  return {
    animation: ANIMATION,
    maintainAspectRatio: false,
    onClick: (_event, found) => found.length && location.assign(rows[found[0].index].address),
    onHover: (event, found) => (event.native.target.style.cursor = found.length ? "pointer" : ""),
    plugins: { legend: { position: "bottom", labels: { boxWidth: 14 } } },
    ...more,
  };
}

function bars(label, data, fill, more) {
  return { label, data, backgroundColor: fill, ...more };
}

const charts = {
  steps(canvas) {
    const rows = drawing.steps;
    const values = (name) => rows.map((row) => row[name]);
    return new Chart(canvas, {
      type: "bar",
      data: {
        labels: rows.map((row) => (row.first === row.last ? day(row.first) : `${day(row.first)}–${day(row.last)}`)),
        datasets: [
          bars("Tiếp nhận", values("received"), colour("--accent"), { stack: "in" }),
          bars("Trả lời đúng hạn", values("on_time"), "#7cb894", { stack: "out" }),
          bars("Trả lời trễ hạn", values("late"), colour("--red"), { stack: "out" }),
        ],
      },
      options: options(rows, {
        scales: {
          x: { stacked: true, grid: { display: false }, ticks: { maxRotation: 0, autoSkipPadding: 14 } },
          y: { stacked: true, beginAtZero: true, ticks: { precision: 0 } },
        },
      }),
    });
  },
  categories(canvas) {
    const rows = drawing.categories;
    return new Chart(canvas, {
      type: "bar",
      data: {
        labels: rows.map((row) => row.name),
        datasets: [
          bars("Tiếp nhận", rows.map((row) => row.received), colour("--accent")),
          bars("Trả lời trễ hạn", rows.map((row) => row.late), colour("--red")),
        ],
      },
      options: options(rows, {
        indexAxis: "y",
        scales: {
          x: { beginAtZero: true, ticks: { precision: 0 } },
          y: { grid: { display: false }, ticks: { autoSkip: false, font: { size: 11 } } },
        },
      }),
    });
  },
};

function drawMap(box) {
  const tiles = box.dataset.tiles;
  const map = L.map(box, {
    attributionControl: Boolean(tiles),
    scrollWheelZoom: false,
    dragging: !L.Browser.mobile || Boolean(tiles), // one finger scrolls the page, two move the map
    minZoom: 6,
    maxZoom: tiles ? 16 : 11,
  });
  if (tiles) {
    const words = document.createElement("span");
    words.textContent = box.dataset.attribution;
    // Some servers of tiles turn away pages that do not say where they are; the path stays untold.
    L.tileLayer(tiles, { attribution: words.innerHTML, maxZoom: 16, referrerPolicy: "origin" }).addTo(map);
  }
  for (const point of drawing.points) {
    L.circleMarker(point, { radius: 2, stroke: false, fillOpacity: 0.5, color: colour("--quiet"), interactive: false }).addTo(map);
  }
  const most = Math.max(...drawing.places.map((place) => place.received), 1);
  for (const place of drawing.places) {
    L.circleMarker([place.latitude, place.longitude], {
      radius: SMALLEST + (LARGEST - SMALLEST) * Math.sqrt(place.received / most),
      color: colour("--accent"),
      weight: 2,
      fillOpacity: 0.35,
    })
      .bindPopup(() => popup(place))
      .addTo(map);
  }
  const shown = drawing.points.length ? drawing.points : drawing.places.map((place) => [place.latitude, place.longitude]);
  map.fitBounds(shown, { padding: [14, 14] });
}

// The popup says the name before the link: a finger may have hit the neighbour.
function popup(place) {
  const box = document.createElement("div");
  const link = document.createElement("a");
  link.href = place.address;
  link.textContent = `${place.received.toLocaleString("vi")} phản ánh`;
  box.append(`${place.name}: `, link);
  return box;
}

Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
for (const box of document.querySelectorAll("[data-chart]")) {
  box.hidden = false;
  charts[box.dataset.chart](box.querySelector("canvas"));
}

const mapBox = document.getElementById("figures-map");
if (mapBox && drawing.points.length) {
  mapBox.classList.add("drawn");
  drawMap(mapBox);
}

const printButton = document.getElementById("print");
printButton.hidden = false;
printButton.addEventListener("click", () => print());
