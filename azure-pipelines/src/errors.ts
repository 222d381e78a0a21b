/** Something that the user can mend: one sentence that says what is, what follows and what to do. */
export class TaskError extends Error {}

/** The job was cancelled. */
export class CancelledError extends Error {}

