import { dorisOperator, dorisResources } from '@binnacle/doris';
import { dorisImages } from '@binnacle/doris/simulator';
import type { Entry } from './entry.ts';

export const doris: Entry = { name: 'doris', title: 'Doris', resources: dorisResources, images: dorisImages, create: dorisOperator };
