// The files of a bundle, wherever they are: published, chosen from this device, or in a ZIP; and the table among them.

const LEAST_END = 22; // bytes of a ZIP's last record

// Name → bytes. `sources`: [{ name, url }] or [{ name, file }].
export async function read(sources, tell, Wrong) {
  const files = new Map();
  let done = 0;
  for (const { name, url, file } of sources) {
    const bytes = await bytesOf(url, file).catch(() => {
      throw new Wrong(name, "unreadable");
    });
    if (isZip(bytes)) {
      const inside = await unzipped(bytes).catch(() => {
        throw new Wrong(name, "bad_zip");
      });
      inside.forEach((content, path) => files.set(path, content));
    } else {
      files.set(name, bytes);
    }
    tell((done += 1) / sources.length);
  }
  return files;
}

async function bytesOf(url, file) {
  if (file) return new Uint8Array(await file.arrayBuffer());
  const response = await fetch(url, { cache: "no-cache" });
  if (!response.ok) throw new Error(response.status);
  return new Uint8Array(await response.arrayBuffer());
}

const isZip = (bytes) => bytes.length > LEAST_END && bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3;

// The list at its end says where each file lies; those of 4 GB and more are left to verify.py.
async function unzipped(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let end = bytes.length - LEAST_END;
  while (end >= 0 && view.getUint32(end, true) !== 0x06054b50) end -= 1;
  const files = new Map();
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left -= 1) {
    if (view.getUint32(at, true) !== 0x02014b50) throw new Error("no ZIP");
    const [nameLength, extra, comment] = [28, 30, 32].map((field) => view.getUint16(at + field, true));
    const path = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    const name = path.split("/").pop();
    if (name && !path.startsWith("__MACOSX/")) files.set(name, await content(bytes, view, at));
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

// A CSV file with a line of names on top: [{ name: cell }].
export function table(written) {
  const cells = /("(?:[^"]|"")*"|[^",\n]*)(,|\n)/y;
  const rows = [[]];
  for (let found = cells.exec(written); found; found = cells.exec(written)) {
    const cell = found[1];
    rows[rows.length - 1].push(cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell);
    if (found[2] === "\n") rows.push([]);
  }
  const [names, ...lines] = rows.slice(0, -1);
  return lines.map((line) => Object.fromEntries(names.map((name, i) => [name, line[i]])));
}

// As the table spells a text, so that no spreadsheet takes it for a formula, and a sum of money in pence.
export const cell = (written) => (/^[=+\-@\t\r]/.test(written) ? `'${written}` : written);

export function money(minor) {
  const pence = minor % 100;
  return `${Math.floor(minor / 100)}${pence ? `.${String(pence).padStart(2, "0")}` : ""}`;
}
