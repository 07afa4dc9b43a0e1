import { expect, test } from 'bun:test';
import { UploadProgress } from '#core/file/upload-progress.ts';
import { taskId } from '../conformance/store/records.ts';

test('What came of the files of tasks is told together, and each as it was noted last.', () => {
  const progress = new UploadProgress();
  expect(progress.of([taskId(1)])).toBeNull();
  progress.note(taskId(1), 0, { received: 0, size: 10 });
  progress.note(taskId(1), 1, { received: 5, size: 5 });
  progress.note(taskId(1), 0, { received: 8, size: 10 });
  progress.note(taskId(2), 0, { received: 1, size: 2 });
  expect(progress.of([taskId(1)])).toEqual({ bytesReceived: 13, bytesTotal: 15, files: 2 });
  expect(progress.of([taskId(1), taskId(2), taskId(3)])).toEqual({ bytesReceived: 14, bytesTotal: 17, files: 3 });
  progress.forget(taskId(1), 0);
  progress.forget(taskId(1), 7);
  expect(progress.of([taskId(1)])).toEqual({ bytesReceived: 5, bytesTotal: 5, files: 1 });
  progress.forget(taskId(1), 1);
  expect(progress.of([taskId(1)])).toBeNull();
});

test('Where there are too many, the task that was quiet for longest is forgotten whole.', () => {
  const progress = new UploadProgress(3);
  const file = { received: 0, size: 1 };
  for (const task of [1, 2, 1]) {
    progress.note(taskId(task), task, file);
  }
  progress.note(taskId(1), 9, file);
  progress.note(taskId(3), 0, file);
  expect([1, 2, 3].map((task) => progress.of([taskId(task)])?.files)).toEqual([2, undefined, 1]);
  for (const ordinal of [1, 2, 3, 4]) {
    progress.note(taskId(3), ordinal, file);
  }
  expect([1, 3].map((task) => progress.of([taskId(task)])?.files)).toEqual([undefined, 5]);
});
