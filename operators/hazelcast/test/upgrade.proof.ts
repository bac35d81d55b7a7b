import { test } from 'node:test';
import { crashEverywhere } from '@binnacle/testing';
import { Hazelcast } from '../src/index.ts';
import { life } from './stories.ts';
import type { Wish } from './stories.ts';
import { REF, ready, want } from './subject.ts';

const TWO: Wish = { clusterSize: 2 };

test('an upgrade takes one member at a time, wherever the operator dies', async (t) => {
  await crashEverywhere(t, () => life({ given: TWO, when: { upgraded: { ...TWO, version: '5.5.1' } } }));
});

test('an upgrade that is taken back half-way ends with the version of before, wherever the operator dies', async (t) => {
  const at = (version: string): Wish => ({ ...TWO, licenseKeySecretName: 'licence', version });
  await crashEverywhere(t, () =>
    life({
      given: at('5.4.0'),
      when: {
        async reverted(w) {
          await want(w, at('5.5.0'));
          await w.until(Hazelcast, REF, (now) => now?.status?.conditions?.some(({ reason }) => reason === 'RollingUpdate') === true);
          await want(w, at('5.4.0'));
          await ready(w);
        },
      },
      round: true,
    }),
  );
});
