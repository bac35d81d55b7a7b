import assert from 'node:assert/strict';
import { ApiError } from '@binnacle/client';
import { Lease, Pod } from '@binnacle/client/kinds';
import { Hazelcast } from '@binnacle/hazelcast';
import { manifests } from '../../../apps/binnacle/src/commands/manifests.ts';
import { entries, OPERATOR_NAMES } from '../../../apps/binnacle/src/operators.ts';
import { eventually } from '../../eventually.ts';
import { OPERATOR_IMAGE } from '../images/build.ts';
import type { Story } from '../story.ts';

export const SYSTEM = 'binnacle-system';

export const installStories: readonly Story[] = [
  {
    name: 'the operators are installed with kubectl from the generated manifests: two replicas each, under restricted, one leads',
    async run({ kubectl, api }) {
      await kubectl(['apply', '-f', '-'], manifests('install', entries(), { image: OPERATOR_IMAGE }));
      for (const name of OPERATOR_NAMES) await kubectl(['-n', SYSTEM, 'rollout', 'status', `deployment/${name}-operator`, '--timeout=240s']);
      for (const name of OPERATOR_NAMES) {
        const holder = await eventually(
          `${name} leads`,
          async () => (await api.get(Lease, { namespace: SYSTEM, name: `${name}-operator` })).spec?.holderIdentity,
        );
        const { items } = await api.list(Pod, { namespace: SYSTEM, labelSelector: `app.kubernetes.io/name=${name}-operator` });
        assert.equal(items.length, 2);
        assert.ok(
          items.some((pod) => holder.startsWith(pod.metadata.name)),
          `${holder} is one of the pods`,
        );
        assert.equal(new Set(items.map((pod) => pod.spec?.nodeName)).size, 2, 'the replicas are on two nodes');
      }
    },
  },
  {
    name: 'the admission webhooks answer through their Services, with certificates that the API server trusts',
    async run({ api }) {
      const object = {
        metadata: { namespace: 'default', name: 'refused' },
        spec: { clusterSize: 1, persistence: { pvc: { accessModes: ['ReadWriteOnce'], requestStorage: '1Gi' } } },
      };
      // The CRD lets it through: nobody but the operator knows that this needs a licence.
      await eventually(
        'it is refused by the webhook',
        async () => {
          const error = await api.create(Hazelcast, object, { dryRun: true }).then(
            () => undefined,
            (reason: unknown) => reason,
          );
          assert.ok(error instanceof ApiError, 'it was let through');
          assert.match(error.message, /admission webhook "validate\.hazelcasts\.hazelcast\.com" denied the request: .*persistence/);
          return true;
        },
        30_000,
      );
    },
  },
];
