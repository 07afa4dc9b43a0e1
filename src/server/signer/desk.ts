import type { SignerRefusal, StatementKind } from '#core/ports/order-signer.ts';
import type { SignatureContext } from '#wire/signature.ts';
import { signBytes, signBytesAside } from '#wire/signature.ts';
import type { SignerAnswer, SignerQuestion, SignerResult } from '#wire/signer.ts';

import type { Judge, Objection } from './judge.ts';
import type { KeyRing } from './key-ring.ts';
import type { RefusalLog } from './refusal-log.ts';

export interface DeskTools {
  readonly ring: Pick<KeyRing, 'current'>;
  readonly judge: Judge;
  readonly refusals: RefusalLog;
}

/** What a statement of each kind is signed as. */
export const statementContexts: Readonly<Record<StatementKind, SignatureContext>> = {
  trust: 'custody-trust-v1',
  ledger: 'custody-ledger-v1',
};

/** Answers a server. What the owner's policy does not allow is refused, written down, and never signed. */
export async function answerQuestion(tools: DeskTools, question: SignerQuestion): Promise<SignerAnswer> {
  const { key, publicKey, changes } = await tools.ring.current();
  switch (question.ask) {
    case 'sign': {
      const objections = question.orders.map((order) => tools.judge.admit(order));
      await writeDown(tools, objections);
      const results = await Promise.all(
        question.orders.map((order, index) => {
          const objection = objections[index];
          return objection === undefined ? signBytesAside('custody-order-v1', order, key) : told(objection.refusal);
        }),
      );
      return { publicKey, results, changes: [] };
    }
    case 'judge': {
      const objections = question.orders.map((order) => tools.judge.objection(order));
      return { publicKey, results: objections.map((each) => (each ? told(each.refusal) : null)), changes: [] };
    }
    case 'statement': {
      const { kind, bytes } = question;
      const refusal = tools.judge.statementObjection(kind, bytes);
      if (refusal !== undefined) {
        await writeDown(tools, [{ refusal, order: undefined }]);
        return { publicKey, results: [told(refusal)], changes: [] };
      }
      return { publicKey, results: [signBytes(statementContexts[kind], bytes, key)], changes: [] };
    }
    case 'changes':
      return { publicKey, results: [], changes: [...changes] };
  }
}

function told({ rule, message, retryAfter }: SignerRefusal): SignerResult {
  return { rule, message, retryAfter };
}

function writeDown({ refusals }: DeskTools, objections: readonly (Objection | undefined)[]): Promise<void> {
  return refusals.add(
    objections.flatMap((each) =>
      each === undefined ? [] : [{ rule: each.refusal.rule, why: each.refusal.message, order: each.order }],
    ),
  );
}
