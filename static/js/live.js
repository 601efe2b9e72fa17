// Refreshes a fragment when the server says that something changed. The socket carries only a nudge
// ({"type": "round.changed", "version": n}); the fragment itself comes over HTTP, by htmx, from the ordinary view.
//
// [data-live-url]: address of the socket; inside it [data-live-fragment] with hx-get, hx-trigger="refresh", hx-swap.
// While no socket is open the fragment is fetched every 30 seconds.

const POLL = 30000;
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 60000;

function start(element) {
  const address = new URL(element.dataset.liveUrl, location.href);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  let version = Number(element.dataset.liveVersion ?? 0);
  let wait = FIRST_WAIT;
  let socket = null;
  let retry = null;

  // Looked up each time: the fragment is replaced by what it fetched.
  const refresh = () => window.htmx?.trigger(element.querySelector("[data-live-fragment]") ?? element, "refresh");

  function open() {
    clearTimeout(retry);
    socket = new WebSocket(address);
    socket.addEventListener("open", () => {
      wait = FIRST_WAIT;
      element.dataset.live = "on";
      refresh();
    });
    socket.addEventListener("message", (event) => {
      const nudge = JSON.parse(event.data);
      if (nudge.type !== "round.changed" || nudge.version === version) return;
      version = nudge.version;
      refresh();
    });
    socket.addEventListener("close", () => {
      element.dataset.live = "off";
      socket = null;
      // Jitter: after a restart of the server not everyone comes back in the same moment.
      retry = setTimeout(open, wait * (0.5 + Math.random()));
      wait = Math.min(LONGEST_WAIT, wait * 2);
    });
  }

  setInterval(() => {
    if (document.visibilityState === "visible" && element.dataset.live !== "on") refresh();
  }, POLL);
  window.addEventListener("online", () => socket === null && open());
  open();
}

document.querySelectorAll("[data-live-url]").forEach(start);
