/** One change to the machine: what it is in words, and how it is made. */
export interface Step {
  readonly says: string;
  act(): void | Promise<void>;
}

/** What was done, or what would be. */
export type Done = readonly string[];

/** Takes the steps in order, unless they shall only be told. */
export async function take(steps: readonly Step[], dryRun: boolean): Promise<Done> {
  if (!dryRun) {
    for (const step of steps) {
      await step.act();
    }
  }
  return steps.map(({ says }) => says);
}
