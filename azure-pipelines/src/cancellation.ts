import { CancelledError } from "./errors";

/**
 * The agent cancels a step with SIGINT, a few seconds later with SIGTERM, and then kills it (Agent.Sdk/ProcessInvoker.cs);
 * on Windows it sends Ctrl-C and Ctrl-Break to the whole console.
 */
export class Cancellation {
  readonly #listeners = new Set<(isLastCall: boolean) => void>();
  #isRequested = false;

  constructor() {
    process.on("SIGINT", () => this.#tell(false));
    process.on("SIGTERM", () => this.#tell(true));
    process.on("SIGBREAK", () => this.#tell(true));
  }

  get isRequested(): boolean {
    return this.#isRequested;
  }

  /** Raises CancelledError when the job was cancelled. */
  throwIfRequested(): void {
    if (this.#isRequested) {
      throw new CancelledError("cancelled");
    }
  }

  /** Have a function called at each request; `isLastCall` says that there is no more time. Returns how to stop that. */
  listen(listener: (isLastCall: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(isLastCall: boolean): void {
    this.#isRequested = true;
    for (const listener of this.#listeners) {
      listener(isLastCall);
    }
  }
}
