import { StringDecoder } from "node:string_decoder";

import { neutralise } from "./log_safety";
import { masked } from "./secrets";

/** Text for the agent, without secrets and without anything that it would execute. */
export function safe(text: string): string {
  return neutralise(masked(text));
}

/** Print one line to the step's log. */
export function say(line: string): void {
  process.stdout.write(`${safe(line)}\n`);
}

const LONGEST = 1 << 20;

/** Cuts a child's output into whole lines: a mark that agents act on may be split across two pieces of output. */
export class Lines {
  readonly #decoder = new StringDecoder("utf8");
  readonly #each: (line: string) => void;
  #rest = "";

  constructor(each: (line: string) => void) {
    this.#each = each;
  }

  push(piece: Buffer): void {
    this.#rest += this.#decoder.write(piece);
    const lines = this.#rest.split(/\r\n|[\r\n]/);
    this.#rest = lines.pop() ?? "";
    lines.forEach(this.#each);
    if (this.#rest.length > LONGEST) {
      this.end();
    }
  }

  end(): void {
    const last = this.#rest + this.#decoder.end();
    this.#rest = "";
    if (last) {
      this.#each(last);
    }
  }
}
