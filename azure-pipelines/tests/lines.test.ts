import assert from "node:assert/strict";
import { test } from "node:test";

import { Lines } from "../src/log";

function linesOf(pieces: Buffer[]): string[] {
  const found: string[] = [];
  const lines = new Lines((line) => found.push(line));
  pieces.forEach((piece) => lines.push(piece));
  lines.end();
  return found;
}

test("output is cut into whole lines, wherever it was cut into pieces", () => {
  const text = Buffer.from("first ä\r\n##vso[task.x]y\rthird\n\nlast ✔");
  for (let at = 0; at <= text.length; at += 1) {
    const found = linesOf([text.subarray(0, at), text.subarray(at)]).filter((line) => line !== "");
    assert.deepEqual(found, ["first ä", "##vso[task.x]y", "third", "last ✔"]);
  }
});

test("a line without end does not fill the memory", () => {
  const found = linesOf(Array.from({ length: 40 }, () => Buffer.alloc(1 << 16, "x")));
  assert.ok(found.length > 1);
  assert.equal(found.join("").length, 40 * (1 << 16));
});
