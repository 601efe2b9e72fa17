// Checks a ballot box beside the page, so that the page stays alive: the steps of budgets/bundle/verify.py, in its order.
//
// Takes { scripts: { proofs, files, library } } at once, so that it needs no connection later, and then, as often as wanted,
// { sources: [{ name, url } | { name, file }], seen, receipt }. Says { step, part } while it works, { step, right: true }, and at the end { right: figures } or { wrong: {step, item, code, …} }.

const text = new TextEncoder();
const NEXT = {
  "": ["open"],
  open: ["open", "batch", "close"],
  batch: ["batch", "close"],
  close: ["strike", "provisional", "certified"],
  strike: ["strike", "provisional", "certified"],
  provisional: ["strike", "provisional", "certified"],
  certified: ["erratum", "key_destroyed"],
  key_destroyed: ["erratum"],
};
const SIGNED = ["open", "close", "provisional", "certified", "key_destroyed"];
const LEFT_BY_COMPUTERS = [".DS_Store", "Thumbs.db", "desktop.ini"];
const FIELDS = "body,hash,kind,previous,round,seq,signature";
const POINTED = ["cumulative", "scoring"];
const TABLE = ["project_id", "name", "cost", "votes", "funded", "order", "points", "pot", "area", "currency", "why"];
const BALLOT = /^\{"leaf":"([0-9a-f]{64})","salt":"([0-9a-f]{32})","selections":(.*)\}$/s;

let proofs;
let files;
let isSigned;

class Wrong extends Error {
  constructor(item, code, figures = {}) {
    super(code);
    this.said = { item, code, ...figures };
  }
}

function check(right, item, code, figures) {
  if (!right) throw new Wrong(item, code, figures);
}

function parsed(written, item) {
  let document;
  let again;
  try {
    document = JSON.parse(written);
    again = proofs.canonical(document);
  } catch {
    throw new Wrong(item, "spelling");
  }
  check(again === written && !/\\ud[89a-f]/i.test(written), item, "spelling");
  return document;
}

class Bundle {
  constructor(files) {
    this.files = files;
    check(files.has("manifest.json"), "manifest.json", "no_bundle");
    this.manifest = parsed(this.line("manifest.json"), "manifest.json");
    this.rules = parsed(this.line("rules.json"), "rules.json");
    this.rulesHash = proofs.hashOf("", proofs.canonical(this.rules));
    this.pots = new Map(this.rules.pots.map((pot) => [pot.key, new Map(pot.projects.map((p) => [p.code, p.cost]))]));
    this.ballots = new Map(); // selections as they are spelt -> { chosen, weight }
  }

  text(name) {
    check(this.files.has(name), name, "missing");
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(this.files.get(name));
    } catch {
      throw new Wrong(name, "not_utf8");
    }
  }

  lines(name) {
    const whole = this.text(name);
    check(whole.endsWith("\n"), name, "spelling");
    return whole.slice(0, -1).split("\n");
  }

  line(name) {
    const lines = this.lines(name);
    check(lines.length === 1, name, "spelling");
    return lines[0];
  }
}

// ── The files ───────────────────────────────────────────────────────────────
async function checkFiles(bundle, tell) {
  const { signature, ...manifest } = bundle.manifest;
  const listed = manifest.files;
  const hashes = new Map();
  let done = 0;
  for (const [name, bytes] of bundle.files) {
    hashes.set(name, proofs.hex(proofs.sha256(bytes)));
    tell((done += 1) / bundle.files.size);
  }
  const names = Object.keys(listed).sort(proofs.before);
  const differing = names.filter((name) => hashes.has(name) && hashes.get(name) !== listed[name]);
  const digest = proofs.sha256(text.encode(proofs.canonical(manifest)));
  const message = proofs.joined("good-local bundle\0", digest);
  if (!(await isSigned(bundle.rules.board_key, message, signature))) {
    // Was the list changed, or the key? The board names the key as well.
    const opened = parsed(bundle.text("board.jsonl").split("\n")[0], "board.jsonl");
    const rulesAlone = differing.length === 1 && differing[0] === "rules.json";
    const keyChanged = rulesAlone && (await isSigned(opened.body.board_key, message, signature));
    throw keyChanged ? new Wrong("rules.json", "differs") : new Wrong("manifest.json", "manifest_signature");
  }
  const aside = ["manifest.json", "verify.py", ...LEFT_BY_COMPUTERS];
  for (const name of hashes.keys()) check(Object.hasOwn(listed, name) || aside.includes(name), name, "not_listed");
  for (const name of names) check(hashes.has(name), name, "missing");
  for (const name of differing) throw new Wrong(name, "differs");
  const pots = bundle.rules.pots.flatMap((pot) => [`${pot.key}.pb`, `${pot.key}.trace.jsonl`]);
  const whole = ["rules.json", "board.jsonl", "ballots.jsonl", "result.csv", "verify_count.py", ...pots];
  check(String(whole.sort(proofs.before)) === String(names), "manifest.json", "other_files");
  check(manifest.round === bundle.rules.round, "manifest.json", "other_round");
}

// ── The board ───────────────────────────────────────────────────────────────
class Box {
  constructor(rules) {
    Object.assign(this, { rules, key: "", last: "", previous: "0".repeat(64), opened: {}, voted: {}, result: {} });
    Object.assign(this, { hashes: new Set(), sealed: new Set(), standing: new Set(), replaced: [], struck: [] });
  }

  async read(line, seq) {
    const item = `board.jsonl, ${seq}`;
    const entry = parsed(line, item);
    check(Object.keys(entry).sort().join() === FIELDS, item, "other_fields");
    const { hash, signature, ...stated } = entry;
    check(entry.seq === seq, item, "numbering");
    check(entry.previous === this.previous, item, "chain");
    check(entry.round === this.rules.round, item, "other_round");
    check(proofs.hashOf("\x02", proofs.canonical(stated)) === hash, item, "hash");
    const { kind, body } = entry;
    const step = kind === "result" ? body.state : kind;
    const aResult = step === "provisional" || step === "certified";
    check((kind === "result") === aResult && NEXT[this.last].includes(step), item, "order");
    if (kind === "open") this.key = body.board_key;
    const message = proofs.joined("good-local board checkpoint\0", proofs.unhex(hash));
    const signed = SIGNED.includes(step) ? await isSigned(this.key, message, signature) : signature === "";
    check(signed, item, "signature");
    this.take(kind, body, item);
    this.hashes.add(hash);
    this.previous = hash;
    if (kind !== "erratum") this.last = step;
  }

  take(kind, body, item) {
    if (kind === "open") this.opened = body;
    else if (kind === "batch") this.takeBatch(body, item);
    else if (kind === "close") this.takeClose(body, item);
    else if (kind === "result") this.takeResult(body, item);
    else if (kind === "strike") {
      check(this.standing.delete(body.leaf), item, "not_standing");
      check(typeof body.reason === "string" && body.reason, item, "no_reason");
      this.struck.push(body.leaf);
    }
  }

  takeBatch({ leaves, root }, item) {
    check(areLeaves(leaves) && leaves.length, item, "leaves");
    check(proofs.merkleRoot(leaves) === root, item, "root");
    for (const leaf of leaves) {
      check(!this.sealed.has(leaf), item, "sealed_twice");
      this.sealed.add(leaf);
    }
  }

  takeClose(body, item) {
    check(areLeaves(body.superseded), item, "leaves");
    for (const leaf of body.superseded) check(this.sealed.has(leaf), item, "never_sealed");
    this.replaced = body.superseded;
    const gone = new Set(this.replaced);
    this.standing = new Set([...this.sealed].filter((leaf) => !gone.has(leaf)));
    this.checkStanding(body, item);
    const numbers = Object.values(body.voted);
    check(numbers.every((n) => Number.isSafeInteger(n) && n >= 0), item, "balance");
    check(numbers.reduce((a, b) => a + b, 0) === this.standing.size, item, "balance");
  }

  takeResult(body, item) {
    const again = body.ballots === this.result.ballots;
    this.checkStanding(body, item);
    check(!again || withoutVersions(body.pots) === withoutVersions(this.result.pots), item, "two_results");
    const keys = (pots, name) => String(pots.map((pot) => pot[name]).sort());
    check(keys(body.pots, "pot") === keys(this.rules.pots, "key"), item, "pots");
    this.result = body;
  }

  checkStanding(body, item) {
    check(body.ballots === this.standing.size, item, "other_ballots");
    if (this.rooted !== this.standing.size) {
      this.rooted = this.standing.size; // ballots only ever stop standing: the same number is the same ballots
      this.root = proofs.merkleRoot([...this.standing].sort());
    }
    check(body.root === this.root, item, "other_ballots");
  }
}

// A newer engine may count again, if it comes to the same.
const withoutVersions = (pots) => proofs.canonical(pots.map((said) => ({ ...said, version: "" })));

function areLeaves(leaves) {
  return Array.isArray(leaves) && leaves.every((leaf, i) => proofs.isHex(leaf, 64) && (!i || leaves[i - 1] < leaf));
}

async function checkBoard(bundle, tell) {
  const box = new Box(bundle.rules);
  const lines = bundle.lines("board.jsonl");
  for (let seq = 0; seq < lines.length; seq += 1) {
    await box.read(lines[seq], seq);
    if (seq % 200 === 0) tell(seq / lines.length);
  }
  check(box.last === "key_destroyed", "board.jsonl", "no_end");
  check(box.previous === bundle.manifest.board, "board.jsonl", "no_head");
  check(box.opened.rules_hash === bundle.rulesHash, "rules.json", "other_rules");
  check(box.key === bundle.rules.board_key, "rules.json", "other_rules");
  check(!box.replaced.length || bundle.rules.ballot.may_revise === true, "board.jsonl", "no_revising");
  return box;
}

// ── The ballots ─────────────────────────────────────────────────────────────
function checkBallots(bundle, box, tell, receipt) {
  const { round, ballot } = bundle.rules;
  const start = `\0${proofs.canonical({ round, rules_hash: bundle.rulesHash }).slice(0, -1)},"salt":"`;
  const lines = bundle.files.get("ballots.jsonl").length ? bundle.lines("ballots.jsonl") : [];
  let last = "";
  let mine = 0;
  lines.forEach((line, i) => {
    const item = `ballots.jsonl, ${i + 1}`;
    const found = BALLOT.exec(line);
    check(found, item, "spelling");
    const [, leaf, salt, selections] = found;
    check(proofs.hashOf(start, `${salt}","selections":${selections},"v":1}`) === leaf, item, "leaf");
    check(leaf > last, item, "leaf_order");
    check(box.standing.has(leaf), item, "not_sealed");
    let same = bundle.ballots.get(selections);
    if (!same) {
      same = { chosen: parsed(selections, item), weight: 0 };
      check(mayStand(same.chosen, bundle, ballot), item, "forbidden");
      bundle.ballots.set(selections, same);
    }
    same.weight += 1;
    last = leaf;
    if (leaf === receipt) mine = i + 1;
    if (i % 1000 === 0) tell(i / lines.length);
  });
  const number = box.standing.size - lines.length;
  check(number === 0, "ballots.jsonl", "ballots_missing", { number });
  return mine;
}

function mayStand(chosen, bundle, ballot) {
  const sections = Object.entries(chosen);
  const amounts = new Map(bundle.rules.pots.map((pot) => [pot.key, pot.amount]));
  return sections.length > 0 && sections.every(
    ([key, section]) => bundle.pots.has(key) && sectionMayStand(section, ballot, bundle.pots.get(key), amounts.get(key)),
  );
}

function sectionMayStand(section, ballot, costs, amount) {
  const pointed = POINTED.includes(ballot.format);
  if (!Array.isArray(section) || !section.length) return false;
  if (pointed && !section.every((pair) => Array.isArray(pair) && pair.length === 2)) return false;
  const codes = pointed ? section.map((pair) => pair[0]) : section;
  if (new Set(codes).size !== codes.length || !codes.every((code) => costs.has(code))) return false;
  if (ballot.format !== "ordinal" && codes.some((code, i) => i && proofs.before(codes[i - 1], code) >= 0)) return false;
  if (pointed) {
    const points = section.map((pair) => pair[1]);
    const most = ballot.points * (ballot.format === "scoring" ? codes.length : 1);
    const fair = points.every((n) => Number.isSafeInteger(n) && n >= 1 && n <= ballot.points);
    return fair && points.reduce((a, b) => a + b, 0) <= most;
  }
  if (ballot.format === "knapsack") return codes.reduce((sum, code) => sum + costs.get(code), 0) <= amount;
  return codes.length <= ballot.max_choices;
}

// ── The votes ───────────────────────────────────────────────────────────────
function electionOf(bundle, pot) {
  const costs = bundle.pots.get(pot.key);
  const codes = [...costs.keys()].sort(proofs.before);
  const place = new Map(codes.map((code, i) => [code, i]));
  const format = bundle.rules.ballot.format;
  const groups = new Map();
  for (const { chosen, weight } of bundle.ballots.values()) {
    if (!Object.hasOwn(chosen, pot.key)) continue;
    const pairs = chosen[pot.key].map((each, i) => {
      if (POINTED.includes(format)) return [place.get(each[0]), each[1]];
      return [place.get(each), i + 1];
    });
    pairs.sort((a, b) => a[0] - b[0]);
    const values = POINTED.includes(format) || format === "ordinal" ? pairs.map((pair) => pair[1]) : [];
    const group = [pairs.map((pair) => pair[0]), values];
    const name = JSON.stringify(group);
    if (groups.has(name)) groups.get(name)[2] += weight;
    else groups.set(name, [...group, weight]);
  }
  const ballots = [...groups.values()].sort((a, b) => byNumbers(a[0], b[0]) || byNumbers(a[1], b[1]));
  const projects = codes.map((code) => [code, costs.get(code), "", []]);
  return { ballots, budget: pot.amount, projects, unit: 100, vote_type: format };
}

function byNumbers(a, b) {
  const at = a.findIndex((number, i) => i >= b.length || number !== b[i]);
  if (at < 0) return a.length - b.length;
  return at < b.length ? a[at] - b[at] : 1;
}

function checkVotes(bundle, box, tell) {
  const rows = readTable(bundle);
  bundle.rules.pots.forEach((pot, i) => {
    const election = electionOf(bundle, pot);
    const said = box.result.pots.find((result) => result.pot === pot.key);
    check(proofs.hashOf("", proofs.canonical(election)) === said.election_digest, "board.jsonl", "counted_others", { pot: pot.name });
    check(said.rule === bundle.rules.counting.name, "board.jsonl", "counted_otherwise", { pot: pot.name });
    checkTable(rows.filter((row) => row.pot === files.cell(pot.name)), pot, files.supportOf(election, bundle.rules.counting.rule), said.selected, bundle.rules.currency);
    tell((i + 1) / bundle.rules.pots.length);
  });
}

// Of every project in the rules one line, and no other column, line or part of a line.
function readTable(bundle) {
  const table = files.table(bundle.text("result.csv"));
  check(table, "result.csv", "csv_table");
  check(proofs.canonical(table.names) === proofs.canonical(TABLE), "result.csv", "csv_columns");
  const [lines, number] = [table.lines.length, bundle.rules.pots.flatMap((pot) => pot.projects).length];
  check(lines === number, "result.csv", "csv_lines", { lines, number });
  return table.lines;
}

function checkTable(rows, pot, support, selected, currency) {
  const table = new Map(rows.map((row) => [row.project_id, row]));
  const figures = { pot: pot.name };
  check(table.size === rows.length && rows.length === pot.projects.length, "result.csv", "csv_projects", figures);
  for (const project of pot.projects) {
    const row = table.get(files.cell(project.code));
    check(row, "result.csv", "csv_projects", figures);
    const at = selected.indexOf(project.code);
    const funded = at < 0 ? ["no", ""] : ["yes", `${at + 1}`];
    const right = [files.cell(project.name), files.money(project.cost), ...funded, currency];
    const same = ["name", "cost", "funded", "order", "currency"].every((name, i) => row[name] === right[i]);
    check(same, "result.csv", "csv_row", { project: project.name });
    const { votes, points } = support.get(project.code);
    const said = { project: project.name, votes, points: points || "0" };
    check(row.votes === votes, "result.csv", "csv_votes", { ...said, said: row.votes });
    check(row.points === points, "result.csv", "csv_points", { ...said, said: row.points || "0" });
  }
}

// ── All of it ───────────────────────────────────────────────────────────────
let loaded;
let now = "read";

async function step(name, work) {
  now = name;
  const tell = (part) => postMessage({ step: name, part });
  tell(0);
  const found = await work(tell);
  postMessage({ step: name, right: true });
  return found;
}

function whereIs(receipt, box, line) {
  if (!receipt) return "";
  if (line) return "right";
  if (box.replaced.includes(receipt)) return "replaced";
  return box.struck.includes(receipt) ? "struck" : "wrong";
}

async function load(scripts) {
  [proofs, files] = await Promise.all([import(scripts.proofs), import(scripts.files)]);
  isSigned = await proofs.verifier(scripts.library);
}

async function run({ sources, seen, receipt }) {
  now = "read";
  await loaded;
  const bundle = await step("read", async (tell) => new Bundle(await files.read(sources, tell, Wrong)));
  await step("files", (tell) => checkFiles(bundle, tell));
  const box = await step("board", async (tell) => {
    const found = await checkBoard(bundle, tell);
    check(!seen || found.hashes.has(seen), "board.jsonl", "seen_wrong");
    return found;
  });
  const line = await step("ballots", (tell) => checkBallots(bundle, box, tell, receipt));
  await step("votes", (tell) => checkVotes(bundle, box, tell));
  const figures = { ballots: box.standing.size, replaced: box.replaced.length, struck: box.struck.length };
  return { ...figures, head: box.previous, seen: Boolean(seen), receipt: whereIs(receipt, box, line), line };
}

onmessage = async ({ data }) => {
  if (data.scripts) {
    loaded = load(data.scripts);
    return;
  }
  try {
    postMessage({ right: await run(data) });
  } catch (error) {
    const said = error instanceof Wrong ? error.said : { item: now, code: "malformed", error: String(error) };
    postMessage({ wrong: { step: now, ...said } });
  }
};
