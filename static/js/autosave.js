// Keeps a draft: two seconds after the last change the form is posted to its own address with the header X-Autosave: 1.
// Without a connection it says so and tries again; the save button of the form always works.

const PAUSE = 2000;
const RETRY = 10000;

function start(form) {
  const status = form.querySelector("[data-autosave-status]") ?? document.querySelector("[data-autosave-status]");
  const line = status.querySelector("[role=status]");
  let timer = null;
  let saving = false;
  let dirty = false;

  const say = (state, text) => {
    status.dataset.state = state;
    line.textContent = text;
  };
  const later = (delay) => {
    clearTimeout(timer);
    timer = setTimeout(save, delay);
  };

  // Not form.action: a button named "action" would stand in its place.
  const address = form.getAttribute("action") || location.href;

  async function save() {
    if (saving) return;
    saving = true;
    dirty = false;
    const body = new FormData(form);
    // Pictures go up with the save button: sending them at every pause would cost someone's data allowance.
    for (const input of form.querySelectorAll("input[type=file]")) body.delete(input.name);
    try {
      const answer = await fetch(address, { method: "POST", body, headers: { "X-Autosave": "1" } });
      if (answer.ok && !answer.redirected) {
        const now = new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
        say("saved", `${status.dataset.saved} ${now}`);
      } else {
        say("failed", status.dataset.refused);
      }
    } catch {
      dirty = true;
      say("failed", status.dataset.failed);
      later(RETRY);
    } finally {
      saving = false;
    }
    if (dirty && status.dataset.state !== "failed") later(PAUSE);
  }

  form.addEventListener("input", () => {
    dirty = true;
    later(PAUSE);
  });
  form.addEventListener("submit", () => clearTimeout(timer));
  window.addEventListener("online", () => dirty && later(0));
}

document.querySelectorAll("form[data-autosave]").forEach(start);
