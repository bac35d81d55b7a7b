import type { Subject } from '@binnacle/testing';
import { Web, webOperator } from './web-operator.ts';

/** The operator of docs/runtime.md, with pods that do nothing until they are stopped. */
export const web: Subject = {
  name: 'web',
  resources: [Web],
  images: [
    {
      image: /nginx/,
      program: (container) => new Promise((resolve) => container.signal.addEventListener('abort', () => resolve(0), { once: true })),
    },
  ],
  create: webOperator,
};
