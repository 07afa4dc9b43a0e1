import type { Action } from './action.ts';

/**
 * A list of actions in parts, in its order, each of so many actions as have at most `most` tasks together: what is read of them at once
 * must fit in memory. An action with more tasks is a part of its own.
 */
export function partsByTasks<Each extends Pick<Action, 'endpointsCount'>>(
  actions: readonly Each[],
  most: number,
): readonly (readonly Each[])[] {
  const parts: Each[][] = [];
  let tasks = 0;
  for (const action of actions) {
    tasks += action.endpointsCount;
    const part = parts.at(-1);
    if (part === undefined || tasks > most) {
      parts.push([action]);
      tasks = action.endpointsCount;
    } else {
      part.push(action);
    }
  }
  return parts;
}
