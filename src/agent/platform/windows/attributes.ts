import fs from 'node:fs';
import type { Attribute, Handle } from '../platform.ts';
import { access, disposition, fileClass, option, share } from './constants.ts';
import { descriptorOf, kernelHandleOf } from './descriptors.ts';
import { readStreams, type Stream } from './file-information.ts';
import { isUnknownToSystem, NtError } from './nt-status.ts';
import { openName } from './open.ts';
import { queryGrowing } from './query.ts';
import { securityOf } from './security.ts';

/** The attribute that holds owner and access list; a stream's name begins with a colon, so that none is like it. */
const securityName = 'security';
const mostStreamBytes = 64 * 1024;
const longestList = 1024 * 1024;

/**
 * The alternate data streams, such as `:Zone.Identifier:$DATA`, which says where a file was downloaded from, and the
 * security descriptor in SDDL.
 * @throws Error `EFBIG` where a stream is larger than an attribute may be: it is never left out in silence.
 */
export function readAttributes(file: Handle): readonly Attribute[] {
  const streams = streamsOf(file);
  const security = securityOf(file);
  return [
    ...streams.map((stream) => ({ name: stream.name, value: readStream(file, stream) })),
    ...(security === undefined ? [] : [{ name: securityName, value: new TextEncoder().encode(security) }]),
  ];
}

/** @throws NtError `ENOTSUP` for everything but streams: owner and list are not brought back before that was tried. */
export function writeAttribute(file: Handle, { name, value }: Attribute): void {
  const stream = openStream(file, demandStream(name), {
    access: access.genericWrite,
    disposition: disposition.overwriteOrCreate,
  });
  try {
    for (let written = 0; written < value.length; ) {
      written += fs.writeSync(stream, value, written, value.length - written, written);
    }
  } finally {
    fs.closeSync(stream);
  }
}

export function removeAttribute(file: Handle, name: string): void {
  const opening = { access: access.delete, disposition: disposition.open, options: option.deleteOnClose };
  fs.closeSync(openStream(file, demandStream(name), opening));
}

/** None on a file system that has no streams. */
function streamsOf(file: Handle): readonly Stream[] {
  try {
    return readStreams(queryGrowing(file, fileClass.stream, longestList));
  } catch (failure) {
    if (isUnknownToSystem(failure)) {
      return [];
    }
    throw failure;
  }
}

function demandStream(name: string): string {
  if (!/^:[^:\\/\0]+:\$DATA$/u.test(name)) {
    throw new NtError('NtCreateFile', 0xc00000bb);
  }
  return name;
}

function readStream(file: Handle, { name, size }: Stream): Uint8Array {
  if (size > mostStreamBytes) {
    throw Object.assign(new Error(`The stream ${name} has ${size} bytes.`), { code: 'EFBIG' });
  }
  const stream = openStream(file, name, { access: access.readData, disposition: disposition.open });
  try {
    const value = new Uint8Array(Number(size));
    const length = fs.readSync(stream, value, 0, value.length, 0);
    return value.subarray(0, length);
  } finally {
    fs.closeSync(stream);
  }
}

interface StreamOpening {
  readonly access: number;
  readonly disposition: number;
  readonly options?: number;
}

/** A stream is opened relative to the open file itself, whatever name the file has by now. */
function openStream(file: Handle, name: string, { options = 0, ...opening }: StreamOpening): Handle {
  const sharing = share.read | share.write | share.delete;
  return descriptorOf(openName(kernelHandleOf(file), name, { ...opening, options, share: sharing }));
}
