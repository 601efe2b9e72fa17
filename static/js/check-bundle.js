// The page that checks a ballot box: gathers files, lets the worker check them, and says how it stands and how it ended.
//
// [data-check] holds forms with [data-check-run="published" | "chosen"], the steps [data-check-step], the bar, a status line
// and the outcome. Addresses and words come as JSON beside it.

const root = document.querySelector("[data-check]");
if (!window.Worker || !crypto.subtle) {
  document.querySelector("[data-check-cannot]").hidden = false;
  throw new Error("this browser cannot check a ballot box");
}
const words = JSON.parse(document.getElementById("check-words").textContent);
const addresses = JSON.parse(document.getElementById("check-addresses").textContent);
const find = (name) => root.querySelector(`[data-check-${name}]`);
const said = find("said");
const bar = find("bar");
const outcome = find("outcome");
let worker = fresh();
let busy = false;

// Loaded with the page, so that files can be checked without a connection.
function fresh() {
  const { worker: address, proofs, files, library } = root.dataset;
  const made = new Worker(address, { type: "module" });
  made.onmessage = ({ data }) => heard(data);
  made.onerror = () => fails({ step: "read", item: "read", code: "unreadable" });
  made.postMessage({ scripts: { proofs, files, library } });
  return made;
}

function heard(data) {
  if (data.step) return working(data);
  busy = false;
  return data.right ? holds(data.right) : fails(data.wrong);
}

const say = (code, figures = {}) => words[code].replaceAll(/%\((\w+)\)s/g, (_, name) => figures[name]);
const figure = (number) => number.toLocaleString(document.documentElement.lang);
const lineOf = (name) => root.querySelector(`[data-check-step="${name}"]`);

function mark(line, state) {
  line.dataset.state = state;
  line.querySelector("[data-state-said]").textContent = state === "open" ? "" : words[`step_${state}`];
}

function begin() {
  if (busy) {
    worker.terminate();
    worker = fresh();
  }
  busy = true;
  outcome.hidden = true;
  root.querySelectorAll("[data-check-step]").forEach((line) => mark(line, "open"));
  root.querySelectorAll("[data-check-step] [data-state-said]").forEach((text) => (text.textContent = ""));
  find("progress").hidden = false;
  bar.value = 0;
  bar.hidden = false;
}

function working({ step, part, right }) {
  const lines = [...root.querySelectorAll("[data-check-step]")];
  const line = lineOf(step);
  const at = lines.indexOf(line);
  bar.value = (at + (right ? 1 : part)) / lines.length;
  if (right) {
    mark(line, "done");
  } else if (line.dataset.state !== "working") {
    line.dataset.state = "working";
    said.textContent = say("working", { step: line.querySelector("[data-step-name]").textContent });
  }
}

function paragraph(text, kind = "p") {
  const made = document.createElement(kind);
  made.textContent = text;
  return made;
}

function end(right, title, texts) {
  const box = root.querySelector(`[data-check-${right ? "right" : "wrong"}]`).content.cloneNode(true);
  box.querySelector(".notice__title").textContent = title;
  box.querySelector("[data-texts]").replaceChildren(...texts.map((text) => paragraph(text)));
  outcome.replaceChildren(box);
  outcome.hidden = false;
  bar.hidden = true;
  said.textContent = "";
  outcome.focus();
}

function holds(found) {
  const [ballots, replaced, struck] = [found.ballots, found.replaced, found.struck].map(figure);
  const texts = [say("right", { ballots, replaced, struck })];
  if (found.seen) texts.push(say("seen_right"));
  if (found.receipt === "wrong") return end(false, say("wrong_title", { item: words.your_receipt }), [say("receipt_wrong"), ...texts]);
  if (found.receipt) texts.push(say(`receipt_${found.receipt}`, { line: figure(found.line) }));
  return end(true, words.right_title, [...texts, say("fingerprint", { head: found.head })]);
}

function fails(wrong) {
  mark(lineOf(wrong.step), "wrong");
  const [name, line] = wrong.item.split(/, (?=\d+$)/);
  const item = line === undefined ? (words[`item_${name}`] ?? name) : say("line_of", { name, line });
  const figures = Object.fromEntries(Object.entries(wrong).map(([key, of]) => [key, typeof of === "number" ? figure(of) : of]));
  end(false, say("wrong_title", { item }), [say(wrong.code, figures), words.wrong_what_now]);
}

function start(sources) {
  begin();
  const typed = (name) => root.querySelector(`#check-${name}`).value.replaceAll(/\s/g, "").toLowerCase();
  worker.postMessage({ sources, seen: typed("seen"), receipt: typed("receipt") });
}

root.addEventListener("submit", (event) => {
  event.preventDefault();
  const chosen = root.querySelector("#check-files");
  const picked = event.submitter.dataset.checkRun === "chosen";
  if (picked && !chosen.files.length) {
    chosen.focus();
    said.textContent = words.choose_first;
    find("progress").hidden = false;
    return;
  }
  const files = [...chosen.files].map((file) => ({ name: file.name, file }));
  start(picked ? files : Object.entries(addresses).map(([name, url]) => ({ name, url: new URL(url, location).href })));
});

root.hidden = false;
