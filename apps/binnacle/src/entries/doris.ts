import { createRequire } from 'node:module';
import { dorisOperator, dorisResources } from '@binnacle/doris';
import type * as Simulator from '@binnacle/doris/simulator';
import type { Entry } from './entry.ts';

const require = createRequire(import.meta.url);

export const doris: Entry = {
  name: 'doris',
  title: 'Doris',
  resources: dorisResources,
  get images() {
    return (require('@binnacle/doris/simulator') as typeof Simulator).dorisImages;
  },
  create: dorisOperator,
  createForSandbox: dorisOperator,
};
