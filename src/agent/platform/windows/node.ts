import type { Handle, NodeFacts } from '../platform.ts';
import { fileClass } from './constants.ts';
import { factsOf } from './facts.ts';
import {
  attributeTagBytes,
  basicBytes,
  idBytes,
  readAttributeTag,
  readBasic,
  readId,
  readStandard,
  standardBytes,
} from './file-information.ts';
import { queryFile } from './query.ts';

export function handleFacts(handle: Handle): NodeFacts {
  return factsOf({
    basic: readBasic(queryFile(handle, fileClass.basic, basicBytes)),
    standard: readStandard(queryFile(handle, fileClass.standard, standardBytes)),
    id: readId(queryFile(handle, fileClass.id, idBytes)),
    tag: readAttributeTag(queryFile(handle, fileClass.attributeTag, attributeTagBytes)),
  });
}
