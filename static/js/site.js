// Small things for every page. Each looks for its own element and does nothing without it.

document.documentElement.classList.add("js");

// govuk-frontend's behaviours (error summary, character count, password input …): fetched only where a page uses one.
if (document.querySelector("[data-module^='govuk-']")) {
  document.body.classList.add("govuk-frontend-supported");
  const govuk = await import(document.body.dataset.govuk);
  govuk.initAll();
}

// A drop-down closes with Escape, and when the next one opens or the focus leaves it.
for (const drop of document.querySelectorAll("details.drop")) {
  drop.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && drop.open) {
      drop.open = false;
      drop.querySelector("summary").focus();
    }
  });
  drop.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !drop.contains(event.relatedTarget)) drop.open = false;
  });
  document.addEventListener("click", (event) => {
    if (!drop.contains(event.target)) drop.open = false;
  });
}

// Buttons that print the page are shown only where a script can print.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// Long answers say how much room is left once four fifths are used.
for (const count of document.querySelectorAll("[data-count-for]")) {
  const field = document.getElementById(count.dataset.countFor);
  const most = field.maxLength;
  if (most < 1) continue;
  count.setAttribute("role", "status");
  field.addEventListener("input", () => {
    const left = most - field.value.length;
    count.hidden = left > most / 5;
    count.textContent = count.dataset.text.replace("%(left)s", left);
  });
}
