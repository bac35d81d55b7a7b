import { ApiError } from '@binnacle/client';
import type { Api, Clock } from '@binnacle/client';
import type { Logger } from '@binnacle/runtime';
import { z } from 'zod';

const Groups = z.object({ groups: z.array(z.object({ name: z.string() })) });
/** OpenShift's own: Routes, and the constraints that keep pods from choosing their user id. */
const OPENSHIFT = ['route.openshift.io', 'security.openshift.io'];
/** Between two questions to an API server that does not answer; ms. */
const AGAIN_MS = 5_000;

const PROMETHEUS_OPERATOR = 'monitoring.coreos.com';
const Resources = z.object({ resources: z.array(z.object({ name: z.string() })) });

/** What a cluster has beside Kubernetes. */
export interface Platform {
  readonly openShift: boolean;
  /** Which kinds of Prometheus Operator there are, by plural name: some install a few of its CRDs for a program of their own. */
  readonly prometheusOperator: readonly string[];
}

/** What the cluster is, by the API groups that it serves. Asks until it is told; nothing when the signal says that nobody wants to know any more. */
export async function platformOf(api: Pick<Api, 'raw'>, clock: Clock, log: Logger, signal: AbortSignal): Promise<Platform> {
  while (!signal.aborted) {
    try {
      const { groups } = Groups.parse(await api.raw({ method: 'GET', path: '/apis', signal }));
      const serves = (names: readonly string[]) => names.every((name) => groups.some((group) => group.name === name));
      return { openShift: serves(OPENSHIFT), prometheusOperator: serves([PROMETHEUS_OPERATOR]) ? await kindsOf(PROMETHEUS_OPERATOR, api, signal) : [] };
    } catch (error) {
      log.warn({ error: error instanceof Error ? error.message : String(error) }, 'the API server does not answer, will be asked again');
      await clock.sleep(AGAIN_MS, signal).catch(() => undefined); // rejects only when aborted, which the loop sees
    }
  }
  return { openShift: false, prometheusOperator: [] };
}

/** Plural names of a group's kinds in v1, without subresources; none where it has no v1. */
async function kindsOf(group: string, api: Pick<Api, 'raw'>, signal: AbortSignal): Promise<readonly string[]> {
  try {
    const { resources } = Resources.parse(await api.raw({ method: 'GET', path: `/apis/${group}/v1`, signal }));
    return resources.map(({ name }) => name).filter((name) => !name.includes('/'));
  } catch (error) {
    if (error instanceof ApiError && error.code === 404) return [];
    throw error;
  }
}
