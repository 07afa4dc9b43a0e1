import type { StopStanding } from './stop-standing.ts';

/** What people are told of a request to stop a task. */
export const stopWords: Readonly<Record<StopStanding, string>> = {
  requested: 'Its agent was asked to stop, and has not said yet what it had done by then.',
  before_effect: 'It was stopped before anything was done there.',
  after_effect: 'It could not be stopped: what was ordered had been done there.',
  partly: 'It was stopped in between: some files were done, and the others were not begun.',
  too_late: 'It had ended there before anybody asked.',
};
