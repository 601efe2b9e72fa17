// Hashes, canonical JSON, Merkle trees and signatures of a ballot box: what budgets/bundle/verify.py does in Python.
//
// SHA-256 is written here, because a browser's own answers one question at a time and later: a box has half a million.

const text = new TextEncoder();

// ── SHA-256 (FIPS 180-4) ────────────────────────────────────────────────────
// Its constants are the first 32 bits behind the point of the roots of the first primes, found in whole numbers.
function root(number, power) {
  let low = 0n;
  let high = number;
  while (low < high) {
    const middle = (low + high + 1n) / 2n;
    if (middle ** power <= number) low = middle;
    else high = middle - 1n;
  }
  return low;
}

const PRIMES = [];
for (let n = 2; PRIMES.length < 64; n += 1) if (PRIMES.every((p) => n % p)) PRIMES.push(n);
const behind = (prime, power) => Number(BigInt.asIntN(32, root(BigInt(prime) << (32n * power), power)));
const K = Int32Array.from(PRIMES, (prime) => behind(prime, 3n));
const START = Int32Array.from(PRIMES.slice(0, 8), (prime) => behind(prime, 2n));
const W = new Int32Array(64);

function block(state, bytes, at) {
  for (let i = 0, j = at; i < 16; i += 1, j += 4) {
    W[i] = (bytes[j] << 24) | (bytes[j + 1] << 16) | (bytes[j + 2] << 8) | bytes[j + 3];
  }
  for (let i = 16; i < 64; i += 1) {
    const x = W[i - 15];
    const y = W[i - 2];
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    W[i] = (W[i - 16] + s0 + W[i - 7] + s1) | 0;
  }
  let a = state[0];
  let b = state[1];
  let c = state[2];
  let d = state[3];
  let e = state[4];
  let f = state[5];
  let g = state[6];
  let h = state[7];
  for (let i = 0; i < 64; i += 1) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
  state[5] += f;
  state[6] += g;
  state[7] += h;
}

const STATE = new Int32Array(8);
const END = new Uint8Array(128);
const VIEW = new DataView(END.buffer);

export function sha256(bytes) {
  STATE.set(START);
  const whole = bytes.length - (bytes.length % 64);
  for (let at = 0; at < whole; at += 64) block(STATE, bytes, at);
  const rest = bytes.length - whole;
  const length = rest < 56 ? 64 : 128;
  END.fill(0);
  END.set(bytes.subarray(whole));
  END[rest] = 0x80;
  VIEW.setUint32(length - 8, Math.floor(bytes.length / 0x20000000));
  VIEW.setUint32(length - 4, (bytes.length << 3) >>> 0);
  for (let at = 0; at < length; at += 64) block(STATE, END, at);
  const digest = new Uint8Array(32);
  for (let i = 0; i < 32; i += 1) digest[i] = STATE[i >> 2] >>> (24 - 8 * (i & 3));
  return digest;
}

// ── Hexadecimal ─────────────────────────────────────────────────────────────
const PAIRS = Array.from({ length: 256 }, (_, n) => n.toString(16).padStart(2, "0"));

export function hex(bytes) {
  let written = "";
  for (const byte of bytes) written += PAIRS[byte];
  return written;
}

const nibble = (code) => (code < 58 ? code - 48 : code - 87);

function put(written, bytes, at) {
  for (let i = 0; i < written.length; i += 2) {
    bytes[at + i / 2] = (nibble(written.charCodeAt(i)) << 4) | nibble(written.charCodeAt(i + 1));
  }
}

export function unhex(written) {
  const bytes = new Uint8Array(written.length / 2);
  put(written, bytes, 0);
  return bytes;
}

export const isHex = (written, digits) =>
  typeof written === "string" && written.length === digits && /^[0-9a-f]+$/.test(written);

export const hashOf = (prefix, written) => hex(sha256(text.encode(prefix + written)));

// ── Canonical JSON ──────────────────────────────────────────────────────────
// By code points, as Python sorts, and not by UTF-16 units: pairs of surrogates come last.
const place = (unit) => (unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit);

export function before(a, b) {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const difference = place(a.charCodeAt(i)) - place(b.charCodeAt(i));
    if (difference) return difference;
  }
  return a.length - b.length;
}

export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const pairs = Object.keys(value).sort(before);
    return `{${pairs.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
  }
  if (typeof value === "number" && !Number.isSafeInteger(value)) throw new RangeError("not a whole number");
  return JSON.stringify(value);
}

// ── Trees and signatures ────────────────────────────────────────────────────
// Level by level in one piece of memory: two neighbours make one node, one without a neighbour moves up as it is.
export function merkleRoot(leaves) {
  if (!leaves.length) return hex(sha256(new Uint8Array()));
  const level = new Uint8Array(leaves.length * 32);
  leaves.forEach((leaf, i) => put(leaf, level, i * 32));
  const node = new Uint8Array(65);
  node[0] = 1;
  for (let size = leaves.length; size > 1; size = (size + 1) >> 1) {
    const pairs = size >> 1;
    for (let i = 0; i < pairs; i += 1) {
      node.set(level.subarray(i * 64, i * 64 + 64), 1);
      level.set(sha256(node), i * 32);
    }
    if (size % 2) level.copyWithin(pairs * 32, (size - 1) * 32, size * 32);
  }
  return hex(level.subarray(0, 32));
}

// Gives what answers (key, message, signature): the browser's own Ed25519 where it has it, else that of the library.
export async function verifier(library) {
  const own = (key) => crypto.subtle.importKey("raw", unhex(key), "Ed25519", false, ["verify"]);
  const isOwn = await own("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a").then(() => true, () => false);
  const noble = isOwn ? null : await import(library);
  const verify = (key, message, signature) =>
    isOwn
      ? own(key).then((imported) => crypto.subtle.verify("Ed25519", imported, unhex(signature), message))
      : noble.verifyAsync(unhex(signature), message, unhex(key), { zip215: false });
  return async (key, message, signature) =>
    isHex(key, 64) && isHex(signature, 128) && verify(key, message, signature).catch(() => false);
}

export function joined(prefix, bytes) {
  const start = text.encode(prefix);
  const whole = new Uint8Array(start.length + bytes.length);
  whole.set(start);
  whole.set(bytes, start.length);
  return whole;
}
