/** Resolves after `milliseconds`. The SDK's one adapter to the runtime's time, where nobody supplies another. */
export type Pause = (milliseconds: number) => Promise<void>;

export const systemPause: Pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
