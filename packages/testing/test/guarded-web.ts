import { ConfigMap, Secret } from '@binnacle/client/kinds';
import { allow, controller, filler, guard, operator, refuse } from '@binnacle/runtime';
import type { Operator } from '@binnacle/runtime';
import { Web } from './web-operator.ts';

/** ConfigMaps that a Web of the same name needs stay; Webs get an environment when there is a Secret for it. */
export const guarded = (): Operator =>
  operator({
    name: 'web',
    controllers: [controller(Web, { steps: [] })],
    hooks: [
      guard({
        name: 'needed',
        kind: ConfigMap,
        on: ['DELETE'],
        reads: [Web],
        review: ({ ref }, view) => (view.get(Web, ref) === undefined ? allow : refuse(`Web ${ref.name} needs it`)),
      }),
      filler({
        name: 'environment',
        kind: Web,
        on: ['CREATE'],
        reads: [Secret],
        fill({ ref, object }, view) {
          const name = `${ref.name}-env`;
          return view.get(Secret, { ...ref, name }) === undefined || object === undefined ? object! : { ...object, spec: { ...object.spec, envFrom: name } };
        },
      }),
    ],
  });
