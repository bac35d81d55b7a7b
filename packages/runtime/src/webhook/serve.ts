import type { Api, Clock } from '@binnacle/client';
import { MutatingWebhookConfiguration, ValidatingWebhookConfiguration } from '@binnacle/client/kinds';
import { jsonEqual } from '@binnacle/schema';
import { bundle } from '../certificates/rotation.ts';
import type { Logger } from '../log.ts';
import type { Operator } from '../operator/operator.ts';
import { hostsOf, mutatingWebhooks, validatingWebhooks, webhookConfigurationName, webhookSecretName } from './configuration.ts';
import type { At, Reach } from './configuration.ts';
import { pathOf } from './hook.ts';
import { hookReviewer } from './hook-review.ts';
import type { Knowledge } from './hook-review.ts';
import { webhooks } from './review.ts';
import { keptCertificates } from './secret.ts';
import { webhookServer } from './server.ts';
import type { PathReviewer, WebhookServer } from './server.ts';

/** How an operator's webhook is served and found. */
export interface WebhookOptions {
  /** 0: any that is free; then it must be reached by host. */
  readonly port: number;
  /** Address to listen on: `0.0.0.0` in a pod. */
  readonly host: string;
  /** The operator's own: of the Secret with the certificates, and of the Service. */
  readonly namespace: string;
  readonly reach: Reach;
}

/** Certificates and configuration are looked at so often; ms. Well under the time that a new authority is trusted before it signs. */
export const CHECK_MS = 6 * 3_600_000;
/** After a look that failed; ms. */
const RETRY_MS = 10_000;

/**
 * Serves the webhook of an operator's kinds until `signal`: keeps its certificates in the Secret, tells the API server where it is and whom to trust, and
 * renews all that in time. What fails is logged and tried again: without it writes are let through, and reconciles judge them. Never rejects.
 */
export async function serveWebhooks(
  parts: {
    readonly operator: Operator;
    readonly api: Api;
    readonly clock: Clock;
    readonly log: Logger;
    readonly webhook: WebhookOptions;
    readonly knowledge: Knowledge;
  },
  signal: AbortSignal,
): Promise<void> {
  const { operator, clock, webhook } = parts;
  const log = parts.log.child({ webhook: webhookConfigurationName(operator) });
  await using opened = new AsyncDisposableStack();
  let server: WebhookServer | undefined;
  const look = async (): Promise<void> => {
    const secret = { namespace: webhook.namespace, name: webhookSecretName(operator) };
    const serving = await keptCertificates(parts.api, { secret, hosts: hostsOf(webhook.reach, webhook.namespace), nowMs: clock.now(), signal });
    if (server === undefined) {
      const review = reviewers(operator, parts.knowledge, log);
      server = opened.use(await webhookServer({ leaf: serving.leaf, review, port: webhook.port, host: webhook.host }));
    }
    // Clients are told whom to trust before they are shown what is signed by it.
    if (await announced(parts, server.port, bundle(serving), signal)) log.info({ port: server.port }, 'webhook announced');
    server.use(serving.leaf);
  };
  while (!signal.aborted) {
    const well = await look().then(
      () => true,
      (error: unknown) => {
        if (!signal.aborted)
          log.warn({ error: error instanceof Error ? error.message : String(error) }, 'the webhook is not served as it should be, will be tried again');
        return false;
      },
    );
    await clock.sleep(well ? CHECK_MS : RETRY_MS, signal).catch(() => undefined); // rejects only when stopped
  }
}

/** Declared kinds at `/`, each hook at its path. */
function reviewers(operator: Operator, knowledge: Knowledge, log: Logger): PathReviewer {
  const declared = webhooks(...operator.judges);
  const hooks = new Map(operator.hooks.map((hook) => [pathOf(hook), hookReviewer(hook, knowledge, log)]));
  // The API server adds a query of its own: how long it waits.
  return (url, review) => (hooks.get(url.split('?')[0]!) ?? declared)(review);
}

/** Writes the configurations if they say something else. Whether it did. */
async function announced({ operator, api, webhook }: Parameters<typeof serveWebhooks>[0], port: number, bundle: string, signal: AbortSignal): Promise<boolean> {
  const at: At = { ...webhook, port, bundle };
  const validating = await announce(api, operator, ValidatingWebhookConfiguration, validatingWebhooks(operator.judges, operator.hooks, at), signal);
  const wanted = mutatingWebhooks(operator.hooks, at);
  return (wanted.length > 0 && (await announce(api, operator, MutatingWebhookConfiguration, wanted, signal))) || validating;
}

async function announce<K extends typeof ValidatingWebhookConfiguration | typeof MutatingWebhookConfiguration>(
  api: Api,
  operator: Operator,
  kind: K,
  webhooks: readonly object[],
  signal: AbortSignal,
): Promise<boolean> {
  const name = webhookConfigurationName(operator);
  // Read first: applying to one that is not there would need the right to make any.
  const live: { readonly webhooks?: readonly unknown[] } = await api.get(kind, { name }, { signal });
  if (jsonEqual(live.webhooks ?? [], webhooks)) return false;
  await api.apply(kind, { metadata: { name }, webhooks } as never, { fieldManager: `${operator.name}-webhook`, force: true, signal });
  return true;
}
