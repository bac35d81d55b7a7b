import type { AnyKind, Api, Clock, Live, Ref } from '@binnacle/client';
import { MutatingWebhookConfiguration, Secret, ValidatingWebhookConfiguration } from '@binnacle/client/kinds';
import { jsonEqual } from '@binnacle/schema';
import { bundle } from '../certificates/rotation.ts';
import type { Serving } from '../certificates/rotation.ts';
import type { Logger } from '../log.ts';
import type { Operator } from '../operator/operator.ts';
import { hostsOf, mutatingWebhooks, validatingWebhooks, webhookConfigurationName, webhookSecretName } from './configuration.ts';
import type { At, Reach } from './configuration.ts';
import { contest } from './contest.ts';
import { follow } from './follow.ts';
import { pathOf } from './hook.ts';
import type { Hook } from './hook.ts';
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
  /** Takes the place of HTTPS, for tests that bring an API server along. Default: HTTPS at `host` and `port`. */
  readonly serve?: typeof webhookServer;
}

/** Certificates and configuration are looked at so often, changed or not; ms. Well under the time that a new authority is trusted before it signs. */
export const CHECK_MS = 6 * 3_600_000;
/** After a look that failed; ms. */
const RETRY_MS = 10_000;

interface Parts {
  readonly operator: Operator;
  readonly api: Api;
  readonly clock: Clock;
  readonly log: Logger;
  readonly webhook: WebhookOptions;
  readonly knowledge: Knowledge;
}

/**
 * Serves the webhook of an operator's kinds until `signal`: keeps its certificates in the Secret, tells the API server where it is and whom to trust, renews
 * all that in time, and puts it back when somebody changes it. What fails is logged and tried again: without it writes are let through, and reconciles judge
 * them. Never rejects.
 */
export async function serveWebhooks(given: Parts, signal: AbortSignal): Promise<void> {
  const parts = { ...given, log: given.log.child({ webhook: webhookConfigurationName(given.operator) }) };
  let bell = new AbortController();
  const following = followed(parts, () => bell.abort(), signal);
  await using looking = looker(parts, signal);
  while (!signal.aborted) {
    // New before the look: what changes while it goes on is looked at once more.
    bell = new AbortController();
    const well = await looking.look();
    await rest(parts.clock, well ? CHECK_MS : RETRY_MS, AbortSignal.any([signal, bell.signal]));
    await rest(parts.clock, looking.pauseMs, signal);
  }
  await following;
}

/** Ends early, and without a word, when `signal` is aborted. */
const rest = async (clock: Clock, ms: number, signal: AbortSignal): Promise<void> => await clock.sleep(ms, signal).catch(() => undefined);

/** Calls `changed` when what is looked at is changed: without the configurations whoever should be asked is not, and says nothing. */
async function followed({ operator, api, clock, log, webhook }: Parts, changed: () => void, signal: AbortSignal): Promise<void> {
  const { namespace } = webhook;
  const configuration = { name: webhookConfigurationName(operator) };
  const one = (kind: AnyKind, ref: Ref) => follow({ api, clock, log, deniedMs: CHECK_MS }, kind, ref, changed, signal);
  await Promise.all([
    one(ValidatingWebhookConfiguration, configuration),
    ...(operator.hooks.some(isFiller) ? [one(MutatingWebhookConfiguration, configuration)] : []),
    one(Secret, { namespace, name: webhookSecretName(operator) }),
  ]);
}

/** Looks whether all is as it should be, and makes it so; its server listens from the first look that succeeds until it is disposed of. */
interface Looker extends AsyncDisposable {
  /** Whether all is well now. */
  look(): Promise<boolean>;
  /** How long to wait at least before the next look; ms. */
  readonly pauseMs: number;
}

function looker(parts: Parts, signal: AbortSignal): Looker {
  const { operator, api, clock, log, webhook } = parts;
  const others = contest(clock);
  let server: WebhookServer | undefined;
  let shown: Serving | undefined;
  const put = (was: Live<Configuration>, isFirst: boolean): void => {
    if (!isFirst) others.putBack();
    const said = { port: server!.port, managers: [...new Set(managersOf(was))].toSorted() };
    if (!others.isOne) return log.info(said, 'webhook announced');
    const { times, pauseMs } = others;
    log.warn(
      { ...said, times, pauseMs },
      'webhook announced again: somebody keeps changing its configuration or its certificates, and until they are put back nothing is judged or guarded: take them out of what that tool manages',
    );
  };
  const serve = async (serving: Serving): Promise<void> => {
    const isFirst = server === undefined;
    server ??= await (webhook.serve ?? webhookServer)({
      leaf: serving.leaf,
      review: reviewers(operator, parts.knowledge, log),
      port: webhook.port,
      host: webhook.host,
    });
    // Clients are told whom to trust before they are shown what is signed by it.
    await announce(parts, server.port, bundle(serving), signal, (was) => put(was, isFirst));
    server.use(serving.leaf);
    shown = serving;
  };
  const keep = async (): Promise<void> => {
    const secret = { namespace: webhook.namespace, name: webhookSecretName(operator) };
    const kept = await keptCertificates(api, { secret, hosts: hostsOf(webhook.reach, webhook.namespace), nowMs: clock.now(), signal }).catch(
      async (error: unknown) => {
        // Without the Secret nothing is renewed; what is shown meanwhile must be announced all the same.
        if (shown !== undefined) await serve(shown);
        throw error;
      },
    );
    await serve(kept);
  };
  return {
    look: () =>
      keep().then(
        () => true,
        (error: unknown) => {
          if (!signal.aborted)
            log.warn({ error: error instanceof Error ? error.message : String(error) }, 'the webhook is not served as it should be, will be tried again');
          return false;
        },
      ),
    get pauseMs() {
      return others.pauseMs;
    },
    [Symbol.asyncDispose]: async () => await server?.[Symbol.asyncDispose](),
  };
}

/** Declared kinds at `/`, each hook at its path. */
function reviewers(operator: Operator, knowledge: Knowledge, log: Logger): PathReviewer {
  const declared = webhooks(...operator.judges);
  const hooks = new Map(operator.hooks.map((hook) => [pathOf(hook), hookReviewer(hook, knowledge, log)]));
  // The API server adds a query of its own: how long it waits.
  return (url, review) => (hooks.get(url.split('?')[0]!) ?? declared)(review);
}

type Configuration = typeof ValidatingWebhookConfiguration | typeof MutatingWebhookConfiguration;

/** Who has written fields of it. */
const managersOf = ({ metadata }: Live<Configuration>): readonly string[] => metadata.managedFields?.flatMap(({ manager = [] }) => manager) ?? [];

const isFiller = ({ type }: Hook): boolean => type === 'filler';

/** Writes the configurations that say something else; `written` is told of each as it was. */
async function announce(
  { operator, api, webhook }: Parts,
  port: number,
  bundle: string,
  signal: AbortSignal,
  written: (was: Live<Configuration>) => void,
): Promise<void> {
  const name = webhookConfigurationName(operator);
  const write = async (kind: Configuration, webhooks: readonly object[]): Promise<void> => {
    // Read first: applying to one that is not there would need the right to make any.
    const live = await api.get(kind, { name }, { signal });
    if (jsonEqual(live.webhooks ?? [], webhooks)) return;
    await api.apply(kind, { metadata: { name }, webhooks } as never, { fieldManager: `${operator.name}-webhook`, force: true, signal });
    written(live);
  };
  const at: At = { ...webhook, port, bundle };
  await write(ValidatingWebhookConfiguration, validatingWebhooks(operator.judges, operator.hooks, at));
  const wanted = mutatingWebhooks(operator.hooks, at);
  if (wanted.length > 0) await write(MutatingWebhookConfiguration, wanted);
}
