import { eventually } from '../eventually.ts';
import type { Target, TestNamespace } from '../target.ts';
import { done } from './requests.ts';
import { reviewServer } from './review-server.ts';

/** What a webhook answers: the body of a review's response without its uid, another whole body as text, or nothing at all. */
export type Reply = { readonly allowed: boolean; readonly [field: string]: unknown } | { readonly status: number; readonly text: string } | 'silence';

/** A webhook server on loopback with a certificate of its own. */
export interface Hooks extends AsyncDisposable {
  /** Requests asked about, oldest first, with the path they came by; those that only wait for the webhook to be known are left out. */
  readonly asked: (Readonly<Record<string, any>> & { readonly path: string })[];
  /** Installs a webhook at `/<name>` for ConfigMaps of one namespace, and waits until it is asked. `more` replaces fields of the webhook. */
  install(target: Target, ns: TestNamespace, sort: 'mutating' | 'validating', name: string, more?: object): Promise<void>;
}

/** A name that tells whether a webhook is known yet, and is let through by it whatever it is for. */
const PROBE = 'probe';

export async function hooks(reply: (request: any, path: string) => Reply): Promise<Hooks> {
  await using started = new AsyncDisposableStack();
  const asked: (Readonly<Record<string, any>> & { readonly path: string })[] = [];
  const probed = new Set<string>();
  const server = started.use(
    await reviewServer(({ request: review }, path) => {
      const probe = review.name === PROBE;
      if (probe) probed.add(path.split('?')[0]!);
      else asked.push({ ...review, path });
      const said = probe ? { allowed: true } : reply(review, path);
      if (said === 'silence' || 'text' in said) return said;
      return { kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1', response: { uid: review.uid, ...said } };
    }),
  );
  const all = started.move();
  return {
    asked,
    async install(target, ns, sort, name, more = {}) {
      const plural = `/apis/admissionregistration.k8s.io/v1/${sort}webhookconfigurations`;
      const webhook = {
        name: `${name}.hooks.example.com`,
        clientConfig: { url: `${server.url}/${name}`, caBundle: server.caBundle },
        rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['*'] }],
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': ns.name } },
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
        ...more,
      };
      // The namespace in the name: configurations are the whole cluster's, and order by name matters.
      const own = `${name}-${ns.name}`;
      await done(target, 'POST', plural, { metadata: { name: own }, webhooks: [webhook] });
      all.defer(async () => void (await target.ask('DELETE', `${plural}/${own}`)));
      await eventually(`${own} is asked`, async () => {
        await target.ask('POST', `${ns.path('configmaps')}?dryRun=All`, { body: { metadata: { name: PROBE } } });
        return probed.has(`/${name}`);
      });
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** A JSON patch as a response carries it. */
export const patching = (...operations: readonly object[]) => ({
  allowed: true,
  patchType: 'JSONPatch',
  patch: Buffer.from(JSON.stringify(operations)).toString('base64'),
});
