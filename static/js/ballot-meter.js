// Keeps a pot's meter in step with its boxes. The server decides; this only adds up what is ticked, in minor units.

const fill = (text, values) => text.replace(/%\((\w+)\)s/g, (_, name) => values[name]);

// `zero` is nothing in the currency, as the server writes it ("£0", "0 zł"): the sign stands where it stands there.
function money(minor, zero, language) {
  const digits = minor % 100 === 0 ? 0 : 2;
  const number = (minor / 100).toLocaleString(language, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return zero.replace("0", number);
}

function start(meter) {
  const pot = meter.closest("[data-ballot-pot]") ?? meter.form ?? document;
  const budget = Number(meter.dataset.budget);
  const most = Number(meter.dataset.maxChoices) || null;
  const capped = Boolean(meter.dataset.capped);
  const text = meter.querySelector("[data-meter-text]");
  const spentText = meter.querySelector("[data-meter-spent]");
  const bar = meter.querySelector("[data-meter-bar]");
  const words = meter.dataset;
  const show = (minor) => money(minor, words.zero, words.language);

  function update() {
    const ticked = [...pot.querySelectorAll("input[data-cost]:checked")];
    const spent = ticked.reduce((sum, box) => sum + Number(box.dataset.cost), 0);
    const count = ticked.length;
    const parts = [fill(most ? words.textMax : words.textCount, { count, max: most })];
    const tooMany = most !== null && count > most;
    const over = capped && spent > budget;
    if (tooMany) parts.push(fill(words.textMany, { many: count - most }));
    if (over) parts.push(fill(words.textOver, { over: show(spent - budget) }));
    else if (capped) parts.push(fill(words.textLeft, { left: show(budget - spent) }));
    text.textContent = parts.join(", ");
    if (spentText) spentText.textContent = fill(words.textSpent, { spent: show(spent), total: show(budget) });
    const share = capped || most === null ? spent / budget : count / most;
    bar.setAttribute("width", String(Math.round(1000 * Math.min(1, share || 0))));
    meter.classList.toggle("meter--over", over || tooMany);
  }

  if (!pot.querySelector("input[data-cost]")) return;
  pot.addEventListener("change", update);
  // A browser may restore ticks when one comes back to the page.
  window.addEventListener("pageshow", update);
  update();
}

document.querySelectorAll("[data-ballot-meter]").forEach(start);
