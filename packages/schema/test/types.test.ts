import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Of } from '@binnacle/client';
import type { Container, Toleration } from '@binnacle/client/kinds';
import { k, resource } from '@binnacle/schema';
import { z } from 'zod';
import { Thing } from './thing.ts';

type ThingObject = Of<typeof Thing>;
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(yes: Equal<A, B>) => assert.ok(yes);

test('a kind carries the type of its objects, defaults filled in', () => {
  same<ThingObject['spec']['size'], number>(true);
  same<ThingObject['spec']['memory'], string | number>(true);
  same<ThingObject['spec']['grace'], string | undefined>(true);
  same<ThingObject['spec']['tolerations'], Toleration[] | undefined>(true);
  same<ThingObject['spec']['env'], { name: string; value: string }[]>(true);
  same<NonNullable<ThingObject['status']>['phase'], 'Pending' | 'Running' | undefined>(true);
  const part = k.podPart('Container');
  same<z.output<typeof part>, Container>(true);
  assert.equal(Thing.kind, 'Thing');
});

test('what cannot be does not compile', () => {
  const spec = z.object({ name: z.string() });
  const names = { group: 'ex.io', version: 'v1', kind: 'T', plural: 'ts', description: '', spec, status: z.object({}) } as const;
  // @ts-expect-error a map list's key is a field of its items
  const keyed = () => k.listMap(spec, 'nmae');
  // @ts-expect-error Kubernetes has no such piece
  assert.throws(() => k.podPart('Contianer'));
  // @ts-expect-error check sees the spec's type
  resource({ ...names, check: (now) => [{ reason: 'FieldValueInvalid', field: 'spec', message: String(now.spec.nmae) }] });
  // @ts-expect-error a reason is one of Kubernetes' own
  resource({ ...names, check: () => [{ reason: 'Wrong', field: 'spec', message: '' }] });
  assert.equal(typeof keyed, 'function');
});
