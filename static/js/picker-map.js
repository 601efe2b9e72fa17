// A map to put a point on. It only adds to the form: the ward list and the words "where exactly" say the same without it.
//
// [data-map-picker] with data-bounds="south,west,north,east"; data-geojson (address of the boundaries, optional);
// data-tiles and data-attribution (optional); data-lat and data-lng: ids of the two inputs; data-clear: id of a button.
// Leaflet (window.L) is loaded before this file.

const INK = getComputedStyle(document.documentElement);
const colour = (name) => INK.getPropertyValue(name).trim();

async function start(element) {
  const L = window.L;
  if (!L) return;
  const latitude = document.getElementById(element.dataset.lat);
  const longitude = document.getElementById(element.dataset.lng);
  const [south, west, north, east] = element.dataset.bounds.split(",").map(Number);
  const bounds = [[south, west], [north, east]];
  element.hidden = false;
  const map = L.map(element, { scrollWheelZoom: false, attributionControl: Boolean(element.dataset.tiles) });
  map.fitBounds(bounds);
  if (element.dataset.tiles) L.tileLayer(element.dataset.tiles, { attribution: element.dataset.attribution ?? "" }).addTo(map);

  if (element.dataset.geojson) {
    const answer = await fetch(element.dataset.geojson).catch(() => null);
    if (answer?.ok) {
      const wards = L.geoJSON(await answer.json(), {
        style: { color: colour("--brand"), weight: 1.5, fillColor: colour("--card"), fillOpacity: element.dataset.tiles ? 0.15 : 0.9 },
        onEachFeature: (feature, layer) => feature.properties?.name && layer.bindTooltip(feature.properties.name, { sticky: true }),
      }).addTo(map);
      map.fitBounds(wards.getBounds());
    }
  }

  let point = null;
  const show = (place) => {
    point?.remove();
    point = L.circleMarker(place, { radius: 11, weight: 3, color: colour("--ink"), fillColor: colour("--marigold"), fillOpacity: 1 }).addTo(map);
  };
  const set = (place) => {
    latitude.value = place ? place.lat.toFixed(6) : "";
    longitude.value = place ? place.lng.toFixed(6) : "";
    latitude.dispatchEvent(new Event("input", { bubbles: true }));
    if (place) show(place);
    else point?.remove();
  };
  if (latitude.value && longitude.value) show([Number(latitude.value), Number(longitude.value)]);
  map.on("click", (event) => set(event.latlng));
  // With the keyboard: move the map with the arrow keys, Enter sets the point in its middle.
  element.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target === element) {
      event.preventDefault();
      set(map.getCenter());
    }
  });
  const clear = document.getElementById(element.dataset.clear);
  if (clear) {
    clear.hidden = false;
    clear.addEventListener("click", () => set(null));
  }
}

document.querySelectorAll("[data-map-picker]").forEach(start);
