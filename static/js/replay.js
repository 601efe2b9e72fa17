// The count, step by step: arrow keys and a play button for pages whose steps are ordinary links.
//
// [data-replay] holds #stage, which htmx replaces, with #step-back and #step-on in it; [data-replay-play] is the button,
// [data-replay-said] a status line. Nothing plays until somebody asks for it, and a hidden page does not play on.

const PACE = 3500;

function start(root) {
  const button = root.querySelector("[data-replay-play]");
  const label = button.querySelector("[data-replay-label]");
  const said = root.querySelector("[data-replay-said]");
  let timer = null;

  const link = (id) => root.querySelector(`#${id}`);
  const atEnd = () => root.querySelector("#stage").dataset.last === "yes";

  function pause() {
    clearInterval(timer);
    timer = null;
    root.classList.remove("is-playing");
    label.textContent = root.dataset.play;
  }

  function next() {
    if (document.visibilityState === "visible") link("step-on")?.click();
  }

  function play() {
    root.classList.add("is-playing");
    label.textContent = root.dataset.pause;
    timer = setInterval(next, PACE);
    next();
  }

  button.hidden = false;
  root.querySelector("[data-replay-hint]").hidden = false;
  button.addEventListener("click", () => (timer === null ? play() : pause()));

  // Whoever steps by hand has taken over.
  root.addEventListener("click", (event) => {
    if (event.isTrusted && !button.contains(event.target)) pause();
  });

  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event.target.closest("input, select, textarea, .table-scroll")) return;
    const id = { ArrowLeft: "step-back", ArrowRight: "step-on" }[event.key];
    if (!id || (id === "step-on" && atEnd())) return;
    event.preventDefault();
    pause();
    link(id)?.click();
  });

  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (!root.contains(event.target)) return;
    const headings = root.querySelectorAll("#stage-heading, .stage__title");
    said.textContent = [...headings].map((heading) => heading.textContent.trim()).join(": ");
    if (atEnd()) pause();
  });
}

document.querySelectorAll("[data-replay]").forEach(start);
