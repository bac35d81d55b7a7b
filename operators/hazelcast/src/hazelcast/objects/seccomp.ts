import type { Live } from '@binnacle/client';
import type { PodSecurityContext, StatefulSet } from '@binnacle/client/kinds';

/**
 * The system calls that pods may make: the runtime's usual ones, without which the `restricted` Pod Security level lets no pod in. Only for pods that are new
 * anyway: the existing operator says nothing of it, and to add it would restart what is taken over.
 */
export function seccomp(live: Live<typeof StatefulSet> | undefined): Pick<PodSecurityContext, 'seccompProfile'> {
  const taken = live !== undefined && live.spec?.template?.spec?.securityContext?.seccompProfile === undefined;
  return taken ? {} : { seccompProfile: { type: 'RuntimeDefault' } };
}
