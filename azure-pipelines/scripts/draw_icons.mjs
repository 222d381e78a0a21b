// Draws the icons: a container on its way into a ring of nodes. `node scripts/draw_icons.mjs` writes them anew.
import { writeFileSync } from "node:fs";
import path from "node:path";
import { crc32, deflateSync } from "node:zlib";

import { root } from "./project.mjs";

const BLUE = [0, 90, 158];
const WHITE = [255, 255, 255];
const GREEN = [107, 203, 119];
const SAMPLES = 4;

// Shapes in a square of side 1: each tells whether a point is inside.
const card = (x, y) => rounded(x, y, 0.02, 0.02, 0.98, 0.98, 0.18);
const box = (x, y) => rounded(x, y, 0.17, 0.3, 0.63, 0.7, 0.03) && !bars(x, y);
const bars = (x, y) => y > 0.37 && y < 0.63 && [0.26, 0.37, 0.48].some((left) => x > left && x < left + 0.055);
const tick = (x, y) => near(x, y, 0.55, 0.66, 0.66, 0.77) || near(x, y, 0.66, 0.77, 0.86, 0.51);

function rounded(x, y, left, top, right, bottom, radius) {
  const dx = Math.max(left + radius - x, 0, x - (right - radius));
  const dy = Math.max(top + radius - y, 0, y - (bottom - radius));
  return Math.hypot(dx, dy) <= radius;
}

function near(x, y, x1, y1, x2, y2, width = 0.055) {
  const along = ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / ((x2 - x1) ** 2 + (y2 - y1) ** 2);
  const t = Math.min(1, Math.max(0, along));
  return Math.hypot(x - x1 - t * (x2 - x1), y - y1 - t * (y2 - y1)) <= width;
}

function colourAt(x, y) {
  if (tick(x, y)) return [...GREEN, 255];
  if (box(x, y)) return [...WHITE, 255];
  return card(x, y) ? [...BLUE, 255] : [...BLUE, 0];
}

function pixel(column, row, size) {
  const sum = [0, 0, 0, 0];
  for (let i = 0; i < SAMPLES * SAMPLES; i += 1) {
    const x = (column + ((i % SAMPLES) + 0.5) / SAMPLES) / size;
    const y = (row + (Math.floor(i / SAMPLES) + 0.5) / SAMPLES) / size;
    colourAt(x, y).forEach((part, at) => (sum[at] += part));
  }
  return sum.map((part) => Math.round(part / SAMPLES ** 2));
}

function png(size) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 6, 0, 0, 0], 8); // eight bits, RGBA
  const rows = Array.from({ length: size }, (_, row) => [
    0,
    ...Array.from({ length: size }, (_, column) => pixel(column, row, size)).flat(),
  ]);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const data = deflateSync(Buffer.from(rows.flat()), { level: 9 });
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", data), chunk("IEND", Buffer.alloc(0))]);
}

function chunk(kind, data) {
  const body = Buffer.concat([Buffer.from(kind, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

writeFileSync(path.join(root, "AksAcrCheck/AksAcrCheckV1/icon.png"), png(32));
writeFileSync(path.join(root, "images/extension-icon.png"), png(128));
