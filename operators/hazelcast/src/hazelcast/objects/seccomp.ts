import type { Live } from '@binnacle/client';
import type { PodSecurityContext, StatefulSet } from '@binnacle/client/kinds';

/**
 * The system calls that pods may make: the runtime's usual ones, without which the `restricted` Pod Security level lets no pod in. The existing operator says
 * nothing of it: pods that are taken over (`taken`) get it when they restart for another reason, and those that restarted without it do not restart for it.
 */
export function seccomp(live: Live<typeof StatefulSet> | undefined, taken: boolean): Pick<PodSecurityContext, 'seccompProfile'> {
  const without = live !== undefined && !taken && live.spec?.template?.spec?.securityContext?.seccompProfile === undefined;
  return without ? {} : { seccompProfile: { type: 'RuntimeDefault' } };
}
