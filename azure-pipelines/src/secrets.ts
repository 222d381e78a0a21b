import * as tl from "azure-pipelines-task-lib/task";

const SHORTEST = 6; // a shorter piece would black out innocent words of the log

const known = new Set<string>();

/** Have the agent mask a secret in the log from now on, and mask it in whatever we print ourselves. */
export function keepSecret(value: string | undefined): void {
  for (const line of (value ?? "").split(/[\r\n]+/)) {
    const piece = line.trim();
    // The agent masks line by line, and refuses secrets of several lines (a PEM). Its headings are no secret.
    if (piece.length >= SHORTEST && !piece.startsWith("-----") && !known.has(piece)) {
      known.add(piece);
      tl.setSecret(piece);
    }
  }
}

/** The text with every known secret masked. */
export function masked(text: string): string {
  let shown = text;
  for (const secret of known) {
    shown = shown.replaceAll(secret, "***");
  }
  return shown;
}
