import type { Subject } from '@binnacle/testing';
import { agents } from '../src/backup/agent/client.ts';
import { AgentError } from '../src/backup/agent/error.ts';
import { hazelcastOperator } from '../src/index.ts';
import { overheard } from './subject.ts';

/** The operator, to which no agent tells what is on its volume for as long as `silent` says. */
export function silentAgents(silent: { readonly now: boolean }): Subject {
  const { subject, buckets } = overheard();
  return {
    ...subject,
    create(parts) {
      const inner = agents(parts);
      const localBackups: typeof inner.localBackups = async (...asked) => {
        if (silent.now) throw new AgentError('unreachable', 'silent');
        return await inner.localBackups(...asked);
      };
      return hazelcastOperator({ ...parts, buckets, agents: { ...inner, localBackups } });
    },
  };
}
