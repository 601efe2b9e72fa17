// Ballots with points or places: buttons beside the fields, and a meter that follows. The fields are what is sent.

const fill = (text, values) => text.replace(/%\((\w+)\)s/g, (_, name) => values[name]);

function button(text, label, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "button button--secondary stepper__button";
  made.textContent = text;
  if (label) made.setAttribute("aria-label", label);
  made.addEventListener("click", act);
  return made;
}

const changed = (field) => field.dispatchEvent(new Event("change", { bubbles: true }));

// − and + around a field for points.
function steps(holder) {
  const field = holder.querySelector("input");
  const step = (by) => () => {
    field.value = String(Math.max(0, Math.min(Number(field.max), (Number(field.value) || 0) + by)));
    changed(field);
  };
  holder.prepend(button("−", holder.dataset.textLess, step(-1)));
  holder.append(button("+", holder.dataset.textMore, step(1)));
}

function meter(holder) {
  const pot = holder.closest("[data-ballot-pot]");
  const most = Number(holder.dataset.most);
  const text = holder.querySelector("[data-meter-text]");
  const bar = holder.querySelector("[data-meter-bar]");

  function update() {
    const values = [...pot.querySelectorAll("[data-ballot-entry]")].map((field) => Number(field.value) || 0);
    const given =
      holder.dataset.entryMeter === "points"
        ? values.reduce((sum, value) => sum + value, 0)
        : values.filter((value) => value > 0).length;
    const over = given - most;
    text.textContent =
      over > 0 ? fill(holder.dataset.textOver, { over }) : fill(holder.dataset.text, { given, most, left: -over });
    bar.setAttribute("width", String(Math.round(1000 * Math.min(1, given / most))));
    holder.classList.toggle("meter--over", over > 0);
  }

  pot.addEventListener("input", update);
  pot.addEventListener("change", update);
  window.addEventListener("pageshow", update);
  update();
}

// Places without dragging: one button on each line gives the next place; the list above moves and takes out.
function ranking(holder) {
  const pot = holder.closest("[data-ballot-pot]");
  const fields = [...pot.querySelectorAll("[data-ballot-place]")];
  if (!fields.length) return;
  const list = holder.querySelector("[data-ranking-list]");
  const empty = holder.querySelector("[data-ranking-empty]");
  const words = holder.dataset;
  const most = fields[0].options.length - 1;
  const buttons = new Map();

  const order = () =>
    fields.filter((field) => field.value).sort((a, b) => Number(a.value) - Number(b.value));

  // Writes the order back into the fields: 1, 2, 3 …
  function put(ordered, focus) {
    for (const field of fields) field.value = "";
    ordered.forEach((field, place) => (field.value = String(place + 1)));
    show();
    changed(fields[0]);
    focus?.();
  }

  function moved(field, by) {
    const ordered = order();
    const from = ordered.indexOf(field);
    ordered.splice(from, 1);
    ordered.splice(from + by, 0, field);
    put(ordered, () => {
      const row = list.children[from + by];
      const same = row?.querySelector(by < 0 ? "[data-up]" : "[data-down]");
      (same && !same.disabled ? same : row?.querySelector("button:not([disabled])"))?.focus();
    });
  }

  function row(field, place, all) {
    const title = field.dataset.title;
    const item = document.createElement("li");
    const name = document.createElement("span");
    name.textContent = title;
    const up = button("↑", fill(words.textUp, { title }), () => moved(field, -1));
    const down = button("↓", fill(words.textDown, { title }), () => moved(field, 1));
    up.dataset.up = down.dataset.down = "";
    up.disabled = place === 0;
    down.disabled = place === all - 1;
    const out = button("×", fill(words.textRemove, { title }), () =>
      put(
        order().filter((other) => other !== field),
        () => buttons.get(field).focus(),
      ),
    );
    item.append(name, up, down, out);
    return item;
  }

  function show() {
    const ordered = order();
    list.replaceChildren(...ordered.map((field, place) => row(field, place, ordered.length)));
    empty.hidden = ordered.length > 0;
    const next = ordered.length + 1;
    for (const [field, one] of buttons) {
      const place = ordered.indexOf(field) + 1;
      one.disabled = !place && next > most;
      one.classList.toggle("is-placed", place > 0);
      const says = place ? fill(words.textPlaced, { place }) : one.disabled ? words.textFull : fill(words.textRank, { place: next });
      one.textContent = says;
      one.setAttribute("aria-label", `${says}: ${field.dataset.title}`);
      field.closest(".ballot-line").classList.toggle("ballot-line--filled", place > 0);
    }
  }

  for (const field of fields) {
    const one = button("", "", () => {
      const ordered = order();
      put(field.value ? ordered.filter((other) => other !== field) : [...ordered, field]);
    });
    buttons.set(field, one);
    // The project's name is the label of the button now.
    one.id = field.id;
    field.removeAttribute("id");
    field.hidden = true;
    field.after(one);
  }
  window.addEventListener("pageshow", show);
  show();
}

document.querySelectorAll("[data-stepper]").forEach(steps);
document.querySelectorAll("[data-entry-meter]").forEach(meter);
document.querySelectorAll("[data-ranking]").forEach(ranking);
