import { bytesOf, type TreeHead } from './merkle.ts';

/** Of the signed note: its text, and what it says. */
interface Note extends TreeHead {
  readonly text: string;
  readonly origin: string;
  readonly signatures: readonly string[];
}

/** A C2SP checkpoint. @throws Error where it is none */
export function readCheckpoint(note: string): Note {
  const end = note.lastIndexOf('\n\n');
  const text = note.slice(0, end + 1);
  const [origin = '', size = '', root = ''] = text.split('\n');
  if (end < 1 || !/^\d+$/.test(size) || root === '') {
    throw new Error('What the server calls its checkpoint is none.');
  }
  return { text, origin, size: Number(size), root, signatures: note.slice(end + 2).split('\n') };
}

/** `unknown`: this browser cannot check signatures of this kind. */
export type SignatureState = 'right' | 'wrong' | 'unknown';

const idLength = 4;
const kindLength = 1;

/** Whether the key signed it. @param verifierKey `name+id+key`, as verifiers of signed notes take it */
export async function checkSignature(note: Note, verifierKey: string): Promise<SignatureState> {
  const [, name = '', coded = ''] = /^([^+]+)\+[0-9a-f]+\+(.+)$/.exec(verifierKey) ?? [];
  const line = note.signatures.find((each) => each.startsWith(`— ${name} `));
  if (line === undefined) {
    return 'wrong';
  }
  let key: CryptoKey;
  try {
    key = await crypto.subtle.importKey('raw', bytesOf(coded).slice(kindLength), 'Ed25519', false, ['verify']);
  } catch {
    return 'unknown';
  }
  const signature = bytesOf(line.slice(`— ${name} `.length)).slice(idLength);
  const isRight = await crypto.subtle.verify('Ed25519', key, signature, new TextEncoder().encode(note.text));
  return isRight ? 'right' : 'wrong';
}
