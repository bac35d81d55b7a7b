import { systemClock } from '@binnacle/client';
import { done } from '../conformance/requests.ts';
import { reviewServer } from '../conformance/review-server.ts';
import type { Target } from '../target.ts';

const SHORT_MS = 25;
const LONG_MS = 350;
/** Of how many writes one waits long. */
const LONG_OF = 6;

/**
 * Every write to a namespace of a story waits a little, by chance and some of them long, whoever writes: what comes before what only because somebody is
 * fast does not come so each time. A webhook does it, so that it works on any API server.
 */
export async function jitter(target: Target): Promise<AsyncDisposable> {
  const clock = systemClock();
  const server = await reviewServer(async ({ request: { uid } }) => {
    const most = Math.random() * LONG_OF < 1 ? LONG_MS : SHORT_MS;
    await clock.sleep(Math.random() * most);
    return { kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1', response: { uid, allowed: true } };
  });
  const webhook = {
    name: 'jitter.example.com',
    clientConfig: { url: `${server.url}/jitter`, caBundle: server.caBundle },
    rules: [{ apiGroups: ['', 'apps', 'batch', 'policy'], apiVersions: ['*'], resources: ['*/*'], operations: ['*'] }],
    namespaceSelector: { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['kube-system'] }] },
    failurePolicy: 'Ignore',
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
  };
  await done(target, 'POST', '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations', { metadata: { name: 'jitter' }, webhooks: [webhook] });
  return server;
}
