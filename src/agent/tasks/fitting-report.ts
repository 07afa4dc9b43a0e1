import { encode } from '#wire/codec.ts';
import { limits } from '#wire/limits.ts';
import type { Report, ReportedFile } from '#wire/report.ts';

/** Room for what stands around a report in its frame. */
const frameRoom = 1_024;

/**
 * Encodes a report so that it fits a frame. A task may name so many files that their words and paths do not: then the
 * words of successes are left out, then all words, then what was lost is only counted, then the paths go, which most orders
 * have under the same ordinals.
 */
export function fittingReport(report: Report, most = limits.frameBytes - frameRoom): Uint8Array {
  const shorter: readonly ((file: ReportedFile) => ReportedFile)[] = [
    (file) => file,
    (file) => ({ ...file, message: file.outcome === 'done' ? '' : file.message }),
    (file) => ({ ...file, message: '' }),
    (file) => ({ ...file, message: '', losses: counted(file.losses) }),
    (file) => ({ ...file, message: '', losses: counted(file.losses), path: null }),
  ];
  for (const shorten of shorter) {
    const bytes = encode({ ...report, files: report.files.map(shorten) });
    if (bytes.length <= most) {
      return bytes;
    }
  }
  throw new Error('The report of the task does not fit a frame.');
}

/** That something was lost is never left out (promise P6). */
function counted(losses: readonly string[]): string[] {
  return losses.length === 0 ? [] : [`lost: ${losses.length}`];
}
