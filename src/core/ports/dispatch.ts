/** Why no order can leave now: each is kept and leaves when it can. */
export const dispatchObstacles = ['held', 'signer_away'] as const;

export type DispatchObstacle = (typeof dispatchObstacles)[number];

/** Hands orders to agents. */
export interface Dispatch {
  /** What keeps every order from leaving, whoever it is for; undefined where nothing does. Soon, and never rejects. */
  obstacle(): Promise<DispatchObstacle | undefined>;
}
