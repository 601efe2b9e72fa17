// Filters a list in place while one types, where everything is on the page anyway. Without it the form asks the server.
//
// <form data-filter="id of the list">; its fields q and ward; items [data-filter-item] with data-title and data-ward.
// What is filled in on a ballot stays in sight whatever the filter.

function start(form) {
  const list = document.getElementById(form.dataset.filter);
  if (!list) return;
  const items = [...list.querySelectorAll("[data-filter-item]")];
  const count = form.querySelector("[data-filter-count]");
  const plain = (text) => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");

  function apply() {
    const words = plain(form.elements.q?.value ?? "").split(/\s+/).filter(Boolean);
    const ward = form.elements.ward?.value ?? "";
    let shown = 0;
    for (const item of items) {
      const title = plain(item.dataset.title ?? "");
      const fits = words.every((word) => title.includes(word)) && (!ward || item.dataset.ward === ward);
      const entry = item.querySelector("[data-ballot-entry]")?.value ?? "";
      const kept = fits || item.querySelector("input:checked") !== null || !["", "0"].includes(entry);
      (item.closest("li") ?? item).hidden = !kept;
      if (kept) shown += 1;
    }
    if (count) {
      const text = shown ? form.dataset.textCount : form.dataset.textNone;
      count.textContent = text.replace("%(shown)s", shown).replace("%(all)s", items.length);
    }
  }

  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    apply();
  });
  if (form.elements.q?.value || form.elements.ward?.value) apply();
}

document.querySelectorAll("form[data-filter]").forEach(start);
