import { execFile, spawn } from "node:child_process";

import type { Cancellation } from "./cancellation";
import type { Environment } from "./environment";
import { CancelledError } from "./errors";
import { Lines } from "./log";

const IS_WINDOWS = process.platform === "win32";
const SECONDS_TO_END = 4; // the agent waits 7.5 after SIGINT
const PROBE_SECONDS = 60;

export type Stream = "stdout" | "stderr";

export interface Ended {
  /** The exit status; undefined when a signal ended it. */
  readonly status: number | undefined;
  readonly signal: string | undefined;
}

/**
 * Run a program, without a shell, in a process group of its own, and give each line that it prints to `each`.
 * When the job is cancelled it is interrupted, and killed with its children when it does not end.
 *
 * seconds: how long it may take; it is killed then. Raises CancelledError when the job was cancelled before it began,
 * and what spawn raises.
 */
export function run(
  command: string,
  words: readonly string[],
  environment: Environment,
  cancellation: Cancellation,
  each: (line: string, stream: Stream) => void,
  seconds?: number,
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    if (cancellation.isRequested) {
      reject(new CancelledError("cancelled"));
      return;
    }
    const child = spawn(command, words, {
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
      detached: !IS_WINDOWS,
      windowsHide: true,
    });
    const out = new Lines((line) => each(line, "stdout"));
    const err = new Lines((line) => each(line, "stderr"));
    child.stdout.on("data", (piece: Buffer) => out.push(piece));
    child.stderr.on("data", (piece: Buffer) => err.push(piece));
    const kill = () => {
      end(child.pid, true);
      // A grandchild that left the group would hold them open, and us with them.
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const tooLong = seconds === undefined ? undefined : setTimeout(kill, seconds * 1000);
    let lastCall: NodeJS.Timeout | undefined;
    const unlisten = cancellation.listen((isLastCall) => {
      if (isLastCall) {
        kill();
        return;
      }
      end(child.pid, false);
      lastCall ??= setTimeout(kill, SECONDS_TO_END * 1000);
    });
    const done = () => {
      unlisten();
      clearTimeout(lastCall);
      clearTimeout(tooLong);
      out.end();
      err.end();
    };
    child.on("error", (error) => {
      done();
      reject(error);
    });
    child.on("close", (status, signal) => {
      done();
      resolve({ status: status ?? undefined, signal: signal ?? undefined });
    });
  });
}

function end(pid: number | undefined, isLastCall: boolean): void {
  if (pid === undefined) {
    return;
  }
  if (IS_WINDOWS) {
    // Ctrl-C reached the child by the console; there is no gentler way to reach its children than this one.
    if (isLastCall) {
      execFile("taskkill", ["/PID", String(pid), "/T", "/F"], { windowsHide: true }, () => undefined);
    }
    return;
  }
  try {
    process.kill(-pid, isLastCall ? "SIGKILL" : "SIGINT");
  } catch {
    // it has ended
  }
}

/**
 * What a short-lived program prints on stdout; undefined when it cannot be run, fails, or does not end.
 * Raises CancelledError.
 */
export async function answerOf(
  command: string,
  words: readonly string[],
  environment: Environment,
  cancellation: Cancellation,
): Promise<string | undefined> {
  const lines: string[] = [];
  const keep = (line: string, stream: Stream) => {
    if (stream === "stdout") {
      lines.push(line);
    }
  };
  let ended: Ended | undefined;
  try {
    ended = await run(command, words, environment, cancellation, keep, PROBE_SECONDS);
  } catch {
    // it cannot be run, which is an answer, too; or the job was cancelled
  }
  cancellation.throwIfRequested();
  return ended?.status === 0 ? lines.join("\n") : undefined;
}
