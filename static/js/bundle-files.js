// The files of a bundle, wherever they are: published, chosen from this device, or in a ZIP; and the table among them.

const LEAST_END = 22; // bytes of a ZIP's last record

const ADDED_UP = ["cumulative", "scoring", "ordinal"]; // ballots that give points: of ranks, the best gets as many as the longest ballot has

class FoldersError extends Error {}

// Name → bytes. `sources`: [{ name, url }] or [{ name, file }].
export async function read(sources, tell, Wrong) {
  const files = new Map();
  let done = 0;
  for (const { name, url, file } of sources) {
    const bytes = await bytesOf(url, file).catch(() => {
      throw new Wrong(name, "unreadable");
    });
    if (isZip(bytes)) {
      const inside = await unzipped(bytes).catch((error) => {
        throw new Wrong(name, error instanceof FoldersError ? "zip_folders" : "bad_zip");
      });
      inside.forEach((content, path) => put(files, path, content, Wrong));
    } else {
      put(files, name, bytes, Wrong);
    }
    tell((done += 1) / sources.length);
  }
  return files;
}

// Of two files of one name, which would be checked, and which one read?
function put(files, name, bytes, Wrong) {
  if (files.has(name)) throw new Wrong(name, "named_twice");
  files.set(name, bytes);
}

async function bytesOf(url, file) {
  if (file) return new Uint8Array(await file.arrayBuffer());
  const response = await fetch(url, { cache: "no-cache" });
  if (!response.ok) throw new Error(response.status);
  return new Uint8Array(await response.arrayBuffer());
}

const isZip = (bytes) => bytes.length > LEAST_END && bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3;

// The list at its end says where each file lies; those of 4 GB and more are left to verify.py. All have to lie in one folder,
// each once: who unpacks the ZIP finds the same files.
async function unzipped(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let end = bytes.length - LEAST_END;
  while (end >= 0 && view.getUint32(end, true) !== 0x06054b50) end -= 1;
  const files = new Map();
  let folder;
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left -= 1) {
    if (view.getUint32(at, true) !== 0x02014b50) throw new Error("no ZIP");
    const [nameLength, extra, comment] = [28, 30, 32].map((field) => view.getUint16(at + field, true));
    const path = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    if (!path.endsWith("/") && !path.startsWith("__MACOSX/")) {
      const start = path.lastIndexOf("/") + 1;
      folder ??= path.slice(0, start);
      const name = path.slice(start);
      if (folder !== path.slice(0, start) || files.has(name)) throw new FoldersError(path);
      files.set(name, await content(bytes, view, at));
    }
    at += 46 + nameLength + extra + comment;
  }
  return files;
}

async function content(bytes, view, at) {
  const [method, size, header] = [view.getUint16(at + 10, true), view.getUint32(at + 20, true), view.getUint32(at + 42, true)];
  const start = header + 30 + view.getUint16(header + 26, true) + view.getUint16(header + 28, true);
  const packed = bytes.subarray(start, start + size);
  if (method === 0) return packed;
  if (method !== 8) throw new Error("unknown compression");
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// A CSV file: the names on top, and the lines below as { name: cell }. Null if anything is not in order.
export function table(written) {
  const cells = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\n)/y;
  const rows = [[]];
  let end = 0;
  for (let found = cells.exec(written); found; found = cells.exec(written)) {
    const cell = found[1];
    rows[rows.length - 1].push(cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell);
    if (found[2] === "\n") rows.push([]);
    end = cells.lastIndex;
  }
  const [names, ...lines] = rows.slice(0, -1);
  const whole = end === written.length && rows.at(-1).length === 0;
  if (!whole || lines.some((line) => line.length !== names.length)) return null;
  return { names, lines: lines.map((line) => Object.fromEntries(names.map((name, i) => [name, line[i]]))) };
}

// Project → { votes, points } as the table spells them: no points where ballots give none.
export function supportOf(election, rule) {
  const { ballots, projects, vote_type: format } = election;
  const support = projects.map(() => ({ votes: 0, points: 0 }));
  let longest = 0;
  for (const [, values] of ballots) for (const value of values) longest = Math.max(longest, value);
  for (const [members, values, weight] of ballots) {
    members.forEach((member, i) => {
      support[member].votes += weight;
      support[member].points += weight * (format === "ordinal" ? longest + 1 - values[i] : (values[i] ?? 0));
    });
  }
  const shown = rule.score === "points" ? "points" : "votes";
  const written = (found) => ({ votes: `${found.votes}`, points: ADDED_UP.includes(format) ? `${found[shown]}` : "" });
  return new Map(projects.map(([code], i) => [code, written(support[i])]));
}

// As the table spells a text, so that no spreadsheet takes it for a formula, and a sum of money in pence.
export const cell = (written) => (/^[=+\-@\t\r]/.test(written) ? `'${written}` : written);

export function money(minor) {
  const pence = minor % 100;
  return `${Math.floor(minor / 100)}${pence ? `.${String(pence).padStart(2, "0")}` : ""}`;
}
